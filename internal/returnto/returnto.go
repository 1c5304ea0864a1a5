// Package returnto decides where a person may be sent after signing in: to a
// path on our own origin, and nowhere else.
//
// An open redirect after a sign-in lends our name to a stranger's page, at the
// moment when people expect to be asked for a password (ASVS 3.7.2, RFC 9700
// section 4.11). What a browser makes of a string differs from what [net/url]
// makes of it: it drops tabs and newlines and takes \ for / (WHATWG URL). So
// [Clean] accepts only strings that mean the same to both, and also those only
// that still do after a router or a script has decoded the path once.
//
// It does not know which paths exist, nor whether a page there redirects on.
package returnto

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLength is in bytes, and what flow rows and mailed links have room for.
const maxLength = 2048

// Clean returns raw unchanged and true if it is a path on our own origin, with
// or without query and fragment, of at most 2,048 bytes. Otherwise it returns ""
// and false, and the caller uses its default page.
func Clean(raw string) (string, bool) {
	if len(raw) > maxLength || !isLocalPath(raw) {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil || u.IsAbs() || u.Opaque != "" || u.Host != "" || u.User != nil {
		return "", false
	}
	// %2f, %5c and %09 after the slash come back to life in whoever decodes the
	// path and puts it into a Location, and in Go's own URL.Path.
	if !isLocalPath(u.Path) || hasDotSegment(u.Path) {
		return "", false
	}
	return raw, true
}

// isLocalPath reports whether s begins with exactly one slash and has nothing
// that browsers drop or rewrite.
func isLocalPath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") &&
		utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || unicode.IsControl(r) })
}

// hasDotSegment reports whether a step of the path is . or .. as in /.//evil.
// Resolved it is the path //evil, harmless in a full URL and an address of its
// own for a script that assigns the path to location.
func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
