package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// What is no callback of this browser, this provider and this time: the provider is not
// even asked.
func TestStatesThatAreRefused(t *testing.T) {
	idp, how := newIDP("demo")
	other, otherHow := newIDP("other")
	p := oauth.New(how, otherHow)
	site := authtest.New(t, auth.Config{Providers: []auth.Provider{p}})
	idp.Now, other.Now = site.Clock.Now, site.Clock.Now
	s := &pair{Site: site, idp: idp, other: other}
	for name, row := range map[string]struct {
		come func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply
		want string
		sent int
	}{
		"another browser": {func(t *testing.T, _ *authtest.Browser, to string) *authtest.Reply {
			return back(s.Browser(), s.visit(t, to))
		}, "oauth_flow_missing", 0},
		"another browser in the middle of something": {func(t *testing.T, _ *authtest.Browser, to string) *authtest.Reply {
			b := s.Browser()
			begin(b, map[string]any{})
			return back(b, s.visit(t, to))
		}, "oauth_expired", 0},
		"no state": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			return back(b, with(s.visit(t, to), "state", ""))
		}, "oauth_expired", 0},
		"another state": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			return back(b, with(s.visit(t, to), "state", strings.Repeat("A", 43)))
		}, "oauth_expired", 0},
		"ten minutes later": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			callback := s.visit(t, to)
			s.Clock.Advance(10 * time.Minute)
			return back(b, callback)
		}, "oauth_expired", 0},
		"a second time": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			callback, c := s.visit(t, to), b.Clone()
			if r := back(c, callback); r.Status != http.StatusOK {
				t.Errorf("the first time: %v", r)
			}
			return back(b, callback)
		}, "oauth_expired", 1},
		"at another provider": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			return back(b, strings.Replace(s.visit(t, to), "/demo/", "/other/", 1))
		}, "oauth_expired", 0},
		"at nobody's": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			return back(b, strings.Replace(s.visit(t, to), "/demo/", "/nobody/", 1))
		}, "unknown_provider", 0},
		"after it was denied": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			cb, err := idp.Refuse(to, "access_denied", "<b>no</b>")
			if err != nil {
				t.Fatal(err)
			}
			if r := back(b, cb.URL); r.Code() != "oauth_denied" || strings.Contains(r.String(), "<b>") {
				t.Errorf("denied: %v", r)
			}
			return back(b, s.visit(t, to))
		}, "oauth_expired", 0},
		"after a callback of another issuer": {func(t *testing.T, b *authtest.Browser, to string) *authtest.Reply {
			callback := s.visit(t, to)
			if r := back(b, with(callback, "iss", "https://id.example/of/people/other")); r.Code() != "oauth_failed" {
				t.Errorf("another issuer: %v", r)
			}
			return back(b, callback)
		}, "oauth_expired", 0},
	} {
		t.Run(name, func(t *testing.T) {
			b, before := s.Browser(), idp.TokenRequests()
			to, r := begin(b, map[string]any{})
			if r.Status != http.StatusOK {
				t.Fatal(r)
			}
			r = row.come(t, b, to)
			if r.Code() != row.want || r.Status < 400 || r.Status >= 500 || b.Session() != "" {
				t.Errorf("%v, want %s", r, row.want)
			}
			if n := idp.TokenRequests() - before; n != row.sent || other.TokenRequests() != 0 {
				t.Errorf("the code was sent %d times, want %d; to the other %d", n, row.sent, other.TokenRequests())
			}
		})
	}
}

// pair has two providers.
type pair struct {
	*authtest.Site
	idp, other *authtest.IDP
}

func (s *pair) visit(t *testing.T, to string) string {
	t.Helper()
	cb, err := s.idp.SignIn(to, person("ada"))
	if err != nil {
		t.Fatal(err)
	}
	return cb.URL
}

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

// Where the browser goes is decided when it begins, and is a path of this site.
func TestReturnTo(t *testing.T) {
	s := lite(t)
	for raw, want := range map[string]string{
		"/books?page=2#top": "/books?page=2#top", "": "/", "/": "/",
		"https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "/\t/evil.example": "/", "///evil.example": "/",
		"javascript:alert(1)": "/", "/%2f/evil.example": "/", "/%5cevil.example": "/", "evil.example": "/", "/../..//evil.example": "/",
		"https://app.example@evil.example": "/", "/books\r\nSet-Cookie: a=b": "/",
	} {
		b := s.Browser()
		to, r := begin(b, map[string]any{"return_to": raw})
		if r.Status != http.StatusOK {
			t.Fatalf("%q: %v", raw, r)
		}
		callback := s.visit(t, to, person("ada")) + "&return_to=" + url.QueryEscape("/elsewhere")
		if r := b.Get(pathOf(callback)); r.Status != http.StatusSeeOther || r.Header.Get("Location") != want {
			t.Errorf("%q leads to %q, want %q (%v)", raw, r.Header.Get("Location"), want, r)
		}
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
