package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// canonicalLocal checks a local part in NFC and folds its ASCII letters to lower
// case. Letters outside ASCII keep their case: folding them depends on the
// language (Turkish i, German ß), and a wrong guess merges two people.
func canonicalLocal(s string) (string, error) {
	if s == "" {
		return "", invalid("nothing stands before the @")
	}
	if len(s) > maxLocal {
		return "", invalid("the part before the @ is longer than 64 bytes")
	}
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return "", invalid("the part before the @ begins or ends with a dot or has two in a row")
		}
		for i, r := range atom {
			if i == 0 && unicode.IsMark(r) {
				return "", invalid("a combining mark has no letter to stand on")
			}
			if !isLocal(r) {
				return "", invalid("the part before the @ has a character that needs quotes or is not allowed")
			}
		}
	}
	return strings.Map(lowerASCII, s), nil
}

// isLocal reports whether r may stand in an atom: atext of RFC 5322 section
// 3.2.3, and of what RFC 6531 adds only letters, numbers and marks.
func isLocal(r rune) bool {
	if r >= utf8.RuneSelf {
		return unicode.In(r, unicode.L, unicode.N, unicode.M)
	}
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func lowerASCII(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}
