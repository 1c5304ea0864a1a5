package passhash

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	minBcryptCost = 4
	maxBcryptCost = 15 // some two seconds; 12 is usual

	// maxBcrypt is what bcrypt reads of a password.
	maxBcrypt = 72
)

// bcryptHash is a hash in the form of crypt(3), "$2b$12$" and 53 characters. $2a$,
// $2b$ and $2y$ name programs that are right, and compute the same.
type bcryptHash struct {
	encoded string
	// prehash is Django's bcrypt_sha256: the password is its SHA-256 in hex.
	prehash bool
}

// parseBcrypt reads cost, and salt and tag in one. $2x$ stands for a bug of
// crypt_blowfish in which many passwords are one.
func parseBcrypt(id string, fields []string) (bcryptHash, error) {
	none := bcryptHash{}
	switch {
	case id == "2x":
		return none, unsupported("bcrypt $2x$")
	case id != "2a" && id != "2b" && id != "2y", len(fields) != 2, len(fields[0]) != 2, len(fields[1]) != 53:
		return none, malformed("bcrypt")
	}
	if _, ok := number(strings.TrimPrefix(fields[0], "0"), "", minBcryptCost, maxBcryptCost); !ok {
		return none, malformed("bcrypt's cost is out of bounds")
	}
	_, okSalt := decode(bcrypt64, fields[1][:22], 16, 16)
	_, okTag := decode(bcrypt64, fields[1][22:], 23, 23)
	if !okSalt || !okTag {
		return none, malformed("bcrypt's salt or tag")
	}
	return bcryptHash{encoded: "$" + id + "$" + fields[0] + "$" + fields[1]}, nil
}

func (bcryptHash) memory() uint32 { return 8 }

// matches verifies like the systems that these hashes come from: what is behind byte 72
// was never part of the hash. A NUL ends a password in some of them and is refused by
// others, and in this algorithm "x\x00x" is "x": it matches nothing.
func (b bcryptHash) matches(password string) bool {
	if b.prehash {
		sum := sha256.Sum256([]byte(password))
		password = hex.EncodeToString(sum[:])
	}
	clean := !strings.Contains(password, "\x00")
	err := bcrypt.CompareHashAndPassword([]byte(b.encoded), []byte(password[:min(len(password), maxBcrypt)]))
	return err == nil && clean
}
