package address_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/address"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("d", 63)
	for _, row := range []struct{ name, in string }{
		{"nothing is refused", ""},
		{"spaces alone are refused", "   "},
		{"no @ is refused", "ada.example.com"},
		{"an empty local part is refused", "@example.com"},
		{"an empty domain is refused", "ada@"},
		{"two @ are refused", "ada@example.com@evil.example"},
		{"a list is refused", "ada@example.com,eve@evil.example"},
		{"a list by semicolon is refused", "ada@example.com;eve@evil.example"},
		{"a list by space is refused", "ada@example.com eve@evil.example"},
		{"a display name is refused", "Ada <ada@example.com>"},
		{"angle brackets are refused", "<ada@example.com>"},
		{"a comment after is refused", "ada@example.com (home)"},
		{"a comment inside is refused", "ada(home)@example.com"},
		{"a quoted local part is refused", `"ada"@example.com`},
		{"an @ in quotes is refused", `"ada@evil.example"@example.com`},
		{"an escaped character is refused", `ada\@evil@example.com`},
		{"a group is refused", "friends:ada@example.com;"},
		{"a mailto link is refused", "mailto:ada@example.com"},
		{"a source route is refused", "@a.example,@b.example:ada@example.com"},
		{"HTML is refused", "<b>ada</b>@example.com"},
		{"an IPv4 literal is refused", "ada@[127.0.0.1]"},
		{"an IPv6 literal is refused", "ada@[IPv6:::1]"},
		{"a bare IPv4 address is refused", "ada@127.0.0.1"},
		{"localhost is refused", "ada@localhost"},
		{"a top-level domain alone is refused", "ada@com"},
		{"a trailing dot in the domain is refused", "ada@example.com."},
		{"a leading dot in the domain is refused", "ada@.example.com"},
		{"two dots in the domain are refused", "ada@example..com"},
		{"a leading hyphen in a label is refused", "ada@-example.com"},
		{"a trailing hyphen in a label is refused", "ada@example-.com"},
		{"an underscore in the domain is refused", "ada@ex_ample.com"},
		{"a slash in the domain is refused", "ada@example.com/x"},
		{"a port is refused", "ada@example.com:25"},
		{"a leading dot in the local part is refused", ".ada@example.com"},
		{"a trailing dot in the local part is refused", "ada.@example.com"},
		{"two dots in the local part are refused", "a..da@example.com"},
		{"a space inside is refused", "a da@example.com"},
		{"a space before the @ is refused", "ada @example.com"},
		{"a tab around is refused", "\tada@example.com"},
		{"a newline at the end is refused", "ada@example.com\n"},
		{"a header after CRLF is refused", "ada@example.com\r\nBcc: eve@evil.example"},
		{"a folded line is refused", "ada@example.com\r\n x"},
		{"NUL is refused", "ada\x00@example.com"},
		{"NUL at the end is refused", "ada@example.com\x00"},
		{"DEL is refused", "ada\x7f@example.com"},
		{"a C1 control is refused", "ada\u0085@example.com"},
		{"invalid UTF-8 in the local part is refused", "ad\xe9@example.com"},
		{"invalid UTF-8 in the domain is refused", "ada@ex\xffample.com"},
		{"an encoded surrogate is refused", "ada\xed\xa0\x80@example.com"},
		{"the replacement character is refused", "ada\ufffd@example.com"},
		{"a zero width space is refused", "ada\u200b@example.com"},
		{"a zero width joiner is refused", "ada\u200d@example.com"},
		{"a byte order mark is refused", "\ufeffada@example.com"},
		{"a soft hyphen is refused", "a\u00adda@example.com"},
		{"a right-to-left override is refused", "ada\u202e@example.com"},
		{"a tag character is refused", "ada\U000e0061@example.com"},
		{"a variation selector is refused", "ada\ufe0f@example.com"},
		{"a Hangul filler is refused", "ada\u3164@example.com"},
		{"a grapheme joiner is refused", "ada\u034f@example.com"},
		{"a no-break space is refused", "ada\u00a0@example.com"},
		{"an ideographic space is refused", "ada\u3000@example.com"},
		{"a line separator is refused", "ada\u2028@example.com"},
		{"a paragraph separator is refused", "ada\u2029@example.com"},
		{"an unassigned character is refused", "ada\u0378@example.com"},
		{"a private use character is refused", "ada\ue000@example.com"},
		{"an emoji in the local part is refused", "\U0001f600@example.com"},
		{"a symbol in the local part is refused", "ada\u20ac@example.com"},
		{"a dash outside ASCII is refused", "ada\u2013x@example.com"},
		{"a lone combining mark is refused", "\u0301ada@example.com"},
		{"a combining mark after a dot is refused", "ada.\u0301x@example.com"},
		{"a combining mark that makes a symbol is refused", "ada=\u0338@example.com"},
		{"a fullwidth @ is refused", "ada\uff20example.com"},
		{"a fullwidth @ beside a real one is refused", "ada\uff20victim.example@evil.example"},
		{"a small @ is refused", "ada\ufe6bexample.com"},
		{"the Kelvin sign is refused in the local part", "\u212a@example.com"},
		{"the Kelvin sign is refused in the domain", "ada@\u212aelvin.example"},
		{"the Greek question mark is refused", "ada\u037e@example.com"},
		{"the Greek varia is refused", "ada\u1fef@example.com"},
		{"a fullwidth letter is refused in the local part", "\uff41da@example.com"},
		{"a fullwidth letter is refused in the domain", "user@\uff56ictim.com"},
		{"a long s is refused", "\u017fara@example.com"},
		{"a ligature is refused", "\ufb01n@example.com"},
		{"a mathematical letter is refused", "\U0001d41ada@example.com"},
		{"a circled digit is refused", "ada\u2460@example.com"},
		{"a fullwidth full stop is refused", "ada@example\uff0ecom"},
		{"an ideographic full stop is refused", "ada@example\u3002com"},
		{"a halfwidth ideographic full stop is refused", "ada@example\uff61com"},
		{"a one dot leader is refused", "ada@example\u2024com"},
		{"a dotted capital I in a domain is refused", "ada@\u0130stanbul.example"},
		{"a domain that begins with a mark is refused", "ada@\u0301x.example"},
		{"mixed directions in a label are refused", "ada@a\u05d0.example"},
		{"an empty punycode label is refused", "ada@xn--.example"},
		{"broken punycode is refused", "ada@xn--0.example"},
		{"punycode of plain ASCII is refused", "ada@xn--example-.com"},
		{"punycode of a capital is refused", "ada@xn--bcher-2pa.example"},
		{"punycode of an ideographic full stop is refused", "ada@xn--ab-r13a.example"},
		{"a local part of 65 bytes is refused", strings.Repeat("a", 65) + "@example.com"},
		{"a local part of 33 two-byte letters is refused", strings.Repeat("é", 33) + "@example.com"},
		{"a label of 64 bytes is refused", "ada@" + strings.Repeat("d", 64) + ".com"},
		{"a label of 64 bytes in punycode is refused", "ada@" + strings.Repeat("ü", 60) + ".com"},
		{"an address of 255 bytes is refused", "a@" + label63 + "." + label63 + "." + label63 + "." + strings.Repeat("e", 61)},
		{"a megabyte is refused", strings.Repeat("a", 1<<20) + "@example.com"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := address.Parse(row.in)
			if !errors.Is(err, address.ErrInvalid) || got != (address.Address{}) {
				t.Errorf("got %+v, %v; want ErrInvalid for %.80q", got, err, row.in)
			}
		})
	}
}

