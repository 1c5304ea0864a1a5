package auth_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

// stateless is a site whose sessions are JWTs, with a host's route behind each guard.
func stateless(t *testing.T, client *ent.Client, cfg sessions.Config) *authtest.Site {
	t.Helper()
	cfg.Kind = sessions.KindJWT
	s := newSite(t, client, auth.Config{Sessions: cfg})
	ok := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, found := auth.SessionFrom(r.Context()); !found {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s.Mux.Handle("GET /user-of", s.Auth.RequireUser(ok))
	s.Mux.Handle("GET /session-of", s.Auth.RequireSession(ok))
	return s
}

func TestTheLifeOfAStatelessSession(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := stateless(t, client, sessions.Config{})
		b := s.Browser()
		email := person()
		register(t, b, email)
		if !verify.LooksLikeJWT(b.Session()) {
			t.Fatalf("the cookie %q is no JWT", b.Session())
		}
		if n := client.Session.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d rows of sessions, want none", n)
		}
		for path, want := range map[string]int{
			"/auth/user": 200, "/auth/session": 200, "/user-of": 204, "/session-of": 204,
		} {
			if r := b.Get(path); r.Status != want {
				t.Errorf("GET %s: %v, want %d", path, r, want)
			}
		}
		var list struct{ Sessions []struct{ Current bool } }
		if err := b.Get("/auth/sessions").JSON(&list); err != nil || len(list.Sessions) != 1 || !list.Sessions[0].Current {
			t.Errorf("sessions %+v, %v, want the current one", list, err)
		}
		for _, path := range []string{"/auth/sessions", "/auth/sessions/ses_any"} {
			if r := b.Delete(path); r.Status != http.StatusConflict || r.Code() != "not_revocable" {
				t.Errorf("DELETE %s: %v, want 409 not_revocable", path, r)
			}
		}
		stolen := b.Clone()
		if r := b.Post("/auth/logout", nil); r.Status != http.StatusNoContent || b.Session() != "" {
			t.Errorf("logout: %v, cookie left %t", r, b.Session() != "")
		}
		// What the doc of KindJWT says: signing out takes the cookie, not the token.
		if r := stolen.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the token after signing out: %v", r)
		}
		s.Clock.Advance(time.Hour - time.Second)
		if r := stolen.Get("/session-of"); r.Status != http.StatusNoContent {
			t.Errorf("a second before its end: %v", r)
		}
		s.Clock.Advance(time.Second)
		for _, path := range []string{"/auth/user", "/user-of", "/session-of"} {
			if r := stolen.Get(path); r.Status != http.StatusUnauthorized {
				t.Errorf("GET %s at its end: %v, want 401", path, r)
			}
		}
	})
}

func TestWhatEndsAStatelessSession(t *testing.T) {
	ctx := context.Background()
	for _, row := range []struct {
		name string
		do   func(s *authtest.Site, b *authtest.Browser, userID string) error
	}{
		{"the user is disabled", func(s *authtest.Site, _ *authtest.Browser, id string) error { return s.Auth.DisableUser(ctx, id) }},
		{"the user is disabled and enabled again", func(s *authtest.Site, _ *authtest.Browser, id string) error {
			if err := s.Auth.DisableUser(ctx, id); err != nil {
				return err
			}
			return s.Auth.EnableUser(ctx, id)
		}},
		{"the user is deleted", func(s *authtest.Site, _ *authtest.Browser, id string) error { return s.Auth.DeleteUser(ctx, id) }},
		{"all sessions are ended", func(s *authtest.Site, _ *authtest.Browser, id string) error {
			_, err := s.Auth.EndSessions(ctx, id)
			return err
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := stateless(t, authtest.Database(t), sessions.Config{})
			b := s.Browser()
			id := register(t, b, person())
			s.Clock.Advance(time.Second)
			if err := row.do(s, b, id); err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
			for _, path := range []string{"/auth/user", "/auth/sessions", "/user-of"} {
				if r := b.Clone().Get(path); r.Status != http.StatusUnauthorized {
					t.Errorf("%s: GET %s: %v, want 401", row.name, path, r)
				}
			}
			if r := b.Get("/session-of"); r.Status != http.StatusNoContent {
				t.Errorf("%s: RequireSession asks a database: %v", row.name, r)
			}
		})
	}
}

