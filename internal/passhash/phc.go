package passhash

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

const (
	saltBytes = 16
	tagBytes  = 32

	// What a stored hash may have.
	minSalt, maxSalt = 8, 64
	minTag, maxTag   = 16, 64

	// maxEncoded is above the longest string within these bounds.
	maxEncoded = 256
)

// argon2id is a stored hash, taken apart. Every value parse returns can be
// computed within the bounds of Params.
type argon2id struct {
	params    Params
	salt, tag []byte
}

// parse reads a PHC string by its identifier. A scheme to import hashes of is
// one more case here and a file of its own.
func parse(encoded string) (argon2id, error) {
	if len(encoded) > maxEncoded {
		return argon2id{}, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxEncoded)
	}
	rest, ok := strings.CutPrefix(encoded, "$")
	id, body, _ := strings.Cut(rest, "$")
	if !ok {
		id = ""
	}
	switch id {
	case "argon2id":
		return parseArgon2id(encoded, body)
	}
	return argon2id{}, fmt.Errorf("%w: unknown scheme", ErrMalformed)
}

// parseArgon2id reads "v=19$m=…,t=…,p=…$salt$tag", the part of encoded behind
// its identifier.
func parseArgon2id(encoded, body string) (argon2id, error) {
	fields := strings.Split(body, "$")
	if len(fields) != 4 || fields[0] != "v=19" {
		return argon2id{}, fmt.Errorf("%w: not Argon2id version 19", ErrMalformed)
	}
	params, ok := parseParams(fields[1])
	if !ok || len(params.problems()) != 0 {
		return argon2id{}, fmt.Errorf("%w: parameters are out of bounds", ErrMalformed)
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[2])
	if err != nil || len(salt) < minSalt || len(salt) > maxSalt {
		return argon2id{}, fmt.Errorf("%w: salt", ErrMalformed)
	}
	// A short tag is one that any password may hit: an empty one always
	// matches.
	tag, err := base64.RawStdEncoding.DecodeString(fields[3])
	if err != nil || len(tag) < minTag || len(tag) > maxTag {
		return argon2id{}, fmt.Errorf("%w: tag", ErrMalformed)
	}
	a := argon2id{params: params, salt: salt, tag: tag}
	// One hash, one spelling: leading zeroes, line breaks and left-over
	// bits in base64 all end here.
	if a.String() != encoded {
		return argon2id{}, fmt.Errorf("%w: not canonical", ErrMalformed)
	}
	return a, nil
}

// parseParams reads "m=…,t=…,p=…", in this order.
func parseParams(s string) (Params, bool) {
	m, rest, _ := strings.Cut(s, ",")
	t, p, _ := strings.Cut(rest, ",")
	memory, okM := number(m, "m=", 32)
	time, okT := number(t, "t=", 32)
	threads, okP := number(p, "p=", 8)
	return Params{Memory: uint32(memory), Time: uint32(time), Threads: uint8(threads)}, okM && okT && okP
}

func number(s, prefix string, bits int) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.ParseUint(digits, 10, bits)
	return n, ok && err == nil
}

// String returns the PHC string.
func (a argon2id) String() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", a.params.Memory, a.params.Time, a.params.Threads,
		base64.RawStdEncoding.EncodeToString(a.salt), base64.RawStdEncoding.EncodeToString(a.tag))
}

// current reports whether Hash would make a hash of this shape.
func (a argon2id) current(p Params) bool {
	return a.params == p && len(a.salt) == saltBytes && len(a.tag) == tagBytes
}
