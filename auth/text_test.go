package auth_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/torii-go/torii/auth"
)

func TestCleanTextLeavesAnOrdinaryUserAgentAlone(t *testing.T) {
	const ua = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	if got := auth.CleanText(ua, 512); got != ua {
		t.Errorf("CleanText = %q, want %q", got, ua)
	}
}

func TestCleanText(t *testing.T) {
	tests := []struct {
		name, in string
		limit    int
		want     string
	}{
		{"nothing stays nothing", "", 10, ""},
		{"white space around is trimmed", "  a b \u00a0", 10, "a b"},
		{"white space alone is nothing", " \t\r\n\u2003", 10, ""},
		{"a line break cannot forge a line of a log", "a\r\nlevel=ERROR", 99, "alevel=ERROR"},
		{"a NUL is dropped", "a\x00b", 10, "ab"},
		{"an escape cannot colour a terminal", "\x1b[31mred\x1b[0m", 20, "[31mred[0m"},
		{"a C1 control is dropped", "a\u009bb", 10, "ab"},
		{"DEL is dropped", "a\x7fb", 10, "ab"},
		{"an override cannot turn text around", "gpj.\u202eexe", 20, "gpj.exe"},
		{"an isolate is dropped", "a\u2066b\u2069", 10, "ab"},
		{"a zero-width space is dropped", "ad\u200bmin", 10, "admin"},
		{"a byte order mark is dropped", "\ufeffa", 10, "a"},
		{"a line separator is dropped", "a\u2028b\u2029c", 10, "abc"},
		{"a soft hyphen is dropped", "a\u00adb", 10, "ab"},
		{"a tag character is dropped", "a\U000e0041b", 10, "ab"},
		{"a lone byte is dropped", "a\xffb", 10, "ab"},
		{"an overlong slash is dropped", "a\xc0\xafb", 10, "ab"},
		{"half a surrogate pair is dropped", "a\xed\xa0\x80b", 10, "ab"},
		{"a character cut short is dropped", "a\xe2\x82", 10, "a"},
		{"a replacement character is dropped", "a\ufffdb", 10, "ab"},
		{"letters of every alphabet stay", "žluťoučký Ωδ 漢字 עברית", 99, "žluťoučký Ωδ 漢字 עברית"},
		{"an emoji stays", "🙂", 4, "🙂"},
		{"combining marks stay", "z̸a̷l", 20, "z̸a̷l"},
		{"quotes and SQL are text", `'; DROP TABLE users; --`, 99, `'; DROP TABLE users; --`},
		{"HTML is text, to be escaped where it is shown", "<script>", 99, "<script>"},
		{"what fits exactly is not cut", "abcde", 5, "abcde"},
		{"one byte more is cut", "abcdef", 5, "abcde"},
		{"a cut never halves a character of two bytes", "aaaé", 4, "aaa"},
		{"a cut never halves a character of three bytes", "a漢字", 6, "a漢"},
		{"a cut never halves a character of four bytes", "🙂🙂", 7, "🙂"},
		{"a limit below the first character leaves nothing", "🙂", 3, ""},
		{"what is dropped does not count", strings.Repeat("\x00", 100) + "abc", 3, "abc"},
	}
	for _, tt := range tests {
		if got := auth.CleanText(tt.in, tt.limit); got != tt.want {
			t.Errorf("%s: CleanText(%q, %d) = %q, want %q", tt.name, tt.in, tt.limit, got, tt.want)
		}
	}
}

func FuzzCleanText(f *testing.F) {
	for _, seed := range []string{"", "a", "\xff\xfe", "é\u202e🙂", strings.Repeat("漢", 300)} {
		f.Add(seed, 16)
	}
	f.Fuzz(func(t *testing.T, in string, limit int) {
		if limit < 0 || limit > 1<<12 {
			return
		}
		got := auth.CleanText(in, limit)
		if !utf8.ValidString(got) || len(got) > limit || strings.ContainsAny(got, "\x00\r\n\t\x1b\u202e\u2028") {
			t.Errorf("CleanText(%q, %d) = %q", in, limit, got)
		}
	})
}
