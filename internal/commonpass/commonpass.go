// Package commonpass knows the passwords that are tried first.
//
// The list holds those of at least 8 code points among the common passwords of
// zxcvbn-ts (npm package @zxcvbn-ts/language-common, MIT, see LICENSE.zxcvbn-ts),
// 17,950 of them. It answers NIST SP 800-63B-4 section 3.1.1.2 and ASVS 6.2.4 and
// 6.2.12 for guesses that need no knowledge of the person: whole passwords are
// compared, never parts, so that a pass phrase may contain a common one.
//
// It does not know what leaked elsewhere, nor words that belong to the person or
// the service. Of 15 code points and more it has only about forty, for few people
// choose such passwords twice.
package commonpass

import (
	_ "embed"
	"strings"
)

// maxLength is more bytes than any entry can have before lower-casing. A longer
// password is not looked at, so that a long one costs nothing.
const maxLength = 512

// list is one password a line, lower case, in byte order. It is searched as it
// is: nothing is built at start, in programs that never ask either.
//
//go:embed passwords.txt
var list string

// Contains reports whether password is on the list, whatever its case. It takes
// the password as typed and compares all of it; invalid UTF-8 is on no list.
func Contains(password string) bool {
	if len(password) > maxLength {
		return false
	}
	want := strings.ToLower(password)
	rest := list
	for rest != "" {
		line, start, end := middle(rest)
		switch {
		case want == line:
			return true
		case want < line:
			rest = rest[:start]
		default:
			rest = rest[end:]
		}
	}
	return false
}

// middle returns the line around the middle of text, which is not empty and ends
// with a newline, and where the line begins and the next one does.
func middle(text string) (line string, start, end int) {
	half := len(text) / 2
	start = strings.LastIndexByte(text[:half], '\n') + 1
	end = len(text)
	if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
		end = start + i + 1
	}
	return strings.TrimSuffix(text[start:end], "\n"), start, end
}
