package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- of hashes that exist; none is made with it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
)

// maxIterations is four times what Django 6 uses: some two seconds.
const maxIterations = 5_000_000

// pbkdf2Hash is a hash by PBKDF2 with HMAC (RFC 8018). The tag is one block of it: a
// longer one costs the owner of the site more and who guesses nothing.
type pbkdf2Hash struct {
	hash       func() hash.Hash
	iterations int
	salt, tag  []byte
}

// parseDjangoPBKDF2 reads "iterations$salt$tag": the salt as text, the tag in padded
// base64.
func parseDjangoPBKDF2(hasher string, fields []string) (stored, error) {
	if len(fields) != 3 {
		return nil, malformed("PBKDF2")
	}
	p := pbkdf2Hash{hash: sha256.New}
	if hasher == "pbkdf2_sha1" {
		p.hash = sha1.New
	}
	salt, ok := textSalt(fields[1])
	return p.complete(fields[0], salt, ok, base64.StdEncoding, fields[2])
}

// parsePasslibPBKDF2 reads the same three of Passlib, which has salts of bytes.
func parsePasslibPBKDF2(id string, fields []string) (stored, error) {
	if len(fields) != 3 {
		return nil, malformed("PBKDF2")
	}
	p := pbkdf2Hash{hash: sha1.New}
	switch id {
	case "pbkdf2-sha256":
		p.hash = sha256.New
	case "pbkdf2-sha512":
		p.hash = sha512.New
	}
	salt, ok := decode(passlib64, fields[1], 1, maxSalt)
	return p.complete(fields[0], salt, ok, passlib64, fields[2])
}

func (p pbkdf2Hash) complete(iterations string, salt []byte, okSalt bool, e *base64.Encoding, tag string) (stored, error) {
	n, ok := number(iterations, "", 1, maxIterations)
	if !ok {
		return nil, malformed("PBKDF2's iterations are out of bounds")
	}
	size := p.hash().Size()
	b, okTag := decode(e, tag, size, size)
	if !okSalt || !okTag {
		return nil, malformed("PBKDF2's salt or tag")
	}
	p.iterations, p.salt, p.tag = int(n), salt, b
	return p, nil
}

func (pbkdf2Hash) memory() uint32 { return 8 }

func (p pbkdf2Hash) matches(password string) bool {
	// It fails where FIPS 140 mode is enforced and forbids the parameters.
	tag, err := pbkdf2.Key(p.hash, password, p.salt, p.iterations, len(p.tag))
	return err == nil && subtle.ConstantTimeCompare(tag, p.tag) == 1
}
