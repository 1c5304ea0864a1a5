package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

func TestCookiesOfASiteInProduction(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _, _, email, _ := twoFactors(t, client)
		b := s.Browser()
		pending := b.Post("/auth/login", credentials(email, phrase))
		opened := b.Post("/auth/test-factor", map[string]string{"code": testCode})
		for name, want := range map[string]struct {
			r       *authtest.Reply
			expires time.Time // zero: with the browser
		}{
			flowCookie:    {pending, time.Time{}},
			sessionCookie: {opened, authtest.Start.Add(30 * 24 * time.Hour)},
			deviceCookie:  {opened, authtest.Start.Add(365 * 24 * time.Hour)},
		} {
			c := named(want.r, name)
			if c == nil || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.Equal(want.expires) {
				t.Errorf("%s: %+v, want Secure, HttpOnly, SameSite=Lax, Path=/, no Domain, expiry %v", name, c, want.expires)
			}
			if got := want.r.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control of its answer = %q, want no-store", name, got)
			}
		}
		if c := named(opened, flowCookie); c == nil || c.MaxAge >= 0 || c.Value != "" || !c.Secure || c.Path != "/" {
			t.Errorf("the finished flow's cookie: %+v, want it deleted", c)
		}
		left := b.Post("/auth/logout", nil)
		if c := named(left, sessionCookie); c == nil || c.MaxAge >= 0 || c.Value != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("the session's cookie after signing out: %+v, want it deleted by the attributes it was set with", c)
		}
		if named(left, deviceCookie) != nil || b.Cookie(deviceCookie) == "" {
			t.Error("signing out forgot the device: its owner could be locked out")
		}
	})
}

func named(r *authtest.Reply, name string) *http.Cookie {
	for _, c := range r.Cookies {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func TestCookieNames(t *testing.T) {
	tests := []struct {
		name, base      string
		sessions        sessions.Config
		session, device string
		secure          bool
	}{
		{"production", "https://app.example", sessions.Config{}, "__Host-torii_session", "__Host-torii_device", true},
		{"production with a name", "https://app.example", sessions.Config{CookieName: "__Host-app"}, "__Host-app", "__Host-torii_device", true},
		{"production with an insecure name", "https://app.example", sessions.Config{CookieName: "app", InsecureCookieName: true}, "app", "__Host-torii_device", true},
		{"development", "http://localhost:8080", sessions.Config{}, "torii_session", "torii_device", false},
		{"development with a name", "http://127.0.0.1:8080", sessions.Config{CookieName: "app"}, "app", "torii_device", false},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			s := newSite(t, client, auth.Config{BaseURL: tt.base, Sessions: tt.sessions})
			b := s.Browser()
			r := b.Post("/auth/register", credentials(person(), phrase))
			for _, name := range []string{tt.session, tt.device} {
				if c := named(r, name); c == nil || c.Secure != tt.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
					t.Errorf("%s: cookie %s = %+v, want Secure %t; all: %v", tt.name, name, c, tt.secure, r.Cookies)
				}
			}
			if len(r.Cookies) != 2 {
				t.Errorf("%s: cookies %v, want two", tt.name, r.Cookies)
			}
			if r := b.Get("/auth/user"); r.Status != http.StatusOK {
				t.Errorf("%s: the cookie does not open the session: %v", tt.name, r)
			}
		}
	})
}

func TestACookieThatLedNowhereIsCleared(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for name, value := range map[string]string{
			"a token of nobody": strings.Repeat("A", 43), "an empty one": "", "a short one": "x", "a long one": strings.Repeat("A", 3000),
			"odd characters": `a\"b c,d`, "bytes that are no text": "\xff\xfe",
		} {
			b := s.Browser()
			b.Header["Cookie"] = []string{sessionCookie + "=" + value}
			r := b.Get("/auth/user")
			c := named(r, sessionCookie)
			if r.Status != http.StatusUnauthorized || value != "" && c == nil && strings.HasPrefix(value, "A") || c != nil && c.MaxAge >= 0 {
				t.Errorf("%s: %v, cookies %v; want 401 and the cookie deleted", name, r, r.Cookies)
			}
		}
		if n := client.Session.Query().CountX(t.Context()); n != 0 {
			t.Errorf("an unknown token made %d sessions", n)
		}
	})
}

func TestATokenInACookieIsNeverInABody(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b, email := s.Browser(), person()
		seen := map[string]bool{}
		for _, step := range []func() *authtest.Reply{
			func() *authtest.Reply { return b.Post("/auth/register", credentials(email, phrase)) },
			func() *authtest.Reply { return b.Get("/auth/session") },
			func() *authtest.Reply { return b.Get("/auth/sessions") },
			func() *authtest.Reply { return b.Post("/auth/step-up", map[string]string{"password": phrase}) },
			func() *authtest.Reply {
				return b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": "another long pass phrase"})
			},
			func() *authtest.Reply { return b.Get("/auth/user") },
			func() *authtest.Reply { return b.Delete("/auth/sessions") },
			func() *authtest.Reply { return b.Post("/auth/login", credentials(email, "another long pass phrase")) },
		} {
			before := b.Session()
			r := step()
			if r.Status >= 300 || r.Token() != "" {
				t.Errorf("%v", r)
			}
			for _, token := range []string{before, b.Session()} {
				seen[token] = true
				if token != "" && strings.Contains(string(r.Body), token) {
					t.Errorf("the body shows the cookie's token: %v", r)
				}
			}
		}
		if len(seen) != 5 { // none, and one each of sign-up, step-up, change, sign-in
			t.Errorf("%d different tokens, want a new one for every proof", len(seen)-1)
		}
	})
}
