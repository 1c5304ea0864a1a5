package passhash

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	saltBytes = 16
	tagBytes  = 32

	// RFC 9106 asks for 8 bytes of salt at least.
	minArgonSalt = 8
)

// argon is a hash of Argon2id, which is ours, or of Argon2i, which is only verified.
type argon struct {
	params    Params
	salt, tag []byte
	i         bool
}

// newArgon2id returns a hash with a random salt and, until computed, a random
// tag: nobody's password, which is what Dummy compares with.
func newArgon2id(p Params) argon {
	a := argon{params: p, salt: make([]byte, saltBytes), tag: make([]byte, tagBytes)}
	// Read never fails: the runtime ends the process first.
	_, _ = rand.Read(a.salt)
	_, _ = rand.Read(a.tag)
	return a
}

// parseArgon reads "v=19", "m=…,t=…,p=…", salt and tag. Argon2d is for coins, not for
// passwords (RFC 9106, section 4), and x/crypto has none.
func parseArgon(id string, fields []string) (stored, error) {
	switch {
	case id == "argon2d":
		return nil, unsupported("Argon2d")
	case id != "argon2id" && id != "argon2i", len(fields) != 4, fields[0] != "v=19":
		return nil, malformed("not Argon2 version 19")
	}
	params, ok := parseParams(fields[1])
	if !ok || len(params.problems()) != 0 {
		return nil, malformed("parameters are out of bounds")
	}
	salt, ok := decode(base64.RawStdEncoding, fields[2], minArgonSalt, maxSalt)
	if !ok {
		return nil, malformed("salt")
	}
	// A short tag is one that any password may hit: an empty one always matches.
	tag, ok := decode(base64.RawStdEncoding, fields[3], minTag, maxTag)
	if !ok {
		return nil, malformed("tag")
	}
	return argon{params: params, salt: salt, tag: tag, i: id == "argon2i"}, nil
}

// parseParams reads "m=…,t=…,p=…", in this order. What is out of bounds is left to
// Params.problems.
func parseParams(s string) (Params, bool) {
	m, rest, _ := strings.Cut(s, ",")
	t, p, _ := strings.Cut(rest, ",")
	memory, okM := number(m, "m=", 1, maxMemory)
	time, okT := number(t, "t=", 1, maxTime)
	threads, okP := number(p, "p=", 1, maxThreads)
	return Params{Memory: memory, Time: time, Threads: uint8(threads)}, okM && okT && okP
}

func (a argon) memory() uint32 { return a.params.Memory }

func (a argon) matches(password string) bool {
	return subtle.ConstantTimeCompare(a.derive(password), a.tag) == 1
}

func (a argon) derive(password string) []byte {
	key := argon2.IDKey
	if a.i {
		key = argon2.Key
	}
	return key([]byte(password), a.salt, a.params.Time, a.params.Memory, a.params.Threads, uint32(len(a.tag)))
}

// String returns the PHC string of Argon2id.
func (a argon) String() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", a.params.Memory, a.params.Time, a.params.Threads,
		base64.RawStdEncoding.EncodeToString(a.salt), base64.RawStdEncoding.EncodeToString(a.tag))
}

// current reports whether Hash would make a hash of this shape.
func (a argon) current(p Params) bool {
	return !a.i && a.params == p && len(a.salt) == saltBytes && len(a.tag) == tagBytes
}
