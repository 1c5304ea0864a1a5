package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// split is a site whose sessions are in a database of their own.
type split struct {
	*authtest.Site
	store *ent.Client
}

func eachSplit(t *testing.T, f func(t *testing.T, open func(auth.Config) split)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		apart := testdb.New(t, db.Name)
		store, err := migrate.Open(t.Context(), apart.Driver, apart.DSN, migrate.SessionsOnly())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		f(t, func(cfg auth.Config) split {
			cfg.Sessions.Store = store
			return split{newSite(t, client, cfg), store}
		})
	})
}

// rows is how many sessions are stored, in either database.
func (s split) rows(t *testing.T) int {
	t.Helper()
	if n := s.Client.Session.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d sessions are in the database of the users", n)
	}
	return s.store.Session.Query().CountX(t.Context())
}

func TestTheLifeOfASessionInAStoreOfItsOwn(t *testing.T) {
	eachSplit(t, func(t *testing.T, open func(auth.Config) split) {
		s := open(auth.Config{})
		b, email := s.Browser(), person()
		userID := register(t, b, email)
		second := s.Browser()
		if r := second.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK {
			t.Fatalf("sign-in: %v", r)
		}
		if n := s.rows(t); n != 2 {
			t.Errorf("%d sessions are stored, want 2", n)
		}
		old := b.Clone()
		if r := b.Post("/auth/step-up", map[string]string{"password": phrase}); r.Status != http.StatusOK {
			t.Errorf("step-up: %v", r)
		}
		if r := old.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("the token from before the step-up: %v, want 401", r)
		}
		s.Clock.Advance(2 * time.Minute)
		if r := b.Get("/auth/user"); r.Status != http.StatusOK || r.UserID() != userID {
			t.Errorf("GET /user: %v", r)
		}
		var list struct {
			Sessions []struct {
				ID      string
				Current bool
			}
		}
		if err := b.Get("/auth/sessions").JSON(&list); err != nil || len(list.Sessions) != 2 || !list.Sessions[0].Current {
			t.Fatalf("sessions: %+v, %v; want two, the current one first", list, err)
		}
		if r := b.Delete("/auth/sessions/ses_00000000000000000000000000"); r.Status != http.StatusNotFound {
			t.Errorf("ending a session of nobody: %v, want 404", r)
		}
		if r := b.Delete("/auth/sessions/" + list.Sessions[1].ID); r.Status != http.StatusNoContent {
			t.Errorf("ending the second: %v", r)
		}
		if r := second.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("the ended session: %v, want 401", r)
		}
		if r := b.Post("/auth/logout", nil); r.Status != http.StatusNoContent || s.rows(t) != 0 {
			t.Errorf("logout: %v, %d rows left", r, s.rows(t))
		}
	})
}

// Each way to end a user's sessions reaches the other database, and what comes of it
// first is refused by the users' own.
func TestWhatEndsSessionsCrossesOver(t *testing.T) {
	eachSplit(t, func(t *testing.T, open func(auth.Config) split) {
		s := open(auth.Config{})
		ctx := t.Context()
		for name, end := range map[string]func(id, email string, b *authtest.Browser) error{
			"disabling":              func(id, _ string, _ *authtest.Browser) error { return s.Auth.DisableUser(ctx, id) },
			"deleting":               func(id, _ string, _ *authtest.Browser) error { return s.Auth.DeleteUser(ctx, id) },
			"signing out everywhere": func(id, _ string, _ *authtest.Browser) error { _, err := s.Auth.EndSessions(ctx, id); return err },
			"DELETE /user": func(_, _ string, b *authtest.Browser) error {
				if r := b.Delete("/auth/user"); r.Status != http.StatusNoContent {
					return errors.New(r.String())
				}
				return nil
			},
		} {
			b, email := s.Browser(), person()
			id := register(t, b, email)
			held := b.Clone()
			if err := end(id, email, b); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if n := s.rows(t); n != 0 {
				t.Errorf("%s left %d sessions in the store", name, n)
			}
			if r := held.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("the session after %s: %v, want 401", name, r)
			}
		}
		b, email := s.Browser(), person()
		register(t, b, email)
		other := s.Browser()
		other.Post("/auth/login", credentials(email, phrase))
		r := b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": "another long phrase"})
		if r.Status != http.StatusOK || b.Get("/auth/user").Status != http.StatusOK {
			t.Errorf("changing the password: %v; and then %v", r, b.Get("/auth/user"))
		}
		if r := other.Get("/auth/user"); r.Status != http.StatusUnauthorized || s.rows(t) != 1 {
			t.Errorf("the other session after a change: %v, %d rows; want 401 and one row", r, s.rows(t))
		}
	})
}

