package passhash_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/passhash"
)

const (
	salt16 = "AAECAwQFBgcICQoLDA0ODw"                      // bytes 0 to 15
	tag32  = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" // bytes 0 to 31
	fine   = "$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "$" + tag32
)

// head is a hash with other parameters.
func head(params string) string { return "$argon2id$v=19$" + params + "$" + salt16 + "$" + tag32 }

var malformed = []struct{ name, encoded string }{
	{"empty", ""},
	{"one dollar", "$"},
	{"five dollars", "$$$$$"},
	{"a plain password", "password"},
	{"spaces", "   "},
	{"NUL", "\x00"},
	{"no dollar in front", fine[1:]},
	{"space in front", " " + fine},
	{"identifier only", "$argon2id"},
	{"argon2d", strings.Replace(fine, "argon2id", "argon2d", 1)},
	{"ARGON2ID", strings.Replace(fine, "argon2id", "ARGON2ID", 1)},
	{"plain MD5", "5f4dcc3b5aa765d61d8327deb882cf99"},
	{"crypt(3) with MD5", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
	{"crypt(3) with SHA-512", "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"},
	{"version 16", strings.Replace(fine, "v=19", "v=16", 1)},
	{"version 20", strings.Replace(fine, "v=19", "v=20", 1)},
	{"version 019", strings.Replace(fine, "v=19", "v=019", 1)},
	{"no version", strings.Replace(fine, "$v=19", "", 1)},
	{"empty version", strings.Replace(fine, "v=19", "", 1)},
	{"all of 32 bits of memory", head("m=4294967295,t=1,p=1")},
	{"memory beyond 32 bits", head("m=4294967304,t=1,p=1")},
	{"memory beyond 64 bits", head("m=18446744073709551624,t=1,p=1")},
	{"one KiB more than 256 MiB", head("m=262145,t=1,p=1")},
	{"memory of nought", head("m=0,t=1,p=1")},
	{"memory of 7 KiB", head("m=7,t=1,p=1")},
	{"memory below 8 KiB a lane", head("m=31,t=1,p=4")},
	{"t=0", head("m=8,t=0,p=1")},
	{"t=17", head("m=8,t=17,p=1")},
	{"t=4294967295", head("m=8,t=4294967295,p=1")},
	{"p=0", head("m=8,t=1,p=0")},
	{"p=17", head("m=8192,t=1,p=17")},
	{"p=257, which is 1 in eight bits", head("m=8,t=1,p=257")},
	{"m=08", head("m=08,t=1,p=1")},
	{"m=+8", head("m=+8,t=1,p=1")},
	{"m=-8", head("m=-8,t=1,p=1")},
	{"m=0x8", head("m=0x8,t=1,p=1")},
	{"m=1_6", head("m=1_6,t=1,p=1")},
	{"m=8.0", head("m=8.0,t=1,p=1")},
	{"space before a number", head("m= 8,t=1,p=1")},
	{"Arabic digit", head("m=٨,t=1,p=1")},
	{"empty number", head("m=,t=1,p=1")},
	{"no parameters", head("")},
	{"two parameters", head("m=8,t=1")},
	{"other order", head("t=1,m=8,p=1")},
	{"m twice", head("m=8,m=8,t=1,p=1")},
	{"a fourth parameter", head("m=8,t=1,p=1,keyid=AA")},
	{"comma behind", head("m=8,t=1,p=1,")},
	{"empty salt", "$argon2id$v=19$m=8,t=1,p=1$$" + tag32},
	{"salt of 7 bytes", "$argon2id$v=19$m=8,t=1,p=1$AAECAwQFBg$" + tag32},
	{"salt of 65 bytes", "$argon2id$v=19$m=8,t=1,p=1$" + strings.Repeat("A", 87) + "$" + tag32},
	{"empty tag", "$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "$"},
	{"no tag", "$argon2id$v=19$m=8,t=1,p=1$" + salt16},
	{"tag of 1 byte", "$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "$AA"},
	{"tag of 15 bytes", "$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "$" + strings.Repeat("A", 20)},
	{"tag of 65 bytes", "$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "$" + strings.Repeat("A", 87)},
	{"a megabyte of tag", fine + strings.Repeat("A", 1<<20)},
	{"a megabyte of dollars", fine + strings.Repeat("$", 1<<20)},
	{"two letters behind", fine + "AA"},
	{"field behind", fine + "$"},
	{"second hash behind", fine + fine},
	{"space behind", fine + " "},
	{"line feed behind", fine + "\n"},
	{"CRLF behind", fine + "\r\n"},
	{"NUL behind", fine + "\x00"},
	{"line feed in the salt", strings.Replace(fine, salt16, salt16[:4]+"\n"+salt16[4:], 1)},
	{"padding behind the salt", strings.Replace(fine, salt16, salt16+"==", 1)},
	{"padding behind the tag", fine + "="},
	{"left-over bits in the salt", strings.Replace(fine, salt16, salt16[:21]+"x", 1)},
	{"left-over bits in the tag", fine[:len(fine)-1] + "9"},
	{"dash of the URL alphabet", fine[:len(fine)-2] + "-8"},
}

func TestParseAcceptsTheBounds(t *testing.T) {
	const at = "$argon2id$v=19$m=8,t=1,p=1$"
	tests := []struct{ name, encoded string }{
		{"usual form", fine},
		{"256 MiB, 16 passes, 16 lanes", head("m=262144,t=16,p=16")},
		{"8 KiB a lane", head("m=128,t=1,p=16")},
		{"salt of 8 bytes", at + "AAECAwQFBgc$" + tag32},
		{"salt and tag of 64 bytes", at + strings.Repeat("A", 86) + "$" + strings.Repeat("A", 86)},
		{"tag of 16 bytes", at + salt16 + "$" + salt16},
		{"longest of all", "$argon2id$v=19$m=262144,t=16,p=16$" + strings.Repeat("A", 86) + "$" + strings.Repeat("A", 86)},
	}
	h := newHasher(t, passhash.Config{})
	h.WithDoor(func(uint32) {})
	for _, tt := range tests {
		if _, err := h.Verify(t.Context(), tt.encoded, "password"); err != nil {
			t.Errorf("%s: Verify(%q) = %v, want no error", tt.name, tt.encoded, err)
		}
	}
}
