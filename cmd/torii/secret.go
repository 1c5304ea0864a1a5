package main

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A password among parameters: password='it”s', ?password=…
var passwordParam = regexp.MustCompile(`(?i)\bpass(?:word|wd)?\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)`)

// What stands before the value in -dsn=…
var flagName = regexp.MustCompile(`^--?[a-z-]+=`)

// secretsOf returns the texts of a DSN that nobody may read, the longest first: the
// password, also what a mistyped one might be taken apart into. Package migrate keeps
// them out of its errors; this is for what drivers and servers say, and for a DSN that
// stands where it does not belong.
func secretsOf(dsn string) []string {
	var list []string
	add := func(s string) {
		// A text of one or two characters is in every message.
		if len(s) > 2 && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	dsn = flagName.ReplaceAllString(dsn, "")
	rest := dsn
	if _, after, ok := strings.Cut(dsn, "://"); ok {
		rest = after
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		if _, password, ok := strings.Cut(rest[:at], ":"); ok {
			add(password)
			if plain, err := url.PathUnescape(password); err == nil {
				add(plain)
			}
			for _, part := range strings.FieldsFunc(password, func(r rune) bool { return strings.ContainsRune("/?#@:", r) }) {
				add(part)
			}
			add(dsn)
		}
	}
	for _, m := range passwordParam.FindAllStringSubmatch(dsn, -1) {
		add(m[1])
		add(strings.Trim(m[1], "'"))
		if plain, err := url.QueryUnescape(m[1]); err == nil {
			add(plain)
		}
		add(dsn)
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return list
}
