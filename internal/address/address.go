// Package address turns what a person typed as an e-mail address into the one
// form under which it is looked up, limited and stored.
//
// [Parse] accepts exactly one addr-spec in dot-atom form (RFC 5322 section
// 3.4.1 without comments, folding white space, quoted strings and domain
// literals), with internationalised local parts (RFC 6531) and domains
// (RFC 5890). It normalises first and judges afterwards, so that nothing can
// become a second address between the check and the use.
//
// Two spellings reach one account only if they differ in
//
//   - ASCII spaces (U+0020) around the address,
//   - Unicode normalisation (NFC),
//   - the case of ASCII letters in the local part,
//   - the case of letters in the domain, or its Unicode and punycode forms.
//
// Nothing else is folded: no dots, no plus tags, no accents, no non-ASCII case,
// no compatibility forms. A character outside ASCII never turns into an ASCII
// one: the Kelvin sign (U+212A, which NFC maps to K), fullwidth letters, the
// fullwidth ＠ (U+FF20), ligatures and the dotted capital İ in a domain are
// refused, for each of them could otherwise merge a stranger's account with its
// victim's, or send the victim's reset link to the stranger.
//
// It does not ask whether the domain exists or the mailbox receives mail; only
// a message that is answered proves that. It does not detect look-alikes of
// different scripts either: they are different addresses, and stay so.
package address

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321 section 4.5.3.1, in bytes. A path is 256 with its angle
// brackets, which leaves 254 for the address (RFC 3696, erratum 1690).
const (
	maxAddress = 254
	maxLocal   = 64
	maxDomain  = 253
	maxLabel   = 63
)

// Address is one e-mail address in two forms. The zero value is no address.
type Address struct {
	// Canonical is the form for look-ups, limits and uniqueness: at most 254
	// bytes of UTF-8, ASCII after the @. Parse(Canonical) gives it again.
	Canonical string
	// Entered is the input without the spaces around it, at most 254 bytes of
	// UTF-8: the form to show and to write to, because the owner of a domain
	// may tell cases of a local part apart (RFC 5321 section 2.4).
	Entered string
}

// Parse reads one address. Every refusal wraps [ErrInvalid] with a reason that
// does not contain the address.
func Parse(s string) (Address, error) {
	entered := strings.Trim(s, " ")
	if err := screen(entered); err != nil {
		return Address{}, err
	}
	normal := norm.NFC.String(entered)
	local, domain, found := strings.Cut(normal, "@")
	if !found || strings.Contains(domain, "@") {
		return Address{}, invalid("there must be exactly one @")
	}
	local, err := canonicalLocal(local)
	if err != nil {
		return Address{}, err
	}
	domain, err = canonicalDomain(domain)
	if err != nil {
		return Address{}, err
	}
	canonical := local + "@" + domain
	if len(canonical) > maxAddress {
		return Address{}, invalid("the address is longer than 254 bytes")
	}
	return Address{Canonical: canonical, Entered: entered}, nil
}

// LocalPart returns what stands before the @ of the canonical form, or "" for
// the zero value.
func (a Address) LocalPart() string {
	local, _, _ := strings.Cut(a.Canonical, "@")
	return local
}

// Domain returns what stands after the @ of the canonical form, lower-case
// ASCII without a trailing dot, or "" for the zero value.
func (a Address) Domain() string {
	_, domain, _ := strings.Cut(a.Canonical, "@")
	return domain
}

// screen refuses what may stand in no part of an address, before normalisation
// has a chance to hide it.
func screen(s string) error {
	switch {
	case s == "":
		return invalid("it is empty")
	case len(s) > maxAddress:
		return invalid("the address is longer than 254 bytes")
	case !utf8.ValidString(s):
		return invalid("it is not valid UTF-8")
	}
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z):
			return invalid("it has a control character, a format character or a space inside")
		case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			// Invisible although they count as letters or marks, such as the
			// Hangul filler: two addresses that no person can tell apart.
			return invalid("it has an invisible character")
		case becomesASCII(r):
			return invalid("it has a character that stands for an ASCII one")
		}
	}
	return nil
}

// becomesASCII reports whether r lies outside ASCII and normalisation, here or
// at the receiving server, makes ASCII of it. NFKC covers NFC's few (U+212A,
// U+037E, U+1FEF) as well.
func becomesASCII(r rune) bool {
	if r < utf8.RuneSelf {
		return false
	}
	return strings.ContainsFunc(norm.NFKC.String(string(r)), func(r rune) bool { return r < utf8.RuneSelf })
}
