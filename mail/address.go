package mail

import (
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 5321 section 4.5.3.1, in bytes, and ours for a name.
const (
	maxAddress = 254
	maxLocal   = 64
	maxLabel   = 63
	maxName    = 200
)

// Address is a mailbox: whom a mail is from, or to.
type Address struct {
	// Name is shown beside the address. Optional, at most 200 bytes, any language. To a
	// recipient whose address is not proven it must not be what somebody typed.
	Name string
	// Address is local-part@domain: one address without quotes or comments, at most 254
	// bytes. The domain is ASCII, international ones as xn--…; a local part beyond ASCII
	// works only with servers that offer SMTPUTF8.
	Address string
}

// ParseAddress reads "no-reply@example.com" or "Example <no-reply@example.com>", as they
// stand in configurations. Errors wrap [ErrInvalidMessage].
func ParseAddress(s string) (Address, error) {
	parsed, err := netmail.ParseAddress(s)
	if err != nil {
		return Address{}, invalid("address", "cannot be read")
	}
	a := Address{Name: parsed.Name, Address: parsed.Address}
	if err := a.validate("address"); err != nil {
		return Address{}, err
	}
	return a, nil
}

// String returns the address as it stands in a header, the name encoded where it must
// be. It is meant for addresses that have been validated.
func (a Address) String() string { return a.std().String() }

func (a Address) std() *netmail.Address {
	// Runs of spaces would fold into lines of nothing but spaces.
	return &netmail.Address{Name: strings.Join(strings.Fields(a.Name), " "), Address: a.Address}
}

func (a Address) domain() string {
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

func (a Address) validate(field string) error {
	if err := validateLine(field+".Name", a.Name, maxName); err != nil {
		return err
	}
	field += ".Address"
	local, domain, found := strings.Cut(a.Address, "@")
	switch {
	case a.Address == "":
		return invalid(field, "is missing")
	case len(a.Address) > maxAddress:
		return invalid(field, "is longer than 254 bytes")
	case !found || strings.Contains(domain, "@"):
		return invalid(field, "must have exactly one @")
	case len(local) > maxLocal || !isDotAtom(local):
		return invalid(field, "has a local part that is not a plain one")
	case !isDomain(domain):
		return invalid(field, "has a domain that is not one in ASCII letters, digits and hyphens")
	}
	return nil
}

// isDotAtom knows RFC 5322's dot-atom, with letters beyond ASCII as in RFC 6531.
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for _, r := range atom {
			switch {
			case r < utf8.RuneSelf && !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r):
				return false
			case r == utf8.RuneError, unicode.In(r, unicode.C, unicode.Z):
				return false
			}
		}
	}
	return true
}

func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isAlphanumeric(r) && r != '-' }) {
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
