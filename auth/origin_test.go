package auth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

const (
	own     = authtest.Origin
	trusted = "https://admin.example:8443"
)

func TestAPageOfTheSiteMayAct(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		b := newSite(t, client, auth.Config{}).Browser()
		register(t, b, person())
		if r := b.Patch("/auth/user", `{"name":"Ann"}`); r.Status != http.StatusOK {
			t.Errorf("PATCH from the site's own page: %v", r)
		}
	})
}

func TestWhereARequestMayComeFrom(t *testing.T) {
	tests := []struct {
		name         string
		site, origin []string
		cookie       bool
		allowed      bool
	}{
		{"the site's own page", []string{"same-origin"}, []string{own}, true, true},
		{"a person typing an address", []string{"none"}, nil, true, true},
		{"a trusted page of another site", []string{"cross-site"}, []string{trusted}, true, true},
		{"a trusted page of the same site", []string{"same-site"}, []string{trusted}, true, true},
		{"an untrusted page of the same site", []string{"same-site"}, []string{"https://other.app.example"}, true, false},
		{"another site", []string{"cross-site"}, []string{"https://evil.example"}, true, false},
		{"another site without an Origin", []string{"cross-site"}, nil, true, false},
		{"another site that claims the site's own origin", []string{"cross-site"}, []string{own}, true, false},
		{"a value of the future", []string{"fenced-frame"}, []string{own}, true, false},
		{"a value in upper case", []string{"Same-Origin"}, []string{own}, true, false},
		{"the header twice", []string{"same-origin", "same-origin"}, []string{own}, true, false},
		{"two values in one header", []string{"same-origin, cross-site"}, []string{own}, true, false},
		{"another site without a cookie", []string{"cross-site"}, []string{"https://evil.example"}, false, false},
		{"an older browser on the site's own page", nil, []string{own}, true, true},
		{"an older browser on a trusted page", nil, []string{trusted}, true, true},
		{"an older browser elsewhere", nil, []string{"https://evil.example"}, true, false},
		{"an older browser elsewhere without a cookie", nil, []string{"https://evil.example"}, false, false},
		{"a sandboxed frame", nil, []string{"null"}, true, false},
		{"a sandboxed frame without a cookie", nil, []string{"null"}, false, false},
		{"the same host over http", nil, []string{"http://app.example"}, true, false},
		{"the trusted host over http", nil, []string{"http://admin.example:8443"}, true, false},
		{"another port", nil, []string{own + ":444"}, true, false},
		{"the trusted host without its port", nil, []string{"https://admin.example"}, true, false},
		{"a host that begins like the site's", nil, []string{own + ".evil.example"}, true, false},
		{"a host that ends like the site's", nil, []string{"https://evilapp.example"}, true, false},
		{"a host below the site's", nil, []string{"https://x.app.example"}, true, false},
		{"a user who looks like the site", nil, []string{own + "@evil.example"}, true, false},
		{"the origin in upper case", nil, []string{"https://APP.example"}, true, false},
		{"the origin with a slash", nil, []string{own + "/"}, true, false},
		{"two origins", nil, []string{own, trusted}, true, false},
		{"two origins in one header", nil, []string{own + " " + trusted}, true, false},
		{"a browser whose word is missing", nil, nil, true, false},
		{"a program without a cookie", nil, nil, false, true},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{TrustedOrigins: []string{trusted}})
		ran := false
		s.Mux.Handle("/host", s.Auth.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })))
		s.Mux.Handle("/look", s.Auth.LoadUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })))
		visitor := s.Browser()
		register(t, visitor, person())
		for _, tt := range tests {
			for _, route := range []string{"POST /auth/login", "PATCH /auth/user", "POST /host", "DELETE /host", "PUT /look"} {
				method, path, _ := strings.Cut(route, " ")
				protected := path != "/auth/login"
				if protected && !tt.cookie {
					continue
				}
				b := s.Browser()
				if tt.cookie {
					b = visitor.Clone()
				}
				b.Header = http.Header{"Sec-Fetch-Site": tt.site, "Origin": tt.origin}
				ran = false
				r := b.Do(method, path, "{}")
				if forbidden := r.Status == http.StatusForbidden && r.Code() == auth.ErrForbiddenOrigin.Code; forbidden == tt.allowed {
					t.Errorf("%s, %s with Sec-Fetch-Site %q, Origin %q: %v, want allowed %t", tt.name, route, tt.site, tt.origin, r, tt.allowed)
				}
				if ours := !strings.HasPrefix(path, "/auth"); ours && ran != tt.allowed {
					t.Errorf("%s, %s: the application's handler ran %t, want %t", tt.name, route, ran, tt.allowed)
				}
				if r := b.Get("/auth/user"); protected && r.Status != http.StatusOK {
					t.Errorf("%s: reading is not free: %v", tt.name, r)
				}
			}
		}
	})
}