func TestReasonsDoNotRepeatTheAddress(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"zebra9 @example.com", "zebra9@quagga9", "zebra9@-quagga9.com", "zebra9@quagga9@x.com", "zebra9@xn--quagga9!.com",
		"zebra9@xn--0.quagga9", "zebra9\x00@quagga9.com", "\"zebra9\"@quagga9.com", "zebra9@quagga9.\u0130", "zebra9\xff@quagga9.com",
	} {
		_, err := address.Parse(in)
		if err == nil || strings.Contains(err.Error(), "zebra9") || strings.Contains(err.Error(), "quagga9") {
			t.Errorf("got %v for %q, want an error without the address", err, in)
		}
	}
}

func TestDifferentPeopleStayDifferent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, one, other string }{
		{"an accent tells two addresses apart", "jose@example.com", "josé@example.com"},
		{"sharp s is not ss", "strasse@example.com", "straße@example.com"},
		{"sharp s is not ss in a domain", "ada@fass.example", "ada@faß.example"},
		{"Turkish dotless i is not i", "ipek@example.com", "ıpek@example.com"},
		{"Turkish dotted I is not i", "ipek@example.com", "İpek@example.com"},
		{"Cyrillic a is not a", "ada@example.com", "\u0430da@example.com"},
		{"Cyrillic a is not a in a domain", "ada@apple.example", "ada@\u0430pple.example"},
		{"a dot matters", "ada.l@example.com", "adal@example.com"},
		{"a plus tag matters", "ada+x@example.com", "ada@example.com"},
		{"final sigma is not sigma", "οδος@example.com", "οδοσ@example.com"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			one, err1 := address.Parse(row.one)
			other, err2 := address.Parse(row.other)
			if err1 != nil || err2 != nil || one.Canonical == other.Canonical {
				t.Errorf("got %q and %q (%v, %v), want two addresses", one.Canonical, other.Canonical, err1, err2)
			}
		})
	}
}
