package passhash_test

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/passhash"
)

// cheap is what test suites use: some microseconds a hash.
var cheap = passhash.Params{Memory: 8, Time: 1, Threads: 1}

func newHasher(t testing.TB, c passhash.Config) *passhash.Hasher {
	t.Helper()
	if c.Params == (passhash.Params{}) {
		c.Params = cheap
	}
	c.InsecureParams = true
	h, err := passhash.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustHash(t testing.TB, h *passhash.Hasher, password string) string {
	t.Helper()
	encoded, err := h.Hash(context.Background(), password)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestHashThenVerify(t *testing.T) {
	h, err := passhash.New(passhash.Config{})
	if err != nil {
		t.Fatal(err)
	}
	encoded := mustHash(t, h, "correct horse battery staple")

	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	if !form.MatchString(encoded) {
		t.Errorf("Hash = %s, want %s", encoded, form)
	}
	if got, err := h.Verify(t.Context(), encoded, "correct horse battery staple"); err != nil || got != (passhash.Match{OK: true}) {
		t.Errorf("Verify of the right password = %+v, %v, want OK", got, err)
	}
	if got, err := h.Verify(t.Context(), encoded, "Tr0ub4dor&3"); err != nil || got != (passhash.Match{}) {
		t.Errorf("Verify of a wrong password = %+v, %v, want no match and no error", got, err)
	}
	if got := h.Hashes(); got != 3 {
		t.Errorf("Hashes() = %d, want 3", got)
	}
}

func TestVerifyKnownAnswers(t *testing.T) {
	// From test.c of the reference implementation
	// (github.com/P-H-C/phc-winner-argon2). Rehash is true for its short salt.
	tests := []struct{ name, encoded, password string }{
		{"256 KiB, two passes", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
		{"256 KiB, two passes, two lanes", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
		{"64 MiB, one pass", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg", "password"},
		{"64 MiB, another password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94", "differentpassword"},
	}
	h := newHasher(t, passhash.Config{})
	for _, tt := range tests {
		got, err := h.Verify(t.Context(), tt.encoded, tt.password)
		if want := (passhash.Match{OK: true, Rehash: true}); err != nil || got != want {
			t.Errorf("%s: Verify = %+v, %v, want %+v", tt.name, got, err, want)
		}
	}
}

func TestVerifyComparesWholePasswords(t *testing.T) {
	longest := strings.Repeat("x", passhash.MaxPassword-1)
	tests := []struct{ name, stored, given string }{
		{"last byte at the greatest length", longest + "a", longest + "b"},
		{"last byte missing at the greatest length", longest + "a", longest},
		{"byte 73, where bcrypt stops", strings.Repeat("x", 72) + "a", strings.Repeat("x", 72) + "b"},
		{"byte behind a NUL", "a\x00b", "a\x00c"},
		{"NUL at the end", "a\x00", "a"},
		{"NUL alone", "\x00", ""},
		{"case", "Password", "password"},
		{"space behind", "password ", "password"},
		{"composed and decomposed letter", "caf\u00e9", "cafe\u0301"},
		{"broken UTF-8", "a\xff", "a\xfe"},
		{"broken UTF-8 and the replacement character", "a\xff", "a\ufffd"},
	}
	h := newHasher(t, passhash.Config{})
	for _, tt := range tests {
		encoded := mustHash(t, h, tt.stored)
		if got, err := h.Verify(t.Context(), encoded, tt.stored); err != nil || !got.OK {
			t.Errorf("%s: same password = %+v, %v, want a match", tt.name, got, err)
		}
		if got, err := h.Verify(t.Context(), encoded, tt.given); err != nil || got.OK {
			t.Errorf("%s: other password = %+v, %v, want no match", tt.name, got, err)
		}
	}
}

func TestLongPasswordsAreNotHashed(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	encoded := mustHash(t, h, "x")
	before := h.Hashes()
	for _, n := range []int{passhash.MaxPassword + 1, 1 << 20} {
		long := strings.Repeat("x", n)
		if got, err := h.Hash(t.Context(), long); !errors.Is(err, passhash.ErrTooLong) || got != "" {
			t.Errorf("Hash of %d bytes = %q, %v, want ErrTooLong", n, got, err)
		}
		if got, err := h.Verify(t.Context(), encoded, long); !errors.Is(err, passhash.ErrTooLong) || got.OK {
			t.Errorf("Verify of %d bytes = %+v, %v, want ErrTooLong", n, got, err)
		}
		if err := h.Dummy(t.Context(), long); !errors.Is(err, passhash.ErrTooLong) {
			t.Errorf("Dummy of %d bytes = %v, want ErrTooLong", n, err)
		}
	}
	if got := h.Hashes(); got != before {
		t.Errorf("%d hashes were computed, want 0", got-before)
	}
}

func TestRehash(t *testing.T) {
	now := passhash.Params{Memory: 64, Time: 2, Threads: 1}
	tests := []struct {
		name   string
		stored passhash.Params
		want   bool
	}{
		{"same parameters", now, false},
		{"less memory", passhash.Params{Memory: 32, Time: 2, Threads: 1}, true},
		{"more memory", passhash.Params{Memory: 128, Time: 2, Threads: 1}, true},
		{"fewer passes", passhash.Params{Memory: 64, Time: 1, Threads: 1}, true},
		{"more threads", passhash.Params{Memory: 64, Time: 2, Threads: 2}, true},
	}
	h := newHasher(t, passhash.Config{Params: now})
	for _, tt := range tests {
		encoded := mustHash(t, newHasher(t, passhash.Config{Params: tt.stored}), "right")
		if got, err := h.Verify(t.Context(), encoded, "right"); err != nil || got != (passhash.Match{OK: true, Rehash: tt.want}) {
			t.Errorf("%s: Verify = %+v, %v, want OK and Rehash %v", tt.name, got, err, tt.want)
		}
		if got, err := h.Verify(t.Context(), encoded, "wrong"); err != nil || got != (passhash.Match{}) {
			t.Errorf("%s: Verify of a wrong password = %+v, %v, want zero", tt.name, got, err)
		}
	}
}

func TestDummyWorksLikeAFailedVerify(t *testing.T) {
	params := passhash.Params{Memory: 64, Time: 2, Threads: 1}
	h := newHasher(t, passhash.Config{Params: params})
	encoded := mustHash(t, h, "right")
	var work []uint32
	h.WithDoor(func(memory uint32) { work = append(work, memory) })

	before := h.Hashes()
	if _, err := h.Verify(t.Context(), encoded, "wrong"); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"wrong", "", strings.Repeat("x", passhash.MaxPassword)} {
		if err := h.Dummy(t.Context(), password); err != nil {
			t.Errorf("Dummy of %d bytes = %v, want nil", len(password), err)
		}
	}
	if got := h.Hashes() - before; got != 4 {
		t.Errorf("one Verify and three Dummy computed %d hashes, want 4", got)
	}
	for i, memory := range work {
		if memory != params.Memory {
			t.Errorf("hash %d took %d KiB, want %d", i, memory, params.Memory)
		}
	}
}

func TestSaltsAreUnique(t *testing.T) {
	const n = 10_000
	h := newHasher(t, passhash.Config{})
	h.WithDoor(func(uint32) {})
	seen := make(map[string]bool, n)
	for range n {
		salt := strings.Split(mustHash(t, h, "same"), "$")[4]
		if seen[salt] {
			t.Fatalf("salt %s was used twice", salt)
		}
		seen[salt] = true
	}
}

func TestMalformedHashesCostNothing(t *testing.T) {
	h := newHasher(t, passhash.Config{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, tt := range malformed {
		for _, password := range []string{"", "password"} {
			if got, err := h.Verify(t.Context(), tt.encoded, password); !errors.Is(err, passhash.ErrMalformed) || got != (passhash.Match{}) {
				t.Errorf("%s: Verify(%q, %q) = %+v, %v, want ErrMalformed", tt.name, tt.encoded, password, got, err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d strings allocated %d bytes, want less than 1 MiB", len(malformed), got)
	}
	if got := h.Hashes(); got != 0 {
		t.Errorf("%d hashes were computed, want 0", got)
	}
}

func BenchmarkHash(b *testing.B) {
	h, err := passhash.New(passhash.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}
