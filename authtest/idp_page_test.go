package authtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

var (
	element = regexp.MustCompile(`<(\w+)([^>]*)>`)
	inline  = regexp.MustCompile(`(?s)<(style|script)>(.*?)</`)
)

// policyOf checks what every page has, and returns the policy's directives.
func policyOf(t *testing.T, page answer) map[string]string {
	t.Helper()
	h := page.header
	if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "strict-origin" || h.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the headers %v", h)
	}
	directives := map[string]string{}
	for d := range strings.SplitSeq(h.Get("Content-Security-Policy"), "; ") {
		name, value, _ := strings.Cut(d, " ")
		directives[name] = value
	}
	if directives["default-src"] != "'none'" || directives["frame-ancestors"] != "'none'" || directives["base-uri"] != "'none'" {
		t.Errorf("the policy %v", directives)
	}
	for _, m := range inline.FindAllStringSubmatch(page.body, -1) {
		sum := sha256.Sum256([]byte(m[2]))
		if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; directives[m[1]+"-src"] != want {
			t.Errorf("the policy's %s-src is %s, the page needs %s", m[1], directives[m[1]+"-src"], want)
		}
	}
	return directives
}

func TestIDPPage(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	page := c.do(t, http.MethodGet, c.address("state", `"><script>x</script>`), nil)
	policy := policyOf(t, page)
	if policy["script-src"] != "" || policy["form-action"] != "'self' https://app.example" {
		t.Errorf("the policy %v", policy)
	}
	if strings.Contains(page.body, "<script") {
		t.Errorf("there is a script:\n%s", page.body)
	}
	fields, buttons, action := map[string]string{}, 0, ""
	for _, m := range element.FindAllStringSubmatch(page.body, -1) {
		switch attr := func(name string) string {
			v := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(m[2])
			if v == nil {
				return ""
			}
			return html.UnescapeString(v[1])
		}; m[1] {
		case "input":
			fields[attr("name")] = attr("type") + "|" + attr("value")
		case "button":
			buttons++
		case "form":
			if action = attr("action"); attr("method") != "post" {
				t.Errorf("a form %s", m[0])
			}
		}
	}
	want := map[string]string{"sub": "|", "email": "email|", "email_verified": "checkbox|true", "name": "|", "deny": "submit|Deny"}
	for name, kind := range want {
		if fields[name] != kind {
			t.Errorf("the field %s is %q, want %q", name, fields[name], kind)
		}
	}
	if len(fields) != len(want) || buttons != 1 {
		t.Errorf("fields %v, %d buttons", fields, buttons)
	}
	r := c.do(t, http.MethodPost, "https://idp.example"+action, url.Values{"sub": {"a"}})
	if u, err := url.Parse(r.header.Get("Location")); err != nil || u.Query().Get("state") != `"><script>x</script>` {
		t.Errorf("the form's action leads to %q", u)
	}
	again := c.do(t, http.MethodPost, c.address(), url.Values{"sub": {""}, "email": {`"><b>`}, "email_verified": {"true"}})
	if policyOf(t, again); !strings.Contains(again.body, `value="&#34;&gt;&lt;b&gt;"`) || !strings.Contains(again.body, " checked") {
		t.Errorf("what was typed is gone:\n%s", again.body)
	}
	refusal := c.do(t, http.MethodGet, c.address("client_id", "<b>"), nil)
	if p := policyOf(t, refusal); p["form-action"] != "'none'" || refusal.status != http.StatusBadRequest || strings.Contains(refusal.body, "<form") {
		t.Errorf("a refusal: %v, %v", refusal, p)
	}
}

// Policies have no words for some addresses, and then allow their scheme.
func TestIDPPageAllowsItsRedirect(t *testing.T) {
	for _, row := range []struct{ uri, want string }{
		{"http://localhost:8080/cb", "http://localhost:8080"},
		{"http://127.0.0.1/cb?a=b", "http://127.0.0.1"},
		{"http://[::1]:8080/cb", "http:"},
		{"com.example.app:/cb", "com.example.app:"},
		{"https://a;b/cb", "https:"},
		{"/cb", "'none'"},
	} {
		idp, _ := newIDP(authtest.IDPClient{ID: "other", RedirectURIs: []string{row.uri}})
		c := newRP(idp)
		page := c.do(t, http.MethodGet, c.address("client_id", "other", "redirect_uri", row.uri), nil)
		if got := policyOf(t, page)["form-action"]; got != "'self' "+row.want {
			t.Errorf("%s: form-action %s, want %s", row.uri, got, row.want)
		}
	}
}

func TestIDPPostsBack(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	page := c.do(t, http.MethodPost, c.address("response_mode", "form_post", "state", `"><b>`), url.Values{"sub": {"a"}})
	if p := policyOf(t, page); p["form-action"] != "https://app.example" || p["script-src"] == "" || page.status != http.StatusOK {
		t.Errorf("%v, %v", page.status, p)
	}
	if !strings.Contains(page.body, `<form method="post" action="`+callback+`">`) || !strings.Contains(page.body, `name="state" value="&#34;&gt;&lt;b&gt;"`) {
		t.Errorf("the page:\n%s", page.body)
	}
	code := regexp.MustCompile(`name="code" value="(\w+)"`).FindStringSubmatch(page.body)
	if code == nil {
		t.Fatalf("no code:\n%s", page.body)
	}
	if r := c.token(t, c.form(code[1])); r.status != http.StatusOK {
		t.Errorf("the code: %v", r)
	}
}
