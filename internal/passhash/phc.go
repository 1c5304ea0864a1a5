package passhash

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// What a stored hash may have, whatever its scheme.
const (
	minTag, maxTag = 16, 64

	// maxSalt is for salts of every scheme; foreign ones may be short.
	maxSalt = 64

	// maxEncoded is above the longest string within these bounds.
	maxEncoded = 256
)

// stored is a hash taken apart. Every value parse returns can be computed within
// the bounds: 256 MiB and a few seconds of one core.
type stored interface {
	// memory is what matches needs, in KiB.
	memory() uint32
	// matches does the work, and compares in constant time.
	matches(password string) bool
}

// imported is a hash of ours in the spelling of another system.
type imported struct{ stored }

// Check says whether Verify can compute a stored hash: nil, or an error that wraps
// ErrMalformed and, where a scheme is known but not computed here, ErrUnsupported.
// It costs nothing. The error does not contain the hash.
func Check(encoded string) error {
	_, err := parse(encoded)
	return err
}

// parse reads a stored hash by what it begins with: nothing before the first dollar
// for PHC and crypt(3), the name of a hasher for Django. What a scheme is has a file of
// its own; one hash has one spelling.
func parse(encoded string) (stored, error) {
	if len(encoded) > maxEncoded {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxEncoded)
	}
	fields := strings.Split(encoded, "$")
	if len(fields) < 3 {
		return nil, malformed("unknown scheme")
	}
	if fields[0] == "" {
		return parsePHC(fields[1], fields[2:])
	}
	return parseDjango(fields[0], fields[1:])
}

func parsePHC(id string, fields []string) (stored, error) {
	switch id {
	case "argon2id", "argon2i", "argon2d":
		return parseArgon(id, fields)
	case "2a", "2b", "2x", "2y":
		return parseBcrypt(id, fields)
	case "scrypt":
		return parseScrypt(fields)
	case "firebase-scrypt":
		return parseFirebase(fields)
	case "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePasslibPBKDF2(id, fields)
	}
	return nil, malformed("unknown scheme")
}

func parseDjango(hasher string, fields []string) (stored, error) {
	switch hasher {
	case "argon2":
		s, err := parseArgon(fields[0], fields[1:])
		return imported{s}, err
	case "bcrypt", "bcrypt_sha256":
		if fields[0] != "" { // "bcrypt$$2b$12$…"
			return nil, malformed("bcrypt")
		}
		s, err := parseBcrypt(fields[1], fields[2:])
		s.prehash = hasher == "bcrypt_sha256"
		return s, err
	case "pbkdf2_sha1", "pbkdf2_sha256":
		return parseDjangoPBKDF2(hasher, fields)
	case "scrypt":
		return parseDjangoScrypt(fields)
	}
	return nil, malformed("unknown scheme")
}

// malformed names the part that is wrong, never what it says: a row may hold a
// password in clear.
func malformed(part string) error { return fmt.Errorf("%w: %s", ErrMalformed, part) }

// number reads "ln=14" by its prefix, from least to most, as a decimal that has one
// spelling.
func number(s, prefix string, least, most uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || strconv.FormatUint(n, 10) != digits {
		return 0, false
	}
	return uint32(n), uint32(n) >= least && uint32(n) <= most
}

// decode reads least to most bytes of base64 that have one spelling: no line breaks, no
// left-over bits.
func decode(e *base64.Encoding, s string, least, most int) ([]byte, bool) {
	b, err := e.DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most && e.EncodeToString(b) == s
}

// The alphabet of crypt(3)'s bcrypt, and that of Passlib's PBKDF2, which has a dot for
// the plus sign.
var (
	bcrypt64  = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)
	passlib64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)
)

// textSalt is a salt that Django hashes as the text it is: printable ASCII.
func textSalt(s string) ([]byte, bool) {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return nil, false
		}
	}
	return []byte(s), s != "" && len(s) <= maxSalt
}
