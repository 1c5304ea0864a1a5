package token_test

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

func TestTokenRoundTrip(t *testing.T) {
	secret := token.New()
	stored := token.HashOf(secret.Reveal())

	got, ok := token.Parse(secret.Reveal())
	if !ok || got != stored {
		t.Fatalf("Parse(New()) = %x, %v, want %x, true", got, ok, stored)
	}
	if other, ok := token.Parse(token.New().Reveal()); !ok || other == stored {
		t.Fatalf("another token: hash %x, ok %v, want another hash and true", other, ok)
	}
}

func TestNewIsUniqueAndUniform(t *testing.T) {
	const n = 10_000
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := make(map[token.Secret]bool, n)
	var bits [256]int // how many tokens have each bit set
	for range n {
		s := token.New()
		if !form.MatchString(s.Reveal()) {
			t.Fatalf("New() = %q, want %s", s.Reveal(), form)
		}
		if seen[s] {
			t.Fatalf("New() gave %q twice", s.Reveal())
		}
		seen[s] = true
		b, err := base64.RawURLEncoding.Strict().DecodeString(s.Reveal())
		if err != nil || len(b) != 32 {
			t.Fatalf("New() = %q holds %d bytes, %v, want 32", s.Reveal(), len(b), err)
		}
		for i := range bits {
			bits[i] += int(b[i/8]>>(i%8)) & 1
		}
	}
	for i, set := range bits {
		// Ten standard deviations: a fixed bit fails, chance does not.
		if set < n/2-500 || set > n/2+500 {
			t.Errorf("bit %d is set in %d of %d tokens", i, set, n)
		}
	}
}

func TestHashOf(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty string", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"FIPS 180 example", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"a token of zeroes", strings.Repeat("A", 43), "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"},
	}
	for _, tt := range tests {
		if got := token.HashOf(tt.in); hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("%s: HashOf(%q) = %x, want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	const zeroes = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"all zero bits are accepted", zeroes, true},
		{"all bits set are accepted", strings.Repeat("_", 42) + "8", true},
		{"dash and underscore are accepted", "-_" + zeroes[2:], true},
		{"empty string is refused", "", false},
		{"one character less is refused", zeroes[1:], false},
		{"one character more is refused", zeroes + "A", false},
		{"padding is refused", zeroes + "=", false},
		{"padding in place of a character is refused", zeroes[1:] + "=", false},
		{"line feed behind is refused", zeroes + "\n", false},
		{"CRLF behind is refused", zeroes + "\r\n", false},
		{"line feed in place of a character is refused", zeroes[:20] + "\n" + zeroes[21:], false},
		{"carriage return at the start is refused", "\r" + zeroes[1:], false},
		{"line feed within 43 characters and one is refused", zeroes[:20] + "\n" + zeroes[20:], false},
		{"space before is refused", " " + zeroes[1:], false},
		{"tab behind is refused", zeroes[1:] + "\t", false},
		{"NUL is refused", zeroes[:42] + "\x00", false},
		{"plus of the standard alphabet is refused", "+" + zeroes[1:], false},
		{"slash of the standard alphabet is refused", "/" + zeroes[1:], false},
		{"left-over bit 0 set is refused", zeroes[:42] + "B", false},
		{"left-over bit 1 set is refused", zeroes[:42] + "C", false},
		{"both left-over bits set are refused", zeroes[:42] + "D", false},
		{"letter with an accent is refused", zeroes[:41] + "é", false},
		{"fullwidth letter is refused", zeroes[:40] + "Ａ", false},
		{"broken UTF-8 is refused", zeroes[:42] + "\xff", false},
		{"percent escape is refused", "%41" + zeroes[3:], false},
	}
	for _, tt := range tests {
		got, ok := token.Parse(tt.in)
		if ok != tt.ok {
			t.Errorf("%s: Parse(%q) ok = %v, want %v", tt.name, tt.in, ok, tt.ok)
		}
		want := [32]byte{}
		if tt.ok {
			want = token.HashOf(tt.in)
		}
		if got != want {
			t.Errorf("%s: Parse(%q) = %x, want %x", tt.name, tt.in, got, want)
		}
	}
}

func TestParseRefusesEveryPrefixAndExtension(t *testing.T) {
	s := token.New().Reveal()
	for i := range len(s) {
		if _, ok := token.Parse(s[:i]); ok {
			t.Errorf("Parse of the first %d characters of %q is accepted", i, s)
		}
	}
	for c := range 256 {
		for _, in := range []string{s + string([]byte{byte(c)}), string([]byte{byte(c)}) + s} {
			if _, ok := token.Parse(in); ok {
				t.Errorf("Parse(%q) is accepted", in)
			}
		}
	}
}

func TestParseHasOneSpellingAToken(t *testing.T) {
	// Of the 256 bytes in the last place, 16 leave no bits over.
	s, accepted := token.New().Reveal(), 0
	for c := range 256 {
		if _, ok := token.Parse(s[:42] + string([]byte{byte(c)})); ok {
			accepted++
		}
	}
	if accepted != 16 {
		t.Errorf("%d last characters are accepted, want 16", accepted)
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	good := token.New().Reveal()
	for _, in := range []string{good, good + "A", good[:42] + "\n", strings.Repeat("A", 1<<20)} {
		if n := testing.AllocsPerRun(100, func() { token.Parse(in) }); n != 0 {
			t.Errorf("Parse of %d bytes allocates %v times, want 0", len(in), n)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add(token.New().Reveal())
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("A", 42) + "B")
	f.Add(strings.Repeat("A", 42) + "\n")
	f.Add(strings.Repeat("A", 43) + "=")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := token.Parse(s)
		b, err := base64.RawURLEncoding.Strict().DecodeString(s)
		canonical := err == nil && len(b) == 32 && base64.RawURLEncoding.EncodeToString(b) == s
		if ok != canonical {
			t.Fatalf("Parse(%q) ok = %v, want %v", s, ok, canonical)
		}
		if ok && got != token.HashOf(s) {
			t.Fatalf("Parse(%q) = %x, want %x", s, got, token.HashOf(s))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	s := token.New().Reveal()
	b.ReportAllocs()
	for b.Loop() {
		token.Parse(s)
	}
}
