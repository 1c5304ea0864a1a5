package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
)

// lockOut has strangers guess until an account waits.
func lockOut(t testing.TB, s *authtest.Site, email string) {
	t.Helper()
	for range 5 {
		wrongTry(s, "192.0.2.66", email)
	}
	if r := s.Browser().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests {
		t.Fatalf("the right password in an unknown browser after five wrong ones: %v, want 429", r)
	}
}

func TestAStrangerDoesNotLockOutAKnownBrowser(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		ann, email := s.Browser(), person()
		register(t, ann, email)
		ann.Post("/auth/logout", nil)
		lockOut(t, s, email)
		if r := ann.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK {
			t.Errorf("the browser that signed in before: %v", r)
		}
		if r := s.Browser().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests {
			t.Errorf("Ann's sign-in freed the strangers: %v, want 429", r)
		}
		thief := ann.Clone()
		for i := range 5 {
			if r := thief.Post("/auth/login", credentials(email, "wrong wrong wrong")); r.Status != http.StatusUnauthorized {
				t.Errorf("try %d with the known browser's cookie: %v", i+1, r)
			}
		}
		if r := thief.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests {
			t.Errorf("a known browser is not limited: %v", r)
		}
	})
}

func TestADeviceCookieOfAnotherAccountDoesNotHelp(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		ann := person()
		register(t, s.Browser(), ann)
		mallory := s.Browser()
		register(t, mallory, person())
		lockOut(t, s, ann)
		if r := mallory.Post("/auth/login", credentials(ann, phrase)); r.Status != http.StatusTooManyRequests {
			t.Errorf("a browser that knows another account: %v, want 429", r)
		}
	})
}

func TestAlteredDeviceCookiesAreStrangers(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b, email := s.Browser(), person()
		register(t, b, email)
		cookie := b.Cookie(deviceCookie)
		if len(cookie) < 32 {
			t.Fatalf("device cookie %q", cookie)
		}
		lockOut(t, s, email)
		before := rows(t, client)
		tests := map[string]string{
			"empty": "", "a dot": ".", "dots": "....", "no base64": "!!!!", "cut at the end": cookie[:len(cookie)-1], "cut in half": cookie[:len(cookie)/2],
			"cut at the start": cookie[1:], "longer": cookie + "A", "longer at the start": "A" + cookie, "in lower case": strings.ToLower(cookie),
			"zeroes": strings.Repeat("A", len(cookie)), "the name of the user": email, "huge": strings.Repeat(cookie[:60]+".", 50),
			"the first byte changed": flip(cookie, 0), "the id changed": flip(cookie, 10), "the seal changed": flip(cookie, 40), "the last byte changed": flip(cookie, len(cookie)-1),
		}
		for name, value := range tests {
			c := s.Browser()
			c.SetCookie(deviceCookie, value)
			if r := c.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests {
				t.Errorf("%s (%.80q): %v, want 429", name, value, r)
			}
		}
		twice := s.Browser()
		twice.Header.Set("Cookie", deviceCookie+"="+cookie+"; "+deviceCookie+"="+strings.Repeat("A", len(cookie)))
		if r := twice.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusTooManyRequests {
			t.Errorf("two device cookies, one of them planted: %v, want 429", r)
		}
		unchanged(t, client, before, "altered device cookies")
		for name, c := range map[string]string{"session": sessionCookie, "flow": flowCookie} {
			thief := s.Browser()
			thief.SetCookie(c, cookie)
			if r := thief.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("a device cookie as %s cookie: %v, want 401", name, r)
			}
		}
	})
}

// flip changes one character of base64url.
func flip(s string, i int) string {
	other := byte('A')
	if s[i] == 'A' {
		other = 'B'
	}
	return s[:i] + string(other) + s[i+1:]
}

func TestAKnownBrowserIsForgotten(t *testing.T) {
	tests := []struct {
		name   string
		forget func(s *authtest.Site, pw *password.Provider, userID string) error
		want   int
	}{
		{"after nothing it is known", func(*authtest.Site, *password.Provider, string) error { return nil }, http.StatusOK},
		{"after a year it is a stranger", func(s *authtest.Site, _ *password.Provider, _ string) error {
			s.Clock.Advance(366 * 24 * time.Hour)
			return nil
		}, http.StatusTooManyRequests},
		{"after the password was set anew it is a stranger", func(s *authtest.Site, pw *password.Provider, id string) error {
			s.Clock.Advance(time.Second)
			return pw.Set(context.Background(), id, phrase)
		}, http.StatusTooManyRequests},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			pw := password.New(password.Config{})
			s := newSite(t, client, auth.Config{Providers: []auth.Provider{pw}})
			b, email := s.Browser(), person()
			id := register(t, b, email)
			device := b.Cookie(deviceCookie)
			if err := tt.forget(s, pw, id); err != nil {
				t.Fatal(err)
			}
			lockOut(t, s, email)
			b = s.Browser() // without what the cookie jar itself has let expire
			b.SetCookie(deviceCookie, device)
			if r := b.Post("/auth/login", credentials(email, phrase)); r.Status != tt.want {
				t.Errorf("%s: %v, want %d", tt.name, r, tt.want)
			}
		}
	})
}

func TestABrowserKnowsTheLastFiveAccounts(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b := s.Browser()
		var emails []string
		for range 6 {
			emails = append(emails, person())
			register(t, b, emails[len(emails)-1])
		}
		if n := len(deviceCookie) + len(b.Cookie(deviceCookie)); n > 1024 {
			t.Errorf("the device cookie has %d bytes: %q", n, b.Cookie(deviceCookie))
		}
		b.Post("/auth/logout", nil)
		for i, email := range emails {
			lockOut(t, s, email)
			want := http.StatusOK
			if i == 0 {
				want = http.StatusTooManyRequests
			}
			if r := b.Clone().Post("/auth/login", credentials(email, phrase)); r.Status != want {
				t.Errorf("%s: %v, want %d", fmt.Sprintf("account %d of 6", i+1), r, want)
			}
		}
	})
}
