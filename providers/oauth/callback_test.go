package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// Whatever went wrong, a person finds a page that says so, in words of the catalogue.
func TestRefusalsArePages(t *testing.T) {
	s := lite(t)
	for code, come := range map[string]func(b *authtest.Browser, to string) string{
		"oauth_flow_missing": func(b *authtest.Browser, to string) string {
			b.SetCookie("__Host-torii_flow", "")
			return s.visit(t, to, person("ada"))
		},
		"oauth_expired": func(_ *authtest.Browser, to string) string { return with(s.visit(t, to, person("ada")), "state", "x") },
		"oauth_denied": func(_ *authtest.Browser, to string) string {
			cb, _ := s.idp.Refuse(to, "access_denied", "")
			return cb.URL
		},
		"oauth_failed": func(_ *authtest.Browser, to string) string { return with(s.visit(t, to, person("ada")), "code", "x") },
		"email_taken": func(_ *authtest.Browser, to string) string {
			s.register(t, "mallory@example.net")
			who := person("mallory")
			who.Email = "mallory@example.net"
			return s.visit(t, to, who)
		},
	} {
		b := s.Browser()
		to, _ := begin(b, map[string]any{})
		r := b.Get(pathOf(come(b, to)))
		if at := r.Header.Get("Location"); r.Status != http.StatusSeeOther || at != "/auth/error?code="+code {
			t.Errorf("%s: %v, Location %q", code, r, at)
			continue
		}
		for _, language := range []string{"en", "de"} {
			b.Header.Set("Accept-Language", language)
			if page := b.Get(r.Header.Get("Location")); page.Status != http.StatusOK || !strings.Contains(string(page.Body), "<code>"+code+"</code>") {
				t.Errorf("%s in %s: %v", code, language, page)
			}
		}
	}
	if r := s.Browser().Post("/auth/oauth/nobody", map[string]any{}); r.Status != http.StatusNotFound || r.Code() != "unknown_provider" {
		t.Errorf("an unknown provider: %v", r)
	}
}

// What is in the authorization URL, and what is not.
func TestAuthorizationURL(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.AuthParams = url.Values{"prompt": {"select_account"}} })
	b := s.Browser()
	b.Header.Set("X-Forwarded-Host", "evil.example")
	seen := map[string]bool{}
	for range 2 {
		to, _ := begin(b, map[string]any{"fresh": true})
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		for name, want := range map[string]string{
			"client_id": "client", "response_type": "code", "scope": "openid email profile", "code_challenge_method": "S256",
			"redirect_uri": "https://app.example/auth/oauth/demo/callback", "prompt": "select_account", "max_age": "0",
		} {
			if got := q[name]; len(got) != 1 || got[0] != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if v := q.Get(name); len(v) != 43 || seen[v] {
				t.Errorf("%s = %q", name, v)
			} else {
				seen[v] = true
			}
		}
		if len(q) != 10 || strings.Contains(to, "s3cret") || strings.Contains(to, "verifier") {
			t.Errorf("%s", to)
		}
	}
}

// Only a link of this very site goes on by itself; from elsewhere a person presses a
// button first.
func TestBeginningByGet(t *testing.T) {
	s := lite(t)
	b := s.Browser()
	b.Header.Set("Sec-Fetch-Mode", "navigate")
	r := b.Get("/auth/oauth/demo?return_to=/books")
	to := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || !strings.HasPrefix(to, s.idp.Issuer()+"/authorize?") {
		t.Fatalf("from a page of this site: %v, Location %q", r, to)
	}
	if r := b.Get(pathOf(s.visit(t, to, person("ada")))); r.Header.Get("Location") != "/books" || b.Session() == "" {
		t.Errorf("back: %v", r)
	}
	for name, h := range map[string][2]string{
		"another site": {"cross-site", "navigate"}, "a neighbour": {"same-site", "navigate"}, "typed": {"none", "navigate"},
		"a script": {"same-origin", "cors"}, "an old browser": {"", ""}, "an image": {"same-origin", "no-cors"},
	} {
		b := s.Browser()
		b.Header.Set("Sec-Fetch-Site", h[0])
		b.Header.Set("Sec-Fetch-Mode", h[1])
		before := count(t, s.Client.Challenge.Query().Count)
		r := b.Get("/auth/oauth/demo?return_to=/books")
		if r.Status != http.StatusOK || !strings.Contains(string(r.Body), `action="/auth/oauth/demo?return_to=%2Fbooks"`) || !strings.Contains(string(r.Body), "The demo") || len(r.Cookies) > 0 {
			t.Errorf("%s: %v", name, r)
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https:") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", name, csp)
		}
		if count(t, s.Client.Challenge.Query().Count) != before {
			t.Errorf("%s: something has begun", name)
		}
	}
	b = s.Browser()
	b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r = b.Do(http.MethodPost, "/auth/oauth/demo?return_to=%2Fbooks", "")
	b.Header.Del("Content-Type")
	if r := b.Get(pathOf(s.visit(t, r.Header.Get("Location"), person("ada")))); r.Header.Get("Location") != "/books" {
		t.Errorf("the button: %v, Location %q", r, r.Header.Get("Location"))
	}
	if r := s.Browser().Get("/auth/oauth/demo?link=true"); r.Status != http.StatusBadRequest {
		t.Errorf("link by GET: %v", r)
	}
	if r := s.Browser().Get("/auth/oauth/nobody"); r.Status != http.StatusNotFound || r.Code() != "unknown_provider" {
		t.Errorf("an unknown provider: %v", r)
	}
	if r := s.Browser().Get("/auth/oauth"); r.Status != http.StatusOK || strings.TrimSpace(string(r.Body)) != `{"providers":[{"id":"demo","name":"The demo"}]}` {
		t.Errorf("GET /oauth: %v", r)
	}
}
