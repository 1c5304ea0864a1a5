package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

// directives reads a Content-Security-Policy.
func directives(policy string) map[string]string {
	list := map[string]string{}
	for part := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		list[name] = strings.TrimSpace(value)
	}
	return list
}

// harmless fails the test unless the answer is a page behind a mailed link as it should be:
// kept by nobody, told to nobody, framed by nobody, without a script and a session.
func harmless(t *testing.T, r *authtest.Reply, what string) {
	t.Helper()
	if r.Status != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%s: %d %s, want a page", what, r.Status, r.Header.Get("Content-Type"))
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: Cache-Control %q, want no-store", what, got)
	}
	if got := r.Header.Get("Referrer-Policy"); got != "strict-origin" {
		t.Errorf("%s: Referrer-Policy %q, want strict-origin", what, got)
	}
	policies := r.Header["Content-Security-Policy"]
	if len(policies) != 1 {
		t.Errorf("%s: %d Content-Security-Policies, want one", what, len(policies))
		return
	}
	csp := directives(policies[0])
	scripts, named := csp["script-src"]
	if csp["frame-ancestors"] != "'none'" || csp["default-src"] != "'none'" || named && scripts != "'none'" {
		t.Errorf("%s: Content-Security-Policy %q, want no script and no frame", what, policies[0])
	}
	for _, c := range r.Cookies {
		if c.Name == sessionCookie || c.Name == deviceCookie || c.Name == flowCookie {
			t.Errorf("%s sets the cookie %s", what, c.Name)
		}
	}
	text := strings.ToLower(string(r.Body))
	for _, script := range []string{"<script", "javascript:", " onclick", " onload", "http-equiv"} {
		if strings.Contains(text, script) {
			t.Errorf("%s has %q", what, script)
		}
	}
}

// Programs that look ahead use nothing up, in whatever browser they run.
func TestAPageBehindALinkUsesNothingUp(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		before := rows(t, s.Client)
		path := "/auth" + p.page + "?token=" + k.token
		for name, b := range map[string]*authtest.Browser{"the right browser": k.b, "another browser": elsewhere(s), "somebody else's browser": member(t, s).b} {
			if name == "somebody else's browser" {
				before = rows(t, s.Client) // with somebody else
			}
			for range 3 {
				head := b.Do(http.MethodHead, path, nil)
				page := b.Get(path)
				harmless(t, head, "HEAD in "+name)
				harmless(t, page, "GET in "+name)
				own := name == "the right browser"
				form := strings.Contains(string(page.Body), `name="token"`)
				if own && (!form || !strings.Contains(string(page.Body), k.to) || !strings.Contains(string(page.Body), k.token)) {
					t.Errorf("the page in %s has no form, or not the address %s:\n%s", name, k.to, page.Body)
				}
				if !own && p.bound && p.name != "sign up" && form { // a sign-up asks there for its password
					t.Errorf("the page in %s has a button:\n%s", name, page.Body)
				}
				if form && !strings.Contains(string(page.Body), `method="post"`) {
					t.Errorf("the form in %s is not sent by POST:\n%s", name, page.Body)
				}
			}
		}
		unchanged(t, s.Client, before, "looking at the page")
		if list := opens(s, k.email, phrase); p.member && p.name != "verify" && p.name != "reclaim" && len(list) != 1 {
			t.Errorf("the password does not sign in any more")
		}
		k.works(t, "looking at the page")
		r := k.offer(k.b, k.token)
		if k.b.Session() == "" && p.name == "change" {
			t.Errorf("changing the address signed out")
		}
		refused(t, r, "the link once more")
	})
}

// What leads nowhere is the same page for every way in which it does.
func TestAPageBehindABadLink(t *testing.T) {
	t.Parallel()
	s := mailingSite(t, authtest.Database(t)) // what is no token is asked for nowhere
	for _, p := range purposes {
		k := p.prepare(t, s)
		var first string
		for _, query := range []string{
			"", "?token=", "?token", "?token=%00", "?token=" + k.token[1:], "?token=" + k.token + "A", "?token=" + strings.ToUpper(k.token) + "a",
			"?token=" + url.QueryEscape(k.token+" "), "?token=%22%3E%3Cscript%3E", "?token[]=" + k.token, "?Token=" + k.token, "?token=" + strings.Repeat("A", 43),
			"?token=" + strings.Repeat("A", 100_000), "?token=&token=" + k.token, "?token=%ff%fe",
		} {
			r := k.b.Get("/auth" + p.page + query)
			harmless(t, r, "GET "+query[:min(len(query), 60)])
			if first == "" {
				first = string(r.Body)
			}
			if string(r.Body) != first {
				t.Errorf("%s, %s: another page than for none:\n%s", p.name, query[:min(len(query), 60)], r.Body)
			}
		}
		if strings.Contains(first, "<form") {
			t.Errorf("%s: the page without a secret has a form:\n%s", p.name, first)
		}
		k.works(t, "bad links")
	}
}
