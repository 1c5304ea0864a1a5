package auth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// withRoutes adds an application's own routes behind each of the guards.
func withRoutes(s *authtest.Site) {
	who := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, ok := auth.UserFrom(r.Context())
		session, also := auth.SessionFrom(r.Context())
		if ok != also || ok && session.UserID != u.ID {
			w.WriteHeader(http.StatusTeapot)
		}
		if ok {
			io.WriteString(w, u.ID)
		}
	})
	s.Mux.Handle("/me", s.Auth.RequireUser(who))
	s.Mux.Handle("/look", s.Auth.LoadUser(who))
	s.Mux.Handle("/recent", s.Auth.RequireRecent(5*time.Minute, who))
	s.Mux.Handle("/verified", s.Auth.RequireVerified(who))
	s.Mux.Handle("/open", who)
}

func TestGuardsOfTheApplicationsOwnRoutes(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{LoginURL: "/login"})
		withRoutes(s)
		stranger, ann := s.Browser(), s.Browser()
		id := register(t, ann, person())
		for _, tt := range []struct {
			name   string
			b      *authtest.Browser
			path   string
			status int
			body   string // begins with
		}{
			{"a stranger stays out", stranger, "/me", 401, `{"error":{"code":"unauthenticated"`},
			{"a stranger proves nothing", stranger, "/recent", 401, `{"error":{"code":"unauthenticated"`},
			{"a stranger has no address", stranger, "/verified", 401, `{"error":{"code":"unauthenticated"`},
			{"a stranger may look", stranger, "/look", 200, ""},
			{"a user comes in", ann, "/me", 200, id},
			{"a user is seen", ann, "/look", 200, id},
			{"a user who has just proven it is recent", ann, "/recent", 200, id},
			{"a user whose address is unproven", ann, "/verified", 403, `{"error":{"code":"email_unverified"`},
			{"a route without a guard knows nobody", ann, "/open", 200, ""},
		} {
			r := tt.b.Get(tt.path)
			if r.Status != tt.status || !strings.HasPrefix(string(r.Body), tt.body) || tt.body == "" && len(r.Body) > 0 {
				t.Errorf("%s: GET %s = %v, want %d %s", tt.name, tt.path, r, tt.status, tt.body)
			}
			if guarded := tt.path != "/look" && tt.path != "/open"; guarded && r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control = %q, want no-store", tt.name, r.Header.Get("Cache-Control"))
			}
		}
		s.Clock.Advance(5*time.Minute + time.Second)
		if r := ann.Get("/recent"); r.Status != 403 || r.Code() != auth.ErrStepUpRequired.Code {
			t.Errorf("a proof of five minutes and a second: %v, want 403 step_up_required", r)
		}
		if r := ann.Post("/auth/step-up", map[string]string{"password": phrase}); r.Status != 200 {
			t.Fatal(r)
		}
		s.Clock.Advance(5 * time.Minute)
		if r := ann.Get("/recent"); r.Status != 200 {
			t.Errorf("a proof of exactly five minutes: %v", r)
		}
	})
}

func TestABrowserIsSentToTheLoginPage(t *testing.T) {
	const page = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	tests := []struct {
		name, method, path, accept, loginURL string
		status                               int
		returnTo                             string
	}{
		{"a page is redirected", "GET", "/me", page, "/login", 303, "/me"},
		{"with where it wanted to go", "GET", "/me?a=1&b=%2Fx%3F", page, "/login", 303, "/me?a=1&b=%2Fx%3F"},
		{"to a longer path too", "GET", "/me", page, "/account/login", 303, "/me"},
		{"a script is told", "GET", "/me", "application/json", "/login", 401, ""},
		{"whoever says nothing is told", "GET", "/me", "", "/login", 401, ""},
		{"whoever takes anything is told", "GET", "/me", "*/*", "/login", 401, ""},
		{"a form is told, since its body would be lost", "POST", "/me", page, "/login", 401, ""},
		{"a HEAD is told", "HEAD", "/me", page, "/login", 401, ""},
		{"without a login page everybody is told", "GET", "/me", page, "", 401, ""},
		{"a route of a recent proof redirects strangers too", "GET", "/recent", page, "/login", 303, "/recent"},
		{"a page that only looks is shown", "GET", "/look", page, "/login", 200, ""},
		{"our own routes never redirect", "GET", "/auth/user", page, "/login", 401, ""},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			s := newSite(t, client, auth.Config{LoginURL: tt.loginURL})
			withRoutes(s)
			b := s.Browser()
			b.Header.Set("Accept", tt.accept)
			r := b.Do(tt.method, tt.path, nil)
			want := ""
			if tt.returnTo != "" {
				want = tt.loginURL + "?return_to=" + url.QueryEscape(tt.returnTo)
			}
			if r.Status != tt.status || r.Header.Get("Location") != want {
				t.Errorf("%s: %s %s = %v, Location %q; want %d, %q", tt.name, tt.method, tt.path, r, r.Header.Get("Location"), tt.status, want)
			}
		}
	})
}

func TestWhatCountsAsRecent(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		withRoutes(s)
		withPassword := register(t, s.Browser(), person())
		for _, tt := range []struct {
			name, userID string
			status       int
		}{
			{"the host's word, of a user who has nothing stronger", newUser(t, s.Auth).ID, 200},
			{"the host's word, of a user who has a password", withPassword, 403},
		} {
			app := s.App()
			app.Header.Set("Authorization", "Bearer "+newSession(t, s.Auth, tt.userID).Token.Reveal())
			if r := app.Get("/recent"); r.Status != tt.status {
				t.Errorf("%s: %v, want %d", tt.name, r, tt.status)
			}
			if r := app.Delete("/auth/user"); (r.Status == 204) != (tt.status == 200) {
				t.Errorf("%s: DELETE /auth/user = %v", tt.name, r)
			}
		}
	})
}

func TestAProvenAddressOpensRequireVerified(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		withRoutes(s)
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: person(), EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		app := s.App()
		app.Header.Set("Authorization", "Bearer "+newSession(t, s.Auth, u.ID).Token.Reveal())
		if r := app.Get("/verified"); r.Status != 200 || string(r.Body) != u.ID {
			t.Errorf("a proven address: %v", r)
		}
	})
}

func TestADisabledUserIsAStrangerAtOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		withRoutes(s)
		b := s.Browser()
		id := register(t, b, person())
		if err := s.Auth.DisableUser(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		looks, guarded := b.Clone(), b.Clone()
		if r := looks.Get("/look"); r.Status != 200 || len(r.Body) != 0 {
			t.Errorf("LoadUser of a disabled user: %v", r)
		}
		if r := guarded.Get("/me"); r.Status != 401 || guarded.Session() != "" {
			t.Errorf("RequireUser of a disabled user: %v, cookie left %t", r, guarded.Session() != "")
		}
	})
}