func TestATokenInTheHeaderMayActOnTheApplicationsRoutes(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
	}{
		{"POST", "/host", 200},
		{"PUT", "/look", 200},
		{"GET", "/auth/user", 200},
		{"PATCH", "/auth/user", 403}, // our own routes serve pages of trusted origins only
		{"POST", "/auth/login", 403},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		s.Mux.Handle("/host", s.Auth.RequireUser(nothing))
		s.Mux.Handle("/look", s.Auth.LoadUser(nothing))
		token := s.App().Post("/auth/register", credentials(person(), phrase)).Token()
		b := s.Browser()
		b.Header = http.Header{"Authorization": {"Bearer " + token}, "Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
		for _, tt := range tests {
			if r := b.Do(tt.method, tt.path, "{}"); r.Status != tt.status {
				t.Errorf("%s %s by a token that no page can make a browser send, from another site: %v, want %d", tt.method, tt.path, r, tt.status)
			}
		}
	})
}

func TestOnlyTrustedOriginsHearOfCORS(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		with, without := newSite(t, client, auth.Config{TrustedOrigins: []string{trusted}}), newSite(t, client, auth.Config{})
		preflight := func(s *authtest.Site, origin string) *authtest.Reply {
			b := s.Browser()
			b.Header = http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"PATCH"}, "Access-Control-Request-Headers": {"content-type"}}
			return b.Do(http.MethodOptions, "/auth/user", nil)
		}
		r := preflight(with, trusted)
		h := r.Header
		if r.Status != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != trusted || h.Get("Access-Control-Allow-Credentials") != "true" ||
			!strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") ||
			!slices.Contains(h.Values("Vary"), "Origin") {
			t.Errorf("preflight of a trusted origin: %v %v", r, h)
		}
		b := with.Browser()
		b.Header = http.Header{"Origin": {trusted}, "Sec-Fetch-Site": {"cross-site"}}
		for path, status := range map[string]int{"/auth/health": 200, "/auth/user": 401, "/auth/nothing": 404} {
			if r := b.Get(path); r.Status != status || r.Header.Get("Access-Control-Allow-Origin") != trusted || r.Header.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("GET %s from a trusted origin: %v %v, want %d that its page may read", path, r, r.Header, status)
			}
		}
		for _, origin := range []string{
			own, "null", "https://evil.example", "https://admin.example", "http://admin.example:8443", "https://admin.example:8443.evil.example",
			"https://evil-admin.example:8443", "https://ADMIN.example:8443", "https://admin.example:8443/", "*", "",
		} {
			b := with.Browser()
			b.Header = http.Header{"Origin": {origin}}
			for name, r := range map[string]*authtest.Reply{"preflight": preflight(with, origin), "GET": b.Get("/auth/health"), "without trusted origins": preflight(without, origin)} {
				for header := range r.Header {
					if strings.HasPrefix(header, "Access-Control-") {
						t.Errorf("%s from %q: %s: %s", name, origin, header, r.Header.Get(header))
					}
				}
			}
		}
		if r := preflight(without, trusted); r.Status != http.StatusMethodNotAllowed {
			t.Errorf("preflight where nobody is trusted: %v, want 405", r)
		}
	})
}
