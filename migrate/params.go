package migrate

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// param is one parameter of a DSN: its name, its decoded value, and how it is written.
type param struct{ key, value, raw string }

// splitParams takes the query of a DSN apart and keeps each part as it is written:
// drivers differ in what they decode.
func splitParams(query string) ([]param, error) {
	var params []param
	for raw := range strings.SplitSeq(query, "&") {
		if raw == "" {
			continue
		}
		key, value, _ := strings.Cut(raw, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return nil, fmt.Errorf("a parameter's name is badly escaped")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, fmt.Errorf("the value of %s is badly escaped: write %%25 for %%", key)
		}
		// modernc.org/sqlite has one parameter for all pragmas: _pragma=foreign_keys(1).
		if key == "_pragma" {
			name, rest, _ := strings.Cut(strings.Replace(value, "=", "(", 1), "(")
			key, value = "_pragma:"+strings.ToLower(strings.TrimSpace(name)), strings.Trim(rest, " ()'")
		}
		params = append(params, param{key, value, raw})
	}
	return params, nil
}

func joinParams(params []param) string {
	raws := make([]string, len(params))
	for i, p := range params {
		raws[i] = p.raw
	}
	return strings.Join(raws, "&")
}

// A rule says what a DSN may say about one setting, and what is said if it does not.
type rule struct {
	keys []string          // the parameter and its other names
	ok   func(string) bool // which values may stay; nil: none
	set  string            // appended when the DSN has none of the keys, as it is written
	cure string            // what a refused DSN should say
}

// applyRules checks params, adds what is missing, and reports everything that is
// refused at once.
func applyRules(rules []rule, params []param) ([]param, []string) {
	var refused []string
	for _, r := range rules {
		found := false
		for _, p := range params {
			if !slices.ContainsFunc(r.keys, func(k string) bool { return strings.EqualFold(k, p.key) }) {
				continue
			}
			found = true
			if r.ok == nil || !r.ok(p.value) {
				refused = append(refused, fmt.Sprintf("%s=%s: %s", strings.TrimPrefix(p.key, "_pragma:"), p.value, r.cure))
			}
		}
		if !found && r.set != "" {
			set, err := splitParams(r.set)
			if err != nil {
				panic(err) // a rule of ours
			}
			params = append(params, set...)
		}
	}
	return params, refused
}

// without returns params but for those with one of the keys.
func without(params []param, keys ...string) []param {
	return slices.DeleteFunc(slices.Clone(params), func(p param) bool { return slices.Contains(keys, p.key) })
}

// oneOf accepts the values, whatever their case.
func oneOf(values ...string) func(string) bool {
	return func(v string) bool {
		return slices.ContainsFunc(values, func(w string) bool { return strings.EqualFold(v, w) })
	}
}

func anything(string) bool { return true }

var (
	isTrue  = oneOf("1", "t", "true", "yes", "on")
	isFalse = oneOf("0", "f", "false", "no", "off", "")
)