func TestAChangedPasswordEndsOtherStatelessSessions(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := stateless(t, client, sessions.Config{})
		b := s.Browser()
		register(t, b, person())
		other := b.Clone()
		s.Clock.Advance(time.Second)
		r := b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": "another pass phrase"})
		if r.Status != http.StatusOK {
			t.Fatal(r)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the session that changed it: %v", r)
		}
		if r := other.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("the token from before: %v, want 401", r)
		}
	})
}

func TestBothKindsOfSessionDuringAMove(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		secret := [][]byte{[]byte("one secret for both, of 32 bytes.")}
		site := func(kind sessions.Kind, keys ...sessions.SigningKey) *authtest.Site {
			return newSite(t, client, auth.Config{Secrets: secret, Sessions: sessions.Config{Kind: kind, JWT: sessions.JWTConfig{Keys: keys}}})
		}
		key, err := sessions.HS256Key("", []byte("a key of HS256 has 32 bytes or more"))
		if err != nil {
			t.Fatal(err)
		}
		opaque, jwt, back := site(sessions.KindOpaque), site(sessions.KindJWT, key), site(sessions.KindOpaque, key)
		email := person()
		register(t, opaque.Browser(), email)
		sign := func(s *authtest.Site) string {
			r := s.App().Post("/auth/login", map[string]string{"email": email, "password": phrase})
			if r.Status != http.StatusOK {
				t.Fatal(r)
			}
			return r.Token()
		}
		old, young := sign(opaque), sign(jwt)
		for name, row := range map[string]struct {
			site  *authtest.Site
			token string
			want  int
		}{
			"an opaque token where JWTs are issued":       {jwt, old, 200},
			"a JWT where opaque tokens are issued again":  {back, young, 200},
			"a JWT where there was never a key":           {opaque, young, 401},
			"an opaque token where it was always at home": {back, old, 200},
		} {
			app := row.site.App()
			app.Header.Set("Authorization", "Bearer "+row.token)
			if r := app.Get("/auth/user"); r.Status != row.want {
				t.Errorf("%s: %v, want %d", name, r, row.want)
			}
		}
	})
}

func TestFallbackForTokensOfAFormerSystem(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var known string
		fallback := func(_ context.Context, token string) (string, error) {
			if token == "legacy-token" && known != "" {
				return known, nil
			}
			return "", auth.ErrUnauthenticated
		}
		s := newSite(t, client, auth.Config{Sessions: sessions.Config{Fallback: fallback}})
		known = register(t, s.Browser(), person())
		b := s.Browser()
		b.SetCookie("__Host-torii_session", "legacy-token")
		if r := b.Get("/auth/user"); r.Status != http.StatusOK || r.UserID() != known {
			t.Fatalf("a legacy cookie: %v", r)
		}
		if got := b.Session(); got == "legacy-token" || got == "" {
			t.Errorf("the legacy cookie was not exchanged: %q", got)
		}
		app := s.App()
		app.Header.Set("Authorization", "Bearer legacy-token")
		if r := app.Get("/auth/user"); r.Status != http.StatusOK || len(r.Cookies) != 0 {
			t.Errorf("a legacy bearer token: %v, cookies %v", r, r.Cookies)
		}
		app.Header.Set("Authorization", "Bearer legacy-toke")
		if r := app.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("a token that the host does not know: %v", r)
		}
		if err := s.Auth.DisableUser(t.Context(), known); err != nil {
			t.Fatal(err)
		}
		app.Header.Set("Authorization", "Bearer legacy-token")
		if r := app.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("a legacy token of a disabled user: %v", r)
		}
	})
}

func TestStepUpOfAStatelessSession(t *testing.T) {
	s := stateless(t, authtest.Database(t), sessions.Config{})
	b := s.Browser()
	register(t, b, person())
	r := b.Post("/auth/step-up", map[string]string{"password": phrase})
	if r.Status != http.StatusOK || r.Token() != "" {
		t.Fatalf("step-up: %v", r)
	}
	if r := b.Get("/auth/jwks.json"); r.Status != http.StatusOK || string(r.Body) != `{"keys":[]}` {
		t.Errorf("jwks.json of symmetric keys: %v", r)
	}
}
