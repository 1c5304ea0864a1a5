package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

const (
	entropy = 32 // bytes
	length  = 43 // characters: 256 bits in base64url, unpadded
)

// New returns a bearer token of 256 random bits as 43 characters of
// base64url. It carries no structure: no user, no time, no key.
func New() Secret {
	var b [entropy]byte
	// Read never fails: the runtime ends the process rather than hand out
	// weak randomness.
	_, _ = rand.Read(b[:])
	return Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// HashOf returns the SHA-256 of the exact bytes of s: what is stored in place
// of a token. It is for secrets of 128 bits and more. A password or a short
// code is guessed from such a hash in seconds: hash the first with passhash
// and the second with Keys.MAC.
func HashOf(s string) [32]byte { return sha256.Sum256([]byte(s)) }

// Parse returns the hash to look a received token up by, equal to HashOf(s),
// and true; or false if s is not a token that New could have made. A token
// has exactly one spelling: no padding, no white space, nothing before or
// after it. Parse does not allocate and says nothing about whether the token
// was ever issued.
func Parse(s string) ([32]byte, bool) {
	if len(s) != length {
		return [32]byte{}, false
	}
	// Not base64.Decode: it skips line breaks, and unless strict it ignores
	// the two bits left over, so that one token would have many spellings.
	var last byte
	for i := range len(s) {
		v, ok := sextet(s[i])
		if !ok {
			return [32]byte{}, false
		}
		last = v
	}
	if last&0b11 != 0 {
		return [32]byte{}, false
	}
	var b [length]byte
	copy(b[:], s)
	return sha256.Sum256(b[:]), true
}

// sextet returns the value of one base64url character.
func sextet(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '-':
		return 62, true
	case c == '_':
		return 63, true
	}
	return 0, false
}
