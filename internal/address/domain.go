package address

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// canonicalDomain turns a domain in NFC into its lower-case ASCII form by
// IDNA 2008 (RFC 5891 section 4, registration: nothing is mapped). Case is the
// one difference removed beforehand; what a look-up would map beyond that
// (ideographic full stops, width variants, ligatures) is refused, because
// resolvers and mail servers do not agree on it.
func canonicalDomain(s string) (string, error) {
	lower, err := lowerDomain(s)
	if err != nil {
		return "", err
	}
	// Hyphens in the third and fourth place are reserved, but in use.
	profile := idna.New(idna.ValidateForRegistration(), idna.CheckHyphens(false))
	domain, err := profile.ToASCII(lower)
	if err != nil {
		// The error of idna quotes the label, so it is not wrapped.
		return "", invalid("the domain is not valid")
	}
	return domain, checkLabels(domain)
}

// lowerDomain folds case by the simple mapping of Unicode, which never changes
// the number of characters, and refuses those that would become ASCII (İ).
func lowerDomain(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		lower := unicode.ToLower(r)
		if r >= utf8.RuneSelf && lower < utf8.RuneSelf {
			return "", invalid("the domain has a character that stands for an ASCII one")
		}
		b.WriteRune(lower)
	}
	return norm.NFC.String(b.String()), nil
}

// checkLabels applies the host name rules of RFC 5321 section 2.3.5 to a domain
// in ASCII. idna checks most of them for some inputs; this checks all for all.
func checkLabels(domain string) error {
	if len(domain) > maxDomain {
		return invalid("the domain is longer than 253 bytes")
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		switch {
		case label == "":
			return invalid("the domain is empty, begins or ends with a dot or has two in a row")
		case len(label) > maxLabel:
			return invalid("a label of the domain is longer than 63 bytes")
		case label[0] == '-' || label[len(label)-1] == '-':
			return invalid("a label of the domain begins or ends with a hyphen")
		case strings.ContainsFunc(label, func(r rune) bool { return !isHost(r) }):
			return invalid("the domain has a character that is not allowed")
		}
	}
	if len(labels) < 2 {
		return invalid("the domain has only one label")
	}
	if !strings.ContainsFunc(labels[len(labels)-1], func(r rune) bool { return r < '0' || r > '9' }) {
		// 192.0.2.1 without brackets: some resolvers would take the address.
		return invalid("the domain ends with a number")
	}
	return nil
}

func isHost(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-'
}
