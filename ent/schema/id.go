package schema

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// maxID bounds every id column, so that a prefix may grow without a migration.
const maxID = 64

// crockford is Crockford's base32 alphabet in lower case: no i, l, o and u.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns prefix + "_" + 26 characters of lower-case Crockford base32 that
// spell a UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits.
// Ids sort by the time they were made; they are public and are never secrets.
func NewID(prefix string) string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	// The millisecond count fills the first 48 bits; the two bytes that the 64-bit
	// write spills over are random again below.
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Now().UnixMilli())<<16)
	copy(b[:6], ms[:6])
	b[6] = b[6]&0x0f | 0x70 // version 7
	b[8] = b[8]&0x3f | 0x80 // variant of RFC 9562
	return prefix + "_" + crockford.EncodeToString(b[:])
}

func newID(prefix string) func() string {
	return func() string { return NewID(prefix) }
}
