package address_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/address"
)

func ExampleParse() {
	a, err := address.Parse(" Ada.Lovelace+torii@BÜCHER.example ")
	fmt.Println(a.Canonical, err)
	fmt.Println(a.Entered)
	fmt.Println(a.LocalPart(), a.Domain())

	_, err = address.Parse("Ada <ada@example.com>")
	fmt.Println(err)
	// Output:
	// ada.lovelace+torii@xn--bcher-kva.example <nil>
	// Ada.Lovelace+torii@BÜCHER.example
	// ada.lovelace+torii xn--bcher-kva.example
	// address: not an e-mail address: it has a control character, a format character or a space inside
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("d", 63)
	longest := "a@" + label63 + "." + label63 + "." + label63 + "." + strings.Repeat("e", 60)
	for _, row := range []struct{ name, in, want string }{
		{"a plain address stays as it is", "ada@example.com", "ada@example.com"},
		{"spaces around are trimmed", "  ada@example.com ", "ada@example.com"},
		{"the local part is folded in ASCII", "ADA@example.com", "ada@example.com"},
		{"the domain is folded", "ada@EXAMPLE.Com", "ada@example.com"},
		{"dots in the local part are kept", "a.d.a@example.com", "a.d.a@example.com"},
		{"a plus tag is kept", "ada+tag@example.com", "ada+tag@example.com"},
		{"all of atext is accepted", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"a local part of digits is accepted", "123@example.com", "123@example.com"},
		{"a local part of 64 bytes is accepted", strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{"an address of 254 bytes is accepted", longest, longest},
		{"reserved hyphens in a label are accepted", "ada@r3---sn.example.com", "ada@r3---sn.example.com"},
		{"a label of digits is accepted", "ada@163.com", "ada@163.com"},
		{"a composed accent is kept", "jos\u00e9@example.com", "jos\u00e9@example.com"},
		{"a decomposed accent becomes the composed one", "jose\u0301@example.com", "jos\u00e9@example.com"},
		{"a capital outside ASCII keeps its case", "\u00c9va@example.com", "\u00c9va@example.com"},
		{"sharp s is not folded to ss in the local part", "stra\u00dfe@example.com", "stra\u00dfe@example.com"},
		{"dotted capital I is not folded in the local part", "\u0130pek@example.com", "\u0130pek@example.com"},
		{"dotless i is not folded in the local part", "\u0131pek@example.com", "\u0131pek@example.com"},
		{"Cyrillic letters stay Cyrillic", "\u0430da@example.com", "\u0430da@example.com"},
		{"Chinese local part and domain are accepted", "用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"},
		{"Thai sara am is accepted", "คำ@example.com", "คำ@example.com"},
		{"Hindi vowel signs and virama are accepted", "संपर्क@example.com", "संपर्क@example.com"},
		{"an IDN domain becomes punycode", "ada@bücher.example", "ada@xn--bcher-kva.example"},
		{"an IDN domain in capitals is the same", "ada@BÜCHER.example", "ada@xn--bcher-kva.example"},
		{"a decomposed IDN domain is the same", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"},
		{"punycode in capitals is the same", "ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"},
		{"sharp s in a domain is not ss", "ada@faß.example", "ada@xn--fa-hia.example"},
		{"an emoji domain is accepted as what it is in DNS", "ada@\U0001f600.example", "ada@xn--e28h.example"},
		{"a Hebrew domain is accepted", "ada@\u05d0\u05d1.example", "ada@xn--4dbc.example"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := address.Parse(row.in)
			if err != nil || got.Canonical != row.want {
				t.Fatalf("got %q, %v; want %q for %q", got.Canonical, err, row.want, row.in)
			}
			if want := strings.Trim(row.in, " "); got.Entered != want {
				t.Errorf("got Entered %q, want %q for %q", got.Entered, want, row.in)
			}
			again, err := address.Parse(got.Canonical)
			if err != nil || again.Canonical != got.Canonical {
				t.Errorf("got %q, %v when parsed again; want %q", again.Canonical, err, got.Canonical)
			}
		})
	}
}

func TestZeroAddressHasNoParts(t *testing.T) {
	t.Parallel()
	var a address.Address
	if a.LocalPart() != "" || a.Domain() != "" {
		t.Errorf("got %q and %q, want two empty strings", a.LocalPart(), a.Domain())
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"ada@example.com", " Ada@EXAMPLE.com", "a＠example.com", "a@b@c.example", "jose\u0301@bu\u0308cher.example",
		"a@例。com", "\u212a@example.com", "a@xn--bcher-kva.example", "\"a@x\"@y.example", "a@[127.0.0.1]", "<a@b.example>",
		"a@b.example\r\nBcc: c@d.example", "a\x00@b.example", "\xff@b.example", "用户@例子.中国", "a@\u0130.example", "a@xn--.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := address.Parse(in)
		if err != nil {
			if !errors.Is(err, address.ErrInvalid) || got != (address.Address{}) {
				t.Fatalf("got %+v, %v; want the zero value and ErrInvalid", got, err)
			}
			return
		}
		again, err := address.Parse(got.Canonical)
		if err != nil || again.Canonical != got.Canonical {
			t.Fatalf("got %q, %v when %q is parsed again (from %q)", again.Canonical, err, got.Canonical, in)
		}
		if len(got.Canonical) > 254 || strings.Count(got.Canonical, "@") != 1 || strings.ContainsAny(got.Canonical, "\r\n\x00 \t<>(),;:\\\"[]") {
			t.Fatalf("got %q from %q", got.Canonical, in)
		}
		if got.LocalPart()+"@"+got.Domain() != got.Canonical {
			t.Fatalf("got %q and %q of %q", got.LocalPart(), got.Domain(), got.Canonical)
		}
		for _, r := range got.Domain() {
			if r >= 0x80 || 'A' <= r && r <= 'Z' {
				t.Fatalf("got domain %q from %q", got.Domain(), in)
			}
		}
	})
}
