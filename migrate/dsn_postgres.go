package migrate

import (
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"
)

var errBadURL = errors.New("the URL cannot be parsed; percent-encode the special characters of user name and password")

var postgresRules = []rule{
	{keys: []string{"timezone"}, ok: oneOf("UTC", "Etc/UTC", "GMT", "Z", "0"), set: "timezone=UTC", cure: "times are UTC; remove it"},
	{keys: []string{"connect_timeout"}, ok: anything, set: "connect_timeout=10"},
	{keys: []string{"application_name", "fallback_application_name"}, ok: anything, set: "application_name=torii"},
}

// lib/pq prepares and runs a query in two round trips. Behind a pooler that hands a
// connection to somebody else in between (PgBouncer in transaction mode) it then reads
// the rows of OTHER queries, silently. With binary_parameters it is one round trip.
var pqRules = append([]rule{{
	keys: []string{"binary_parameters"}, ok: isTrue, set: "binary_parameters=yes",
	cure: "behind a connection pooler a query could read another one's rows; remove it",
}}, postgresRules...)

func pgxDSN(dsn string) (target, error) { return postgresDSN(dsn, postgresRules) }

func pqDSN(dsn string) (target, error) {
	t, err := postgresDSN(dsn, pqRules)
	if err == nil {
		t.direct = withDirect(t.dsn)
	}
	return t, err
}

// withDirect returns what adds an option to a DSN that has been made safe, keeping
// those that the host has set there or in the environment. It is nil when a service
// file might have more.
func withDirect(dsn string) func(string) string {
	base, query, isURL := dsn, "", schemeDialect(dsn) != ""
	params, err := splitKeywords(dsn)
	if isURL {
		base, query, _ = strings.Cut(dsn, "?")
		params, err = splitParams(query)
	}
	if err != nil || os.Getenv("PGSERVICE") != "" {
		return nil
	}
	options := os.Getenv("PGOPTIONS")
	for _, p := range params {
		switch p.key {
		case "options":
			options = p.value
		case "service":
			return nil
		}
	}
	params = without(params, "options")
	return func(value string) string {
		all := strings.TrimSpace(options + " -c torii.direct=" + value)
		if isURL {
			raw := "options=" + strings.ReplaceAll(url.QueryEscape(all), "+", "%20")
			return base + "?" + joinParams(append(slices.Clone(params), param{raw: raw}))
		}
		raw := "options='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(all) + "'"
		return joinKeywords(append(slices.Clone(params), param{raw: raw}))
	}
}

// postgresDSN takes a URL or the key=value form. It touches nothing but parameters;
// sslmode stays as it is.
func postgresDSN(dsn string, rules []rule) (target, error) {
	isURL := schemeDialect(dsn) != ""
	var params []param
	var err error
	base, query := "", ""
	if isURL {
		if u, err := url.Parse(dsn); err != nil || u.Fragment != "" {
			return target{}, errBadURL // url.Parse would quote the password
		}
		base, query, _ = strings.Cut(dsn, "?")
		params, err = splitParams(query)
	} else {
		params, err = splitKeywords(dsn)
	}
	if err != nil {
		return target{}, err
	}
	params, refused := applyRules(rules, params)
	if err := refuse(refused); err != nil {
		return target{}, err
	}
	if isURL {
		return target{dsn: base + "?" + joinParams(params)}, nil
	}
	return target{dsn: joinKeywords(params)}, nil
}

func joinKeywords(params []param) string {
	raws := make([]string, len(params))
	for i, p := range params {
		raws[i] = p.raw
	}
	return strings.Join(raws, " ")
}

// splitKeywords takes apart host=localhost password='it”s' as libpq does (its
// conninfo_parse): blanks around the equals sign, quotes, backslashes.
func splitKeywords(dsn string) ([]param, error) {
	var params []param
	s := []rune(dsn)
	i := 0
	blanks := func() {
		for i < len(s) && unicode.IsSpace(s[i]) {
			i++
		}
	}
	for blanks(); i < len(s); blanks() {
		start := i
		for i < len(s) && s[i] != '=' && !unicode.IsSpace(s[i]) {
			i++
		}
		key := string(s[start:i])
		blanks()
		if i == len(s) || s[i] != '=' {
			return nil, errors.New("a parameter has no \"=\"; say key=value key='value with blanks'")
		}
		i++
		blanks()
		var value []rune
		stop, quoted := unicode.IsSpace, i < len(s) && s[i] == '\''
		if quoted {
			stop = func(r rune) bool { return r == '\'' }
			i++
		}
		for ; i < len(s) && !stop(s[i]); i++ {
			if s[i] == '\\' {
				if i++; i == len(s) {
					return nil, errors.New("it ends in a backslash")
				}
			}
			value = append(value, s[i])
		}
		if quoted {
			if i == len(s) {
				return nil, errors.New("a quote is not closed")
			}
			i++
		}
		params = append(params, param{key, string(value), string(s[start:i])})
	}
	return params, nil
}
