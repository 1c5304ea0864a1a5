package token

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"strings"
)

const version = "v1"

// Line breaks are refused apart: even the strict decoder skips them.
var encoding = base64.RawURLEncoding.Strict()

// Seal encrypts plaintext with AES-256-GCM under the newest key of a purpose
// and returns "v1.<key id>.<base64url>". What aad holds (table, row, column)
// is not stored: Open wants the same again, so that a value copied to another
// row does not open there.
//
// The length of plaintext shows. Nonces are random, so one secret is good for
// 2^32 values a purpose.
func (k *Keys) Seal(p Purpose, plaintext []byte, aad ...string) (string, error) {
	key := k.ring[0]
	aead, err := key.aead(p)
	if err != nil {
		return "", fmt.Errorf("token: seal: %w", err)
	}
	sealed := aead.Seal(nil, nil, plaintext, key.bind(aad))
	return version + "." + key.id + "." + encoding.EncodeToString(sealed), nil
}

// Open returns what Seal was given. Every refusal wraps ErrOpen: an unknown
// version or key id, another purpose or aad, an altered, shortened or
// respelled value, an empty string.
func (k *Keys) Open(p Purpose, sealed string, aad ...string) ([]byte, error) {
	v, rest, _ := strings.Cut(sealed, ".")
	id, body, _ := strings.Cut(rest, ".")
	if v != version {
		return nil, fmt.Errorf("%w: unknown version", ErrOpen)
	}
	key, ok := k.find(id)
	if !ok {
		return nil, fmt.Errorf("%w: its key id is not in the ring", ErrOpen)
	}
	if strings.ContainsAny(body, "\r\n") {
		return nil, fmt.Errorf("%w: malformed", ErrOpen)
	}
	ciphertext, err := encoding.DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: malformed", ErrOpen)
	}
	aead, err := key.aead(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpen, err)
	}
	plaintext, err := aead.Open(nil, nil, ciphertext, key.bind(aad))
	if err != nil {
		return nil, fmt.Errorf("%w: altered, or sealed for another purpose or place", ErrOpen)
	}
	return plaintext, nil
}

func (k *Keys) find(id string) (*key, bool) {
	for _, key := range k.ring {
		if key.id == id {
			return key, true
		}
	}
	return nil, false
}

// aead has a label apart from mac's, because one key must not serve two
// algorithms.
func (k *key) aead(p Purpose) (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.expand("torii/v1/"+string(p)+"/seal", 32))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bind returns the additional data: the header, then the place.
func (k *key) bind(aad []string) []byte {
	return append(join(version, k.id), join(aad...)...)
}
