package token

import (
	"crypto/hmac"
	"crypto/sha256"
)

// MAC returns the HMAC-SHA256 of parts, 32 bytes, under the newest key of a
// purpose. Where one part ends and the next begins is part of what is
// authenticated: ("ab", "c") and ("a", "bc") differ.
//
// A MAC changes when the keys are rotated: check it with Verify. A value
// looked up by its MAC is no longer found after a rotation.
func (k *Keys) MAC(p Purpose, parts ...[]byte) []byte {
	return k.ring[0].mac(p, join(parts...))
}

// Verify reports whether mac is the MAC of parts for the purpose under any
// key of the ring. It takes the same time whatever mac holds. A short or
// truncated mac is refused.
func (k *Keys) Verify(p Purpose, mac []byte, parts ...[]byte) bool {
	message := join(parts...)
	ok := false
	for _, key := range k.ring {
		// All keys, also after a match: the time must not tell which.
		if hmac.Equal(key.mac(p, message), mac) {
			ok = true
		}
	}
	return ok
}

func (k *key) mac(p Purpose, message []byte) []byte {
	h := hmac.New(sha256.New, k.expand("torii/v1/"+string(p), sha256.Size))
	h.Write(message)
	return h.Sum(nil)
}
