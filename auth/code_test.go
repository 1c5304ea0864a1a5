package auth_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
)

// Every letter is as likely as every other, in every place, and zeros in front stay.
func TestCodesHaveNoBias(t *testing.T) {
	const (
		codes   = 1_000_000
		letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
		// 31 degrees of freedom: exceeded once in a million tables.
		limit = 86.0
	)
	var seen [8][256]int
	for range codes {
		code := auth.NewCode()
		if len(code) != 8 {
			t.Fatalf("%q has %d letters", code, len(code))
		}
		for place := range 8 {
			seen[place][code[place]]++
		}
	}
	for place := range seen {
		sum, counted := 0.0, 0
		for _, letter := range []byte(letters) {
			const want = float64(codes) / float64(len(letters))
			d := float64(seen[place][letter]) - want
			sum += d * d / want
			counted += seen[place][letter]
		}
		if counted != codes {
			t.Errorf("place %d has %d other letters", place, codes-counted)
		}
		if sum > limit {
			t.Errorf("place %d: chi-square %.1f, want at most %.1f", place, sum, limit)
		}
	}
}

func TestReadCode(t *testing.T) {
	tests := map[string]string{
		"7K3M9QXD":                 "7K3M9QXD",
		"7K3M-9QXD":                "7K3M9QXD",
		" 7k3m 9qxd ":              "7K3M9QXD",
		"0000-0001":                "00000001",
		"oooo-oool":                "00000001",
		"OOOO-OOOI":                "00000001",
		"":                         "",
		"7K3M9QX":                  "",
		"7K3M9QXDD":                "",
		"7K3M9QXU":                 "", // a letter that no code has
		"7K3M9QX\x00":              "",
		"7K3M9QXÉ":                 "",
		strings.Repeat("-", 1<<20): "",
		"７K3M9QXD":                 "",
	}
	for typed, want := range tests {
		if got := auth.ReadCode(typed); got != want {
			t.Errorf("%.20q: got %q, want %q", typed, got, want)
		}
	}
	code := auth.NewCode()
	if got := auth.ReadCode(strings.ToLower(auth.ShowCode(code))); got != code {
		t.Errorf("%q is read as %q", auth.ShowCode(code), got)
	}
}

func FuzzReadCode(f *testing.F) {
	f.Add("7K3M-9QXD")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		if got := auth.ReadCode(typed); got != "" && auth.ReadCode(got) != got {
			t.Errorf("%q is read as %q, which is read as something else", typed, got)
		}
	})
}
