package passhash_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/passhash"
)

const (
	b53   = "LZSJchsWG/DrBy1erNs4eefu654unq1vRIkPXEU26xa5pP4f4hqIS"
	pad20 = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
	pad32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

var (
	raw64 = strings.Repeat("A", 86)
	pad64 = raw64 + "=="
)

// dearest are the greatest costs of each scheme; one more is refused.
var dearest = map[string]string{
	"Argon2id":            head("m=262144,t=16,p=16"),
	"Argon2i":             strings.Replace(head("m=262144,t=16,p=16"), "argon2id", "argon2i", 1),
	"bcrypt":              "$2b$15$" + b53,
	"PBKDF2":              "pbkdf2_sha256$5000000$s$" + pad32,
	"PBKDF2 with SHA-512": "$pbkdf2-sha512$5000000$" + salt16 + "$" + raw64,
	"scrypt":              "$scrypt$ln=18,r=8,p=2$" + salt16 + "$" + raw64,
	"scrypt, small lanes": "$scrypt$ln=15,r=8,p=16$" + salt16 + "$" + raw64,
	"Django's scrypt":     "scrypt$65536$s$32$2$" + pad64,
	"Firebase":            "$firebase-scrypt$ln=18,r=8$" + salt16 + "$" + raw64,
}

// The foreign strings that are refused. Those of PHC strings in general are in
// phc_test.go.
var malformedForeign = []struct{ name, encoded string }{
	{"Argon2i of version 16", strings.Replace(strings.Replace(fine, "argon2id", "argon2i", 1), "v=19", "v=16", 1)},
	{"Argon2i without a version", "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ"},
	{"Django's prefix twice", "argon2$argon2" + fine},
	{"Django's prefix of what is not Argon2", "argon2$2b$04$" + b53},
	{"Django's prefix alone", "argon2$"},
	{"Django's prefix and a dollar", "argon2$$"},
	{"Django's argon2 with two dollars", "argon2$" + fine},
	{"Django's name in capitals", "ARGON2" + fine},

	{"bcrypt of cost 16", "$2b$16$" + b53},
	{"bcrypt of cost 31", "$2b$31$" + b53},
	{"bcrypt of cost 3", "$2b$03$" + b53},
	{"bcrypt of cost 0", "$2b$00$" + b53},
	{"bcrypt of cost 99", "$2b$99$" + b53},
	{"bcrypt of a cost of one digit", "$2b$4$" + b53},
	{"bcrypt of a cost of three digits", "$2b$004$" + b53},
	{"bcrypt of a cost with a sign", "$2b$+4$" + b53},
	{"bcrypt of a cost with a space", "$2b$ 4$" + b53},
	{"bcrypt without a letter", "$2$04$" + b53},
	{"bcrypt with the letter c", "$2c$04$" + b53},
	{"bcrypt of version 3", "$3b$04$" + b53},
	{"bcrypt cut by one", "$2b$04$" + b53[:52]},
	{"bcrypt with one more", "$2b$04$" + b53 + "."},
	{"bcrypt with a line feed behind", "$2b$04$" + b53 + "\n"},
	{"bcrypt with a NUL", "$2b$04$" + b53[:52] + "\x00"},
	{"bcrypt with a plus", "$2b$04$+" + b53[1:]},
	{"bcrypt with left-over bits in the salt", "$2b$04$" + b53[:21] + "f" + b53[22:]},
	{"bcrypt with left-over bits in the tag", "$2b$04$" + b53[:52] + "T"},
	{"bcrypt without a tag", "$2b$04$" + b53[:22]},
	{"bcrypt with a dollar between salt and tag", "$2b$04$" + b53[:22] + "$" + b53[23:]},
	{"Django's bcrypt with one dollar", "bcrypt$2b$04$" + b53},
	{"Django's bcrypt with three", "bcrypt$$$2b$04$" + b53},
	{"Django's bcrypt of Argon2", "bcrypt$" + fine},
	{"Django's bcrypt alone", "bcrypt$$"},
	{"Django's bcrypt of cost 16", "bcrypt_sha256$$2b$16$" + b53},

	{"PBKDF2 of nought", "pbkdf2_sha256$0$salt$" + pad32},
	{"PBKDF2 of 5,000,001", "pbkdf2_sha256$5000001$salt$" + pad32},
	{"PBKDF2 of 32 bits", "pbkdf2_sha256$4294967297$salt$" + pad32},
	{"PBKDF2 of 64 bits", "pbkdf2_sha256$18446744073709551617$salt$" + pad32},
	{"PBKDF2 of minus one", "pbkdf2_sha256$-1$salt$" + pad32},
	{"PBKDF2 of 01", "pbkdf2_sha256$01$salt$" + pad32},
	{"PBKDF2 of 1e3", "pbkdf2_sha256$1e3$salt$" + pad32},
	{"PBKDF2 of nothing", "pbkdf2_sha256$$salt$" + pad32},
	{"PBKDF2 without a salt", "pbkdf2_sha256$1$$" + pad32},
	{"PBKDF2 with a salt of 65", "pbkdf2_sha256$1$" + strings.Repeat("s", 65) + "$" + pad32},
	{"PBKDF2 with a space in the salt", "pbkdf2_sha256$1$s t$" + pad32},
	{"PBKDF2 with a NUL in the salt", "pbkdf2_sha256$1$s\x00t$" + pad32},
	{"PBKDF2 with a letter beyond ASCII in the salt", "pbkdf2_sha256$1$sält$" + pad32},
	{"PBKDF2 without a tag", "pbkdf2_sha256$1$salt$"},
	{"PBKDF2 with a short tag", "pbkdf2_sha256$1$salt$" + pad20},
	{"PBKDF2 with a long tag, which is more work", "pbkdf2_sha256$1$salt$" + pad64},
	{"PBKDF2 with SHA-1 and the tag of SHA-256", "pbkdf2_sha1$1$salt$" + pad32},
	{"PBKDF2 without padding", "pbkdf2_sha256$1$salt$" + tag32},
	{"PBKDF2 with left-over bits", "pbkdf2_sha256$1$salt$" + pad32[:42] + "9="},
	{"PBKDF2 with a line feed in the tag", "pbkdf2_sha256$1$salt$" + pad32[:4] + "\n" + pad32[4:]},
	{"PBKDF2 with a field behind", "pbkdf2_sha256$1$salt$" + pad32 + "$"},
	{"PBKDF2 without a field", "pbkdf2_sha256$1$" + pad32},
	{"PBKDF2 with SHA-512 of Django, which has none", "pbkdf2_sha512$1$salt$" + pad64},
	{"Django's MD5", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3"},
	{"Django's unusable password", "!A2gDmE6hEYmVLvBxPNTzb6vGGhLRqfCqjB0Yj"},
	{"Passlib's PBKDF2 with a plus", "$pbkdf2-sha256$1$" + salt16 + "$" + "+" + tag32[1:]},
	{"Passlib's PBKDF2 with padding", "$pbkdf2-sha256$1$" + salt16 + "$" + pad32},
	{"Passlib's PBKDF2 of 5,000,001", "$pbkdf2-sha512$5000001$" + salt16 + "$" + raw64},
	{"Passlib's PBKDF2 without a salt", "$pbkdf2-sha256$1$$" + tag32},

	{"scrypt of N=1", "$scrypt$ln=0,r=8,p=1$" + salt16 + "$" + tag32},
	{"scrypt of 512 MiB", "$scrypt$ln=19,r=8,p=1$" + salt16 + "$" + tag32},
	{"scrypt of N=2^63", "$scrypt$ln=63,r=1,p=1$" + salt16 + "$" + tag32},
	{"scrypt of N=2^64, which is 1 in 64 bits", "$scrypt$ln=64,r=1,p=1$" + salt16 + "$" + tag32},
	{"scrypt of no blocks", "$scrypt$ln=14,r=0,p=1$" + salt16 + "$" + tag32},
	{"scrypt of 33 blocks", "$scrypt$ln=1,r=33,p=1$" + salt16 + "$" + tag32},
	{"scrypt of 2^29 blocks", "$scrypt$ln=1,r=536870912,p=1$" + salt16 + "$" + tag32},
	{"scrypt of no lanes", "$scrypt$ln=14,r=8,p=0$" + salt16 + "$" + tag32},
	{"scrypt of 17 lanes", "$scrypt$ln=1,r=8,p=17$" + salt16 + "$" + tag32},
	{"scrypt of three times 256 MiB", "$scrypt$ln=18,r=8,p=3$" + salt16 + "$" + tag32},
	{"scrypt in another order", "$scrypt$r=8,ln=14,p=1$" + salt16 + "$" + tag32},
	{"scrypt with two parameters", "$scrypt$ln=14,r=8$" + salt16 + "$" + tag32},
	{"scrypt with a short tag", "$scrypt$ln=14,r=8,p=1$" + salt16 + "$AA"},
	{"scrypt without a tag", "$scrypt$ln=14,r=8,p=1$" + salt16 + "$"},
	{"scrypt with a long tag", "$scrypt$ln=14,r=8,p=1$" + salt16 + "$" + strings.Repeat("A", 87)},
	{"scrypt without a salt", "$scrypt$ln=14,r=8,p=1$$" + tag32},
	{"scrypt with padding", "$scrypt$ln=14,r=8,p=1$" + salt16 + "$" + pad32},
	{"Django's scrypt of N=0", "scrypt$0$salt$8$1$" + pad64},
	{"Django's scrypt of N=1", "scrypt$1$salt$8$1$" + pad64},
	{"Django's scrypt of N=3", "scrypt$3$salt$8$1$" + pad64},
	{"Django's scrypt of N=2^20", "scrypt$1048576$salt$8$1$" + pad64},
	{"Django's scrypt of N=2^32", "scrypt$4294967296$salt$8$1$" + pad64},
	{"Django's scrypt of three times 256 MiB", "scrypt$65536$salt$32$3$" + pad64},
	{"Django's scrypt without a salt", "scrypt$16384$$8$1$" + pad64},
	{"Django's scrypt without padding", "scrypt$16384$salt$8$1$" + raw64},
	{"Django's scrypt with a short tag", "scrypt$16384$salt$8$1$AA=="},
	{"Django's scrypt in another order", "scrypt$salt$16384$8$1$" + pad64},

	{"Firebase of 512 MiB", "$firebase-scrypt$ln=19,r=8$" + salt16 + "$" + raw64},
	{"Firebase with lanes", "$firebase-scrypt$ln=14,r=8,p=1$" + salt16 + "$" + raw64},
	{"Firebase without rounds", "$firebase-scrypt$ln=14$" + salt16 + "$" + raw64},
	{"Firebase without a salt", "$firebase-scrypt$ln=14,r=8$$" + raw64},
	{"Firebase with a short stream", "$firebase-scrypt$ln=14,r=8$" + salt16 + "$AA"},
	{"Firebase without a stream", "$firebase-scrypt$ln=14,r=8$" + salt16},
	{"Firebase with a field behind", "$firebase-scrypt$ln=14,r=8$" + salt16 + "$" + raw64 + "$"},
}

// A row that is malformed, or a bomb, is refused before anything is computed.
func TestMalformedForeignHashesCostNothing(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for _, tt := range malformedForeign {
		got, err := h.Verify(t.Context(), tt.encoded, "password")
		if !errors.Is(err, passhash.ErrMalformed) || got != (passhash.Match{}) {
			t.Errorf("%s: Verify(%q) = %+v, %v, want ErrMalformed", tt.name, tt.encoded, got, err)
			continue
		}
		if check := passhash.Check(tt.encoded); check == nil || check.Error() != err.Error() {
			t.Errorf("%s: Check = %v, Verify said %v", tt.name, check, err)
		}
		for _, part := range strings.Split(tt.encoded, "$") {
			if len(part) > 12 && part != "firebase-scrypt" && strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error repeats the row: %v", tt.name, err)
			}
		}
	}
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 || h.Hashes() != 0 || took > time.Second {
		t.Errorf("%d strings: %d bytes, %d hashes, %v; want less than 1 MiB, 0 and a second", len(malformedForeign), got, h.Hashes(), took)
	}
}

func TestMemoryOfForeignHashesIsCharged(t *testing.T) {
	tests := []struct {
		encoded string
		want    uint32 // KiB
	}{
		{dearest["Argon2i"], 262144},
		{dearest["bcrypt"], 8},
		{dearest["PBKDF2"], 8},
		{dearest["scrypt"], 262144},
		{dearest["Firebase"], 262144},
		{"scrypt$16384$salt$8$1$" + pad64, 16384},
		{"$scrypt$ln=17,r=1,p=1$" + salt16 + "$" + tag32, 16384},
		{"$scrypt$ln=1,r=1,p=1$" + salt16 + "$" + tag32, 8},
	}
	h := newHasher(t, passhash.Config{})
	var memory uint32
	h.WithDoor(func(m uint32) { memory = m })
	for _, tt := range tests {
		if _, err := h.Verify(t.Context(), tt.encoded, "x"); err != nil || memory != tt.want {
			t.Errorf("Verify(%q) = %v with %d KiB, want %d", tt.encoded, err, memory, tt.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(fine)
	for _, tt := range foreign {
		f.Add(tt.encoded)
	}
	for _, encoded := range dearest {
		f.Add(encoded)
	}
	for _, list := range [][]struct{ name, encoded string }{malformed, malformedForeign} {
		for _, tt := range list {
			if len(tt.encoded) < 1024 {
				f.Add(tt.encoded)
			}
		}
	}
	h := newHasher(f, passhash.Config{})
	var memory uint32
	h.WithDoor(func(m uint32) { memory = m })
	f.Fuzz(func(t *testing.T, s string) {
		before := h.Hashes()
		_, err := h.Verify(t.Context(), s, "password")
		switch {
		case err == nil:
			// What is computed is bounded, and has one spelling: ASCII, and
			// four dollars of PHC or as many as Django's.
			if n := strings.Count(s, "$"); memory < 8 || memory > 256<<10 || len(s) > 256 || n < 3 || n > 5 ||
				strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Fatalf("Verify(%q) computed with %d KiB", s, memory)
			}
		case !errors.Is(err, passhash.ErrMalformed) || h.Hashes() != before:
			t.Fatalf("Verify(%q) = %v after %d hashes, want ErrMalformed after none", s, err, h.Hashes()-before)
		}
	})
}
