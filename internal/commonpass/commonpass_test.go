package commonpass_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/torii-go/torii/internal/commonpass"
)

func ExampleContains() {
	fmt.Println(commonpass.Contains("Password123"))
	fmt.Println(commonpass.Contains("password123 is where I began"))
	// Output:
	// true
	// false
}

func TestContains(t *testing.T) {
	t.Parallel()
	entries := read(t)
	for _, row := range []struct {
		name string
		in   string
		want bool
	}{
		{"a common password is found", "password123", true},
		{"a common password in capitals is found", "PASSWORD123", true},
		{"a common password in mixed case is found", "pAssWord123", true},
		{"the first line is found", entries[0], true},
		{"the last line is found", entries[len(entries)-1], true},
		{"a prefix of a common password is not found", "1234567890098765432", false},
		{"a common password with a suffix is not found", "password123-heron", false},
		{"a common password with a prefix is not found", "heron-password123", false},
		{"a space before makes another password", " password123", false},
		{"a space after makes another password", "password123 ", false},
		{"a newline after makes another password", "password123\n", false},
		{"two lines of the list are not a password", entries[0] + "\n" + entries[1], false},
		{"a NUL after makes another password", "password123\x00", false},
		{"the empty password is not on the list", "", false},
		{"a newline is not on the list", "\n", false},
		{"a password too short for any policy is not on the list", "123456", false},
		{"a password before the first line is not found", "\x01", false},
		{"a password after the last line is not found", "\U0010ffff", false},
		{"invalid UTF-8 is not found", "password123\xff", false},
		{"a look-alike is not found", "p\u0430ssword123", false},
		{"the Kelvin sign counts as k, as in any case folding", "\u212aawasaki", true},
		{"a megabyte is not found", strings.Repeat("password", 1<<17), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := commonpass.Contains(row.in); got != row.want {
				t.Errorf("got %t, want %t for %.40q", got, row.want, row.in)
			}
		})
	}
}

func TestEveryEntryIsFound(t *testing.T) {
	t.Parallel()
	entries := read(t)
	for _, entry := range entries {
		if !commonpass.Contains(entry) || !commonpass.Contains(strings.ToUpper(entry)) {
			t.Errorf("got false for %q", entry)
		}
		if other := entry + "~q9"; commonpass.Contains(other) {
			t.Errorf("got true for %q", other)
		}
	}
}

func TestListIsInShape(t *testing.T) {
	t.Parallel()
	entries := read(t)
	if len(entries) < 5000 {
		t.Errorf("got %d entries, want at least 5,000", len(entries))
	}
	for i, entry := range entries {
		if n := utf8.RuneCountInString(entry); n < 8 || len(entry) > 128 {
			t.Errorf("got %d code points, %d bytes in %q, want 8 code points and at most 128 bytes", n, len(entry), entry)
		}
		if entry != strings.ToLower(entry) || !utf8.ValidString(entry) {
			t.Errorf("got %q, want lower case in UTF-8", entry)
		}
		if i > 0 && entries[i-1] >= entry {
			t.Errorf("got %q before %q, want byte order without repeats", entries[i-1], entry)
		}
	}
	if licence, err := os.ReadFile("LICENSE.zxcvbn-ts"); err != nil || !strings.Contains(string(licence), "Permission is hereby granted") {
		t.Errorf("got %v, want the licence beside the list", err)
	}
}

func BenchmarkContains(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		commonpass.Contains("correct horse battery staple")
	}
}

func FuzzContains(f *testing.F) {
	entries := read(f)
	for _, seed := range []string{"", "password123", "PASSWORD123", "\n", "\xff", entries[0], entries[len(entries)-1]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		_, want := slices.BinarySearch(entries, strings.ToLower(in))
		if got := commonpass.Contains(in); got != want {
			t.Errorf("got %t, want %t for %q", got, want, in)
		}
	})
}

func read(t testing.TB) []string {
	t.Helper()
	file, err := os.Open("passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var entries []string
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		entries = append(entries, scanner.Text())
	}
	if err := scanner.Err(); err != nil || len(entries) < 2 {
		t.Fatalf("got %d entries, %v", len(entries), err)
	}
	return entries
}
