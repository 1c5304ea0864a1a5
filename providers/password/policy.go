package password

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/internal/commonpass"
)

// The codes of a password that is not acceptable, in the field errors of 422.
const (
	CodeWeak      = "weak_password"      // too short
	CodeTooLong   = "password_too_long"  // more than 128 code points
	CodeCommon    = "common_password"    // on the list of common passwords
	CodeGuessable = "guessable_password" // the address, a name, or the application
	CodeInvalid   = "invalid_password"   // not UTF-8
)

// normalize is the one form in which passwords are hashed: two keyboards that spell é
// in two ways type one password. Everything else stays as it was typed.
func normalize(password string) string { return norm.NFC.String(password) }

// judge returns the code of what is wrong with a new password, or "". Length is
// counted in code points of the normalised form, so that no character counts double.
func (p *Provider) judge(password string, context ...string) string {
	if !utf8.ValidString(password) {
		return CodeInvalid
	}
	// Cut before normalising, so that a megabyte costs no work.
	if utf8.RuneCountInString(password) > 4*maxLength {
		return CodeTooLong
	}
	password = normalize(password)
	switch n := utf8.RuneCountInString(password); {
	case n < p.cfg.MinLength:
		return CodeWeak
	case n > maxLength:
		return CodeTooLong
	}
	folded := fold(password)
	for _, word := range append(context, p.kit.AppName()) {
		if word != "" && folded == fold(word) {
			return CodeGuessable
		}
	}
	if commonpass.Contains(password) {
		return CodeCommon
	}
	return ""
}

// contextOf is what a person would use as a password first.
func contextOf(email, name string) []string {
	words := []string{strings.TrimSpace(email), strings.TrimSpace(name)}
	if addr, err := address.Parse(email); err == nil {
		words = append(words, addr.Canonical, addr.LocalPart())
	}
	return words
}

func fold(s string) string { return cases.Fold().String(norm.NFC.String(s)) }