// The process dies between the users' commit and the store: what is left in the store
// opens nothing.
func TestASessionThatTheStoreKeptIsRefused(t *testing.T) {
	eachSplit(t, func(t *testing.T, open func(auth.Config) split) {
		s, clock := open(auth.Config{}), authtest.NewClock()
		stuck := &forgetful{Opaque: sessions.NewOpaque(sessions.Config{Store: s.store}.WithDefaults(false), clock.Now)}
		pw := password.New(password.Config{})
		s.Site = newSite(t, s.Client, auth.Config{
			Sessions: sessions.Config{Manager: stuck}, Now: clock.Now, Providers: []auth.Provider{pw},
		})
		for name, end := range map[string]func(id string) error{
			"disabling": func(id string) error { return s.Auth.DisableUser(t.Context(), id) },
			"deleting":  func(id string) error { return s.Auth.DeleteUser(t.Context(), id) },
			"a new password": func(id string) error {
				return pw.Set(t.Context(), id, "another long phrase")
			},
			"signing out everywhere": func(id string) error { _, err := s.Auth.EndSessions(t.Context(), id); return err },
		} {
			b, email := s.Browser(), person()
			id := register(t, b, email)
			clock.Advance(time.Second)
			stuck.dead = true
			if err := end(id); !errors.Is(err, errDied) {
				t.Errorf("%s: %v, want the store's error", name, err)
			}
			stuck.dead = false
			if list, err := s.Auth.Sessions(t.Context(), id); err != nil || len(list) != 0 {
				t.Errorf("after %s: %d sessions are listed, %v", name, len(list), err)
			}
			if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("the session that the store kept after %s: %v, want 401", name, r)
			}
		}
	})
}

var errDied = errors.New("the store is gone")

// forgetful is a manager whose store cannot be reached at the wrong moment.
type forgetful struct {
	*sessions.Opaque
	dead bool
}

func (f *forgetful) RevokeAll(ctx context.Context, c *ent.Client, userID string, except ...string) (int, error) {
	if f.dead {
		return 0, errDied
	}
	return f.Opaque.RevokeAll(ctx, c, userID, except...)
}

// A transaction that is refused opens and ends nothing.
func TestARefusedSignInLeavesTheStoreAlone(t *testing.T) {
	eachSplit(t, func(t *testing.T, open func(auth.Config) split) {
		refuse := false
		s := open(auth.Config{Hooks: []auth.Hook{func(_ context.Context, _ *auth.Tx, e auth.Event) error {
			if refuse && (e.Kind == auth.EventSignedIn || e.Kind == auth.EventSignedOut) {
				return auth.ErrRefused
			}
			return nil
		}}})
		b, email := s.Browser(), person()
		register(t, b, email)
		refuse = true
		if r := b.Clone().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusForbidden {
			t.Errorf("sign-in: %v, want the hook's refusal", r)
		}
		if r := b.Clone().Post("/auth/logout", nil); r.Status != http.StatusForbidden {
			t.Errorf("logout: %v, want the hook's refusal", r)
		}
		if n := s.rows(t); n != 1 || b.Get("/auth/user").Status != http.StatusOK {
			t.Errorf("%d sessions are stored, want the first alone, and alive: %v", n, b.Get("/auth/user"))
		}
	})
}

// Signing in with the old password races with its change: no session of the old one is
// left that opens anything.
func TestNoSignInOutlivesAChangeOfPassword(t *testing.T) {
	eachSplit(t, func(t *testing.T, open func(auth.Config) split) {
		pw := password.New(password.Config{})
		s := open(auth.Config{Providers: []auth.Provider{pw}, Now: time.Now})
		for round := range 5 {
			email := person()
			id := register(t, s.Browser(), email)
			browsers := make([]*authtest.Browser, 8)
			for i := range browsers {
				browsers[i] = s.Browser()
			}
			authtest.InParallel(len(browsers)+1, func(i int) int {
				if i == len(browsers) {
					if err := pw.Set(t.Context(), id, "another long phrase"); err != nil {
						t.Errorf("set: %v", err)
					}
					return 0
				}
				return browsers[i].Post("/auth/login", credentials(email, phrase)).Status
			})
			for _, b := range browsers {
				if r := b.Get("/auth/user"); r.Status == http.StatusOK {
					t.Errorf("round %d: a session of the old password is alive", round)
				}
			}
		}
	})
}

func TestTheStoreIsConfiguredOnce(t *testing.T) {
	client := authtest.Database(t)
	manager := sessions.NewOpaque(sessions.Config{}.WithDefaults(false), time.Now)
	for want, cfg := range map[string]sessions.Config{
		"Sessions.Store is the client itself": {Store: client},
		"set one of the two":                  {Store: authtest.Database(t), Manager: manager},
	} {
		_, err := auth.New(client, auth.Config{BaseURL: authtest.Origin, Secrets: [][]byte{make([]byte, 32)}, SkipEmailVerification: true, Sessions: cfg})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
