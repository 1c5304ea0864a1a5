package passhash_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/passhash"
)

// BenchmarkVerify is what a sign-in by each scheme costs, at what its systems use, and
// what ours costs.
func BenchmarkVerify(b *testing.B) {
	h, err := passhash.New(passhash.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, tt := range []struct{ name, encoded string }{
		{"Own", head("m=19456,t=2,p=1")},
		{"Argon2iOfPHP", strings.Replace(head("m=65536,t=4,p=1"), "argon2id", "argon2i", 1)},
		{"Argon2idOfDjango", "argon2" + head("m=102400,t=2,p=8")},
		{"Bcrypt12", "$2y$12$" + b53},
		{"BcryptSHA256", "bcrypt_sha256$$2b$12$" + b53},
		{"PBKDF2OfDjango", "pbkdf2_sha256$1200000$salt$" + pad32},
		{"PBKDF2SHA1", "pbkdf2_sha1$1200000$salt$" + pad20},
		{"PBKDF2SHA512", "$pbkdf2-sha512$210000$" + salt16 + "$" + raw64},
		{"ScryptOfDjango", "scrypt$16384$salt$8$5$" + pad64},
		{"ScryptOfPasslib", "$scrypt$ln=16,r=8,p=1$" + salt16 + "$" + tag32},
		{"Firebase", "$firebase-scrypt$ln=14,r=8$" + salt16 + "$" + raw64},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Verify(b.Context(), tt.encoded, "correct horse battery staple"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDearest shows how long a row may hold a slot at most.
func BenchmarkDearest(b *testing.B) {
	h, err := passhash.New(passhash.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(dearest)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Verify(b.Context(), dearest[name], "correct horse battery staple"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, encoded := range dearest {
			if err := passhash.Check(encoded); err != nil {
				b.Fatal(err)
			}
		}
	}
}
