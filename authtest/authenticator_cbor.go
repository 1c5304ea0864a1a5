package authtest

import (
	"encoding/binary"
	"slices"
)

// A few lines of CBOR (RFC 8949) are written by hand: no library writes what is wrong.

// cborHead begins an item of a major type.
func cborHead(major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return []byte{m | byte(n)}
	case n < 1<<8:
		return []byte{m | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{m | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{m | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{m | 27}, n)
}

func cborInt(n int) []byte {
	if n < 0 {
		return cborHead(1, uint64(-1-n)) // #nosec G115 -- not negative
	}
	return cborHead(0, uint64(n))
}

func cborBytes(b []byte) []byte { return append(cborHead(2, uint64(len(b))), b...) }

func cborText(s string) []byte { return append(cborHead(3, uint64(len(s))), s...) }

// cborPair is a member of a map, both halves encoded.
type cborPair struct{ key, value []byte }

// cborMap is a map in the order of its pairs, which is for the caller to have canonical.
func cborMap(pairs ...cborPair) []byte {
	return append(cborHead(5, uint64(len(pairs))), cborJoin(pairs)...)
}

// cborEndless is a map that does not say how long it is, which CTAP 2 forbids.
func cborEndless(pairs ...cborPair) []byte {
	return slices.Concat([]byte{0xbf}, cborJoin(pairs), []byte{0xff})
}

// cborDeep is arrays within arrays.
func cborDeep(levels int) []byte {
	b := make([]byte, levels)
	for i := range b {
		b[i] = 0x81
	}
	b[levels-1] = 0x80
	return b
}

func cborJoin(pairs []cborPair) []byte {
	var b []byte
	for _, p := range pairs {
		b = slices.Concat(b, p.key, p.value)
	}
	return b
}
