package schema_test

import (
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/ent/schema"
)

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// decode reads the UUID of an id.
func decode(t *testing.T, id, prefix string) [16]byte {
	t.Helper()
	text, ok := strings.CutPrefix(id, prefix+"_")
	if !ok || len(text) != 26 || strings.Trim(text, alphabet) != "" {
		t.Fatalf("%q is not %s_ and 26 of %s", id, prefix, alphabet)
	}
	raw, err := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(raw) != 16 {
		t.Fatalf("%q decodes to %x, %v", id, raw, err)
	}
	return [16]byte(raw)
}

func millis(b [16]byte) int64 {
	var ms [8]byte
	copy(ms[2:], b[:6])
	return int64(binary.BigEndian.Uint64(ms[:]))
}

// RFC 9562, section 5.7.
func TestNewIDSpellsAUUIDv7(t *testing.T) {
	for _, prefix := range []string{"usr", "ses", "a", ""} {
		before := time.Now().UnixMilli()
		id := schema.NewID(prefix)
		after := time.Now().UnixMilli()
		b := decode(t, id, prefix)
		if version, variant := b[6]>>4, b[8]>>6; version != 7 || variant != 0b10 {
			t.Errorf("%s: version %d, variant %02b; want 7 and 10", id, version, variant)
		}
		if ms := millis(b); ms < before || ms > after {
			t.Errorf("%s: made at %d ms, want %d to %d", id, ms, before, after)
		}
	}
}

func TestNewIDIsUnique(t *testing.T) {
	const n = 100_000
	seen := make(map[string]bool, n)
	var ones, zeros [16]byte
	for range n {
		id := schema.NewID("usr")
		if seen[id] {
			t.Fatalf("%s was made twice in %d", id, len(seen))
		}
		seen[id] = true
		for i, c := range decode(t, id, "usr") {
			ones[i] |= c
			zeros[i] |= ^c
		}
	}
	// Each of the 74 random bits must have been both.
	want := [16]byte{6: 0x0f, 7: 0xff, 8: 0x3f, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}
	for i := 6; i < 16; i++ {
		if both := ones[i] & zeros[i]; both != want[i] {
			t.Errorf("byte %d: bits %08b vary, want %08b", i, both, want[i])
		}
	}
}

func TestIDsSortByTime(t *testing.T) {
	var ids []string
	for range 10 {
		id := schema.NewID("usr")
		ids = append(ids, id)
		for made := millis(decode(t, id, "usr")); time.Now().UnixMilli() < made+2; {
		}
	}
	if !slices.IsSorted(ids) {
		t.Errorf("ids made 2 ms apart do not sort by time: %q", ids)
	}
}

func TestNowIsWhatEveryDatabaseStores(t *testing.T) {
	before := time.Now()
	now := schema.Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 || before.Sub(now) > time.Microsecond || now.After(time.Now()) {
		t.Errorf("%v, want UTC in whole microseconds, not before %v", now, before)
	}
}
