package authtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
)

// operation is a route as openapi.json describes it.
type operation struct {
	method, path string
	Security     []any                      `json:"security"`
	RequestBody  json.RawMessage            `json:"requestBody"`
	Responses    map[string]json.RawMessage `json:"responses"`
	CrossSite    bool                       `json:"x-cross-site"`
}

// operations reads the routes of a site from its own document.
func operations(t testing.TB, s *Site) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]operation
	}
	if err := s.Browser().Get(s.path + "/openapi.json").JSON(&doc); err != nil || len(doc.Paths) == 0 {
		t.Fatalf("openapi.json: %v, %d paths", err, len(doc.Paths))
	}
	var list []operation
	for path, methods := range doc.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), s.path+strings.ReplaceAll(path, "{id}", "none")
			list = append(list, op)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return list
}

// describes tells whether the document has a status.
func (o operation) describes(status int) bool {
	_, ok := o.Responses[strconv.Itoa(status)]
	return ok
}

func (e *exercise) otherSites(t *testing.T) {
	s := e.site(t)
	email, _ := e.account(t, s)
	b := s.Browser()
	e.m.SignIn(b, email)
	forged := []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}, "Origin": {Origin}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Sec-Fetch-Site": {"something-new"}},
		{"Sec-Fetch-Site": {"same-origin", "cross-site"}},
		{"Sec-Fetch-Site": {""}, "Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": {""}, "Origin": {"http://app.example"}},
		{"Sec-Fetch-Site": {""}, "Origin": {Origin + ":444"}},
		{"Sec-Fetch-Site": {""}, "Origin": {Origin + ".evil.example"}},
		{"Sec-Fetch-Site": {""}, "Origin": {"null"}},
		{"Sec-Fetch-Site": {""}, "Origin": {Origin, Origin}},
		{"Sec-Fetch-Site": {""}},
	}
	for _, op := range operations(t, s) {
		if op.method == http.MethodGet {
			continue
		}
		for _, h := range forged {
			c := b.Clone()
			c.Header = h
			if op.CrossSite { // takes any site's word for nothing
				if r := c.Do(op.method, op.path, "{}"); r.Status < 300 || len(r.Cookies) > 0 {
					t.Errorf("%s %s from %v: %v, cookies %v", op.method, op.path, h, r, r.Cookies)
				}
				continue
			}
			if r := c.Do(op.method, op.path, "{}"); r.Status != http.StatusForbidden || r.Code() != auth.ErrForbiddenOrigin.Code {
				t.Errorf("%s %s from %v: %v, want 403 forbidden_origin", op.method, op.path, h, r)
			}
		}
	}
	if r := b.Get("/auth/user"); r.Status != http.StatusOK {
		t.Errorf("the session did not survive forged requests: %v", r)
	}
}

func (e *exercise) safeMethods(t *testing.T) {
	s := e.site(t)
	ops := operations(t, s)
	for _, op := range ops {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodOptions, "PROPFIND"} {
			known := slices.ContainsFunc(ops, func(o operation) bool {
				return o.path == op.path && (o.method == method || o.method == http.MethodGet && method == http.MethodHead)
			})
			if known {
				continue
			}
			r := s.Browser().Do(method, op.path, nil)
			if r.Status != http.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
				t.Errorf("%s %s: %v, Allow %q, want 405", method, op.path, r, r.Header.Get("Allow"))
			}
		}
	}
}

func (e *exercise) strangers(t *testing.T) {
	s := e.site(t)
	tried := 0
	for _, op := range operations(t, s) {
		if len(op.Security) == 0 {
			continue
		}
		tried++
		for name, header := range map[string]string{
			"nobody": "", "a token of nobody": "Bearer " + strings.Repeat("A", 43), "an empty token": "Bearer ",
			"a token in two parts": "Bearer a b", "a token with a newline in it": "Bearer " + strings.Repeat("A", 20) + "%0a",
		} {
			app := s.App()
			app.Header.Set("Authorization", header)
			if r := app.Do(op.method, op.path, "{}"); r.Status != http.StatusUnauthorized || r.Code() != auth.ErrUnauthenticated.Code {
				t.Errorf("%s %s by %s: %v, want 401", op.method, op.path, name, r)
			}
		}
	}
	if tried == 0 {
		t.Fatal("no protected route was found")
	}
}

// badBodies are what a body must not be, whatever the route.
var badBodies = []struct {
	name, contentType, body string
	status                  int
}{
	{"an empty body", "application/json", " ", 400},
	{"an array", "application/json", `[]`, 400},
	{"a string", "application/json", `"x"`, 400},
	{"null", "application/json", `null`, 400},
	{"no JSON", "application/json", `{`, 400},
	{"two objects", "application/json", `{}{}`, 400},
	{"text behind the object", "application/json", `{} x`, 400},
	{"a member twice", "application/json", `{"email":"a@b.example","email":"c@d.example","x":1,"x":2}`, 400},
	{"a member twice inside another", "application/json", `{"x":{"y":1,"y":2}}`, 400},
	{"half a surrogate pair", "application/json", `{"x":"\ud800"}`, 400},
	{"invalid UTF-8", "application/json", "{\"x\":\"\xff\"}", 400},
	{"a NUL outside of a string", "application/json", "{\x00}", 400},
	{"a text type", "text/plain", `{}`, 415},
	{"a form", "application/x-www-form-urlencoded", `email=a`, 415},
	{"no type", "", `{}`, 415},
	{"another charset", "application/json; charset=iso-8859-1", `{}`, 415},
	{"a type that only begins well", "application/jsonp", `{}`, 415},
	{"more than 64 KiB", "application/json", `{"x":"` + strings.Repeat("x", 64<<10) + `"}`, 413},
}

func (e *exercise) badBodies(t *testing.T) {
	s := e.site(t)
	email, _ := e.account(t, s)
	b := s.Browser()
	e.m.SignIn(b, email)
	for _, op := range operations(t, s) {
		if op.RequestBody == nil {
			continue
		}
		for _, row := range badBodies {
			if row.name == "a form" && strings.Contains(string(op.RequestBody), row.contentType) {
				continue // it takes those of a page of its own
			}
			b.Header.Set("Content-Type", row.contentType)
			r := b.Do(op.method, op.path, row.body)
			if r.Status != row.status || r.Code() == "" {
				t.Errorf("%s %s with %s: %v, want %d", op.method, op.path, row.name, r, row.status)
			}
			if !op.describes(r.Status) {
				t.Errorf("%s %s: status %d is not in openapi.json", op.method, op.path, r.Status)
			}
		}
	}
}
