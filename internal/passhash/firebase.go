package passhash

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
)

// Firebase is what a Firebase project hashes all passwords with.
type Firebase struct {
	SignerKey, SaltSeparator []byte
	Rounds, MemoryCost       uint32
}

// Encode turns the hash and the salt of an exported user into a string for Verify:
//
//	$firebase-scrypt$ln=14,r=8$salt$stream
//
// with salts joined and everything in base64 without padding. Firebase encrypts the
// signer key with AES in counter mode, by a key that scrypt makes of the password, and
// calls the result the hash. Taken the other way round, hash XOR signer key is a
// stream of bytes that depends on password and salt alone. That is stored, so the
// signer key is needed here and nowhere else: not in the rows, not where people sign
// in.
func (f Firebase) Encode(hash, salt []byte) (string, error) {
	if len(f.SignerKey) != len(hash) {
		return "", fmt.Errorf("passhash: the hash has %d bytes, the signer key %d: they must be as many", len(hash), len(f.SignerKey))
	}
	if len(salt) == 0 {
		return "", errors.New("passhash: the salt is empty")
	}
	stream := make([]byte, len(hash))
	subtle.XORBytes(stream, hash, f.SignerKey)
	joined := append(append([]byte{}, salt...), f.SaltSeparator...)
	encoded := fmt.Sprintf("$firebase-scrypt$ln=%d,r=%d$%s$%s", f.MemoryCost, f.Rounds,
		base64.RawStdEncoding.EncodeToString(joined), base64.RawStdEncoding.EncodeToString(stream))
	if err := Check(encoded); err != nil {
		return "", err
	}
	return encoded, nil
}

// firebaseHash is a hash by Firebase's variant of scrypt, as Encode writes it.
type firebaseHash struct {
	scryptParams
	salt, stream []byte
}

func parseFirebase(fields []string) (stored, error) {
	if len(fields) != 3 {
		return nil, malformed("Firebase")
	}
	params, ok := parseScryptParams(fields[0] + ",p=1")
	if !ok {
		return nil, malformed("Firebase's parameters are out of bounds")
	}
	salt, okSalt := decode(base64.RawStdEncoding, fields[1], 1, maxSalt)
	stream, okStream := decode(base64.RawStdEncoding, fields[2], minTag, maxTag)
	if !okSalt || !okStream {
		return nil, malformed("Firebase's salt or stream")
	}
	return firebaseHash{params, salt, stream}, nil
}

func (f firebaseHash) matches(password string) bool {
	block, err := aes.NewCipher(f.key(password, f.salt, 32))
	if err != nil {
		return false
	}
	stream := make([]byte, len(f.stream))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(stream, stream)
	return subtle.ConstantTimeCompare(stream, f.stream) == 1
}
