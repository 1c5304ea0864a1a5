package verify

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	minSecret   = 32 // bytes (RFC 7518, section 3.2)
	minDistinct = 6  // different bytes; fewer happen once in 10^12 in random hexadecimal
	cureSecret  = "make one with `openssl rand -base64 32`"
)

// tells are words of secrets that stand in manuals and examples. 43 random characters
// of base64 hold the shortest once in 10^7.
var tells = [][]byte{
	[]byte("secret"), []byte("changeme"), []byte("change-me"), []byte("change_me"), []byte("password"),
	[]byte("placeholder"), []byte("example"), []byte("your-"), []byte("your_"), []byte("default"),
	[]byte("qwerty"), []byte("supersafe"), []byte("jwt-key"), []byte("jwtkey"),
}

// checkSecret refuses what is known or constant. It cannot tell a weak secret from a
// random one in general.
func checkSecret(secret []byte) error {
	if len(secret) < minSecret {
		return fmt.Errorf("has %d bytes, needs at least %d random ones", len(secret), minSecret)
	}
	var seen [256]bool
	distinct, up, down := 0, 0, 0
	for i, b := range secret {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		if i > 0 && b == secret[i-1]+1 {
			up++
		}
		if i > 0 && b == secret[i-1]-1 {
			down++
		}
	}
	switch {
	case distinct < minDistinct:
		return fmt.Errorf("repeats %d byte values and is not random", distinct)
	case max(up, down) > len(secret)/2:
		return errors.New("counts up or down and is not random")
	case period(secret) < minSecret && period(secret) <= len(secret)/2:
		return errors.New("repeats a shorter one")
	}
	lower := bytes.ToLower(secret)
	for _, word := range tells {
		if bytes.Contains(lower, word) {
			return errors.New("is a known one or was made up by a person")
		}
	}
	return nil
}

// period is the least p such that the secret is its first p bytes, again and again.
func period(secret []byte) int {
	for p := 1; p < len(secret); p++ {
		if bytes.Equal(secret[p:], secret[:len(secret)-p]) {
			return p
		}
	}
	return len(secret)
}

// secretID names a secret without telling it: no other use of it derives these bytes.
func secretID(secret []byte) string {
	id, err := hkdf.Key(sha256.New, secret, nil, "torii/jwt/kid/v1", 16)
	if err != nil {
		panic("verify: " + err.Error()) // 16 bytes are never too many (RFC 5869)
	}
	return base64.RawURLEncoding.EncodeToString(id)
}
