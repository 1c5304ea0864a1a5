package passhash

import (
	"crypto/subtle"
	"encoding/base64"
	"math/bits"
	"strings"

	"golang.org/x/crypto/scrypt"
)

const (
	maxLogN   = 20
	maxBlocks = 32 // r; 8 is usual
	maxLanes  = 16 // p, computed one after the other

	// maxScryptWork bounds the memory times p, in KiB: some three seconds.
	maxScryptWork = 2 * maxMemory
)

// scryptParams is the cost of scrypt (RFC 7914): N is 2^logN.
type scryptParams struct{ logN, r, p uint32 }

func (s scryptParams) bounded() bool {
	return s.logN >= 1 && s.logN <= maxLogN && s.r >= 1 && s.r <= maxBlocks && s.p >= 1 && s.p <= maxLanes &&
		s.memory() <= maxMemory && s.memory()*s.p <= maxScryptWork
}

// memory is 128·N·r bytes, in KiB.
func (s scryptParams) memory() uint32 { return max(8, s.r<<s.logN/8) }

func (s scryptParams) key(password string, salt []byte, size int) []byte {
	key, err := scrypt.Key([]byte(password), salt, 1<<s.logN, int(s.r), int(s.p), size)
	if err != nil {
		return nil // which equals no tag; bounded leaves nothing to refuse
	}
	return key
}

// scryptHash is a hash by scrypt itself.
type scryptHash struct {
	scryptParams
	salt, tag []byte
}

// parseScrypt reads Passlib's "ln=…,r=…,p=…", salt and tag.
func parseScrypt(fields []string) (stored, error) {
	if len(fields) != 3 {
		return nil, malformed("scrypt")
	}
	params, ok := parseScryptParams(fields[0])
	if !ok {
		return nil, malformed("scrypt's parameters are out of bounds")
	}
	salt, okSalt := decode(base64.RawStdEncoding, fields[1], 1, maxSalt)
	tag, okTag := decode(base64.RawStdEncoding, fields[2], minTag, maxTag)
	if !okSalt || !okTag {
		return nil, malformed("scrypt's salt or tag")
	}
	return scryptHash{params, salt, tag}, nil
}

func parseScryptParams(s string) (scryptParams, bool) {
	ln, rest, _ := strings.Cut(s, ",")
	r, p, _ := strings.Cut(rest, ",")
	logN, okN := number(ln, "ln=", 1, maxLogN)
	blocks, okR := number(r, "r=", 1, maxBlocks)
	lanes, okP := number(p, "p=", 1, maxLanes)
	params := scryptParams{logN, blocks, lanes}
	return params, okN && okR && okP && params.bounded()
}

// parseDjangoScrypt reads "N$salt$r$p$tag": the salt as text, the tag in padded base64.
func parseDjangoScrypt(fields []string) (stored, error) {
	if len(fields) != 5 {
		return nil, malformed("scrypt")
	}
	n, okN := number(fields[0], "", 2, 1<<maxLogN)
	r, okR := number(fields[2], "", 1, maxBlocks)
	p, okP := number(fields[3], "", 1, maxLanes)
	params := scryptParams{uint32(bits.TrailingZeros32(n)), r, p}
	if !okN || !okR || !okP || bits.OnesCount32(n) != 1 || !params.bounded() {
		return nil, malformed("scrypt's parameters are out of bounds")
	}
	salt, okSalt := textSalt(fields[1])
	tag, okTag := decode(base64.StdEncoding, fields[4], minTag, maxTag)
	if !okSalt || !okTag {
		return nil, malformed("scrypt's salt or tag")
	}
	return scryptHash{params, salt, tag}, nil
}

func (s scryptHash) matches(password string) bool {
	return subtle.ConstantTimeCompare(s.key(password, s.salt, len(s.tag)), s.tag) == 1
}
