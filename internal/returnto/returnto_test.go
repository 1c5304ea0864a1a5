package returnto_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/returnto"
)

func ExampleClean() {
	fmt.Println(returnto.Clean("/orders?page=2#latest"))
	fmt.Println(returnto.Clean("//evil.example/orders"))
	// Output:
	// /orders?page=2#latest true
	//  false
}

func TestCleanAccepts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, in string }{
		{"the root is accepted", "/"},
		{"a path is accepted", "/orders/17"},
		{"a trailing slash is accepted", "/orders/"},
		{"a query is accepted", "/orders?page=2&sort=-date"},
		{"a fragment is accepted", "/orders#latest"},
		{"a query on the root is accepted", "/?page=2"},
		{"a URL within the query is accepted", "/share?url=https://other.example//x"},
		{"an encoded CRLF within the query is accepted", "/search?q=%0d%0aa"},
		{"an encoded backslash within the query is accepted", "/search?q=%5c"},
		{"two slashes within the query are accepted", "/?//evil.example"},
		{"two slashes within the fragment are accepted", "/#//evil.example"},
		{"two slashes later in the path are accepted", "/a//b"},
		{"an at sign in the path is accepted", "/@ada"},
		{"a colon in the path is accepted", "/a:b"},
		{"a domain as a path is accepted", "/evil.example"},
		{"dots within a name are accepted", "/a..b/.well-known/c."},
		{"an encoded slash later in the path is accepted", "/files/a%2fb"},
		{"an encoded space is accepted", "/a%20b"},
		{"a space is accepted", "/a b"},
		{"letters outside ASCII are accepted", "/größe/日本"},
		{"encoded UTF-8 is accepted", "/gr%C3%B6%C3%9Fe"},
		{"a twice encoded slash is accepted, for it is none after one decoding", "/%252fevil.example"},
		{"a fullwidth slash is no slash", "/\uff0fevil.example"},
		{"an ideographic full stop is no dot segment", "/\u3002\u3002/evil.example"},
		{"2,048 bytes are accepted", "/" + strings.Repeat("a", 2047)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := returnto.Clean(row.in); !ok || got != row.in {
				t.Errorf("got %q, %t; want %q unchanged", got, ok, row.in)
			}
			if where := leaves(row.in); where != "" {
				t.Errorf("got %s for %q, want our origin", where, row.in)
			}
		})
	}
}

func TestCleanRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, in string }{
		{"nothing is refused", ""},
		{"a space is refused", " "},
		{"a relative path is refused", "orders"},
		{"a relative path with dots is refused", "../orders"},
		{"a query alone is refused", "?page=2"},
		{"a fragment alone is refused", "#x"},
		{"a star is refused", "*"},
		{"a URL is refused", "https://evil.example"},
		{"a URL to our own origin is refused", "https://app.example/orders"},
		{"a URL in capitals is refused", "HTTPS://evil.example"},
		{"a URL without slashes is refused", "https:evil.example"},
		{"a URL with one slash is refused", "https:/evil.example"},
		{"a URL with three slashes is refused", "https:///evil.example"},
		{"a URL with backslashes is refused", `https:\\evil.example`},
		{"a URL with user information is refused", "https://app.example@evil.example"},
		{"a URL with a password is refused", "https://app.example:x@evil.example/"},
		{"a URL after a space is refused", " https://evil.example"},
		{"a URL after a newline is refused", "\nhttps://evil.example"},
		{"a URL after NUL is refused", "\x00https://evil.example"},
		{"a tab within the scheme is refused", "ht\ttps://evil.example"},
		{"javascript is refused", "javascript:alert(1)"},
		{"javascript in mixed case is refused", "jAvAsCrIpT:alert(1)"},
		{"javascript with a newline is refused", "java\nscript:alert(1)"},
		{"javascript with a comment is refused", "javascript://app.example/%0aalert(1)"},
		{"data is refused", "data:text/html,<script>alert(1)</script>"},
		{"vbscript is refused", "vbscript:x"},
		{"file is refused", "file:///etc/passwd"},
		{"mailto is refused", "mailto:ada@example.com"},
		{"a bare host is refused", "evil.example"},
		{"a host with a port is refused", "evil.example:443"},
		{"two slashes are refused", "//evil.example"},
		{"two slashes alone are refused", "//"},
		{"three slashes are refused", "///evil.example"},
		{"four slashes are refused", "////evil.example"},
		{"five slashes and a path are refused", "/////evil.example/x"},
		{"two slashes with user information are refused", "//app.example@evil.example"},
		{"two slashes with an encoded user are refused", "//app.example%40evil.example"},
		{"two slashes with a port are refused", "//evil.example:443"},
		{"two slashes with IPv6 are refused", "//[::1]"},
		{"two slashes with a decimal address are refused", "//2130706433"},
		{"two slashes with an ideographic full stop are refused", "//evil\u3002example"},
		{"two slashes with an encoded full stop are refused", "//evil%E3%80%82example"},
		{"two slashes to our own host are refused", "//app.example/orders"},
		{"slash, backslash is refused", `/\evil.example`},
		{"slash, two backslashes is refused", `/\\evil.example`},
		{"slash, backslash, slash is refused", `/\/evil.example`},
		{"backslash, slash is refused", `\/evil.example`},
		{"two backslashes are refused", `\\evil.example`},
		{"one backslash is refused", `\evil.example`},
		{"a backslash later in the path is refused", `/a\b`},
		{"a backslash in the query is refused", `/a?b=\c`},
		{"a backslash in the fragment is refused", `/a#\c`},
		{"a tab between slashes is refused", "/\t/evil.example"},
		{"a tab before two slashes is refused", "\t//evil.example"},
		{"a newline between slashes is refused", "/\n/evil.example"},
		{"a carriage return between slashes is refused", "/\r/evil.example"},
		{"CRLF between slashes is refused", "/\r\n/evil.example"},
		{"a tab before a backslash is refused", "/\t\\evil.example"},
		{"a backslash before a tab is refused", "/\\\t/evil.example"},
		{"a header after CRLF is refused", "/a\r\nSet-Cookie: x=y"},
		{"a trailing newline is refused", "/a\n"},
		{"NUL is refused", "/\x00/evil.example"},
		{"NUL at the end is refused", "/a\x00"},
		{"a vertical tab is refused", "/\x0b/evil.example"},
		{"an escape is refused", "/\x1b/evil.example"},
		{"DEL is refused", "/a\x7f"},
		{"a C1 control is refused", "/a\u0085b"},
		{"invalid UTF-8 is refused", "/a\xff"},
		{"an overlong slash is refused", "/\xc0\xafevil.example"},
		{"a space before two slashes is refused", " //evil.example"},
		{"a no-break space before is refused", "\u00a0//evil.example"},
		{"a byte order mark before is refused", "\ufeff//evil.example"},
		{"an encoded slash after the slash is refused", "/%2fevil.example"},
		{"an encoded slash in capitals is refused", "/%2Fevil.example"},
		{"two encoded slashes are refused", "/%2f%2fevil.example"},
		{"an encoded slash at the start is refused", "%2f/evil.example"},
		{"two encoded slashes at the start are refused", "%2f%2fevil.example"},
		{"an encoded backslash after the slash is refused", "/%5cevil.example"},
		{"an encoded backslash and slash are refused", "/%5c/evil.example"},
		{"an encoded backslash later in the path is refused", "/a%5Cb"},
		{"an encoded tab is refused", "/%09/evil.example"},
		{"an encoded newline is refused", "/%0a/evil.example"},
		{"an encoded CRLF in the path is refused", "/a%0d%0aSet-Cookie:x=y"},
		{"an encoded NUL is refused", "/a%00"},
		{"an encoded DEL is refused", "/a%7f"},
		{"an encoded C1 control is refused", "/a%C2%85"},
		{"an encoded overlong slash is refused", "/%c0%afevil.example"},
		{"an encoded byte outside UTF-8 is refused", "/a%ff"},
		{"a broken escape is refused", "/a%"},
		{"an escape of no digits is refused", "/%zz"},
		{"a dot before two slashes is refused", "/.//evil.example"},
		{"two dots before two slashes are refused", "/..//evil.example"},
		{"a step back before two slashes is refused", "/a/..//evil.example"},
		{"an encoded dot before two slashes is refused", "/%2e//evil.example"},
		{"encoded dots before an encoded slash are refused", "/a/%2e%2e%2f%2fevil.example"},
		{"a path upwards is refused", "/../../etc/passwd"},
		{"a dot at the end is refused", "/a/."},
		{"2,049 bytes are refused", "/" + strings.Repeat("a", 2048)},
		{"a megabyte is refused", "/" + strings.Repeat("a", 1<<20)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := returnto.Clean(row.in); ok || got != "" {
				t.Errorf("got %q, %t; want a refusal of %.80q", got, ok, row.in)
			}
		})
	}
}
