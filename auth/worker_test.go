package auth_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// fill writes n rows of each kind that expires, for one user.
func fill(t testing.TB, c *ent.Client, userID, name string, n int, expires time.Time) {
	t.Helper()
	hash := func(i int) []byte { sum := sha256.Sum256(fmt.Append(nil, name, i)); return sum[:] }
	var (
		ss []*ent.SessionCreate
		cs []*ent.ChallengeCreate
		ms []*ent.MagicTokenCreate
		rs []*ent.RateLimitCreate
	)
	for i := range n {
		ss = append(ss, c.Session.Create().SetTokenHash(hash(i)).SetUserID(userID).SetExpiresAt(expires).SetAbsoluteExpiresAt(expires))
		cs = append(cs, c.Challenge.Create().SetPurpose("test").SetFlowHash(hash(i)).SetUserID(userID).SetData("v1.x").SetExpiresAt(expires))
		ms = append(ms, c.MagicToken.Create().SetPurpose("test").SetEmail("a@x.example").SetTokenHash(hash(i)).SetUserID(userID).SetExpiresAt(expires))
		rs = append(rs, c.RateLimit.Create().SetID(fmt.Sprint(name, i)).SetExpiresAt(expires))
	}
	ctx := t.Context()
	err := errors.Join(
		c.Session.CreateBulk(ss...).Exec(ctx), c.Challenge.CreateBulk(cs...).Exec(ctx),
		c.MagicToken.CreateBulk(ms...).Exec(ctx), c.RateLimit.CreateBulk(rs...).Exec(ctx))
	if err != nil {
		t.Fatal(err)
	}
}

func TestCleanUpDeletesWhatHasExpired(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		u := newUser(t, s.Auth)
		const expired, live = 450, 7 // more than two batches of each kind
		fill(t, client, u.ID, "expired", expired, s.Clock.Now().Add(-time.Microsecond))
		fill(t, client, u.ID, "live", live, s.Clock.Now().Add(time.Microsecond))
		if n, err := s.Auth.CleanUp(t.Context()); n != 4*expired || err != nil {
			t.Errorf("CleanUp = %d, %v, want %d", n, err, 4*expired)
		}
		left := rows(t, client)
		if limits := client.RateLimit.Query().CountX(t.Context()); left["sessions"] != live || left["challenges"] != live || left["magic tokens"] != live || limits != live {
			t.Errorf("left %v and %d counters, want %d of each", left, limits, live)
		}
		if n, err := s.Auth.CleanUp(t.Context()); n != 0 || err != nil {
			t.Errorf("CleanUp again = %d, %v, want 0", n, err)
		}
		if n := client.AuthEvent.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d events, want them kept", n)
		}
	})
}

func TestCleanUpStopsWithItsCaller(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a := newSite(t, client, auth.Config{}).Auth
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.CleanUp(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("CleanUp with an ended context = %v, want context.Canceled", err)
		}
	})
}

func TestClose(t *testing.T) {
	client := authtest.Database(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name  string
		steps func(a *auth.Auth) error
	}{
		{"before Start", func(a *auth.Auth) error { return a.Close(t.Context()) }},
		{"before Start, in no time", func(a *auth.Auth) error { return a.Close(ended) }},
		{"after Start", func(a *auth.Auth) error { a.Start(); return a.Close(t.Context()) }},
		{"twice", func(a *auth.Auth) error { a.Start(); return errors.Join(a.Close(t.Context()), a.Close(t.Context())) }},
		{"again, in no time", func(a *auth.Auth) error {
			a.Start()
			return errors.Join(a.Close(t.Context()), a.Close(ended))
		}},
		{"then Start, which does nothing", func(a *auth.Auth) error {
			err := a.Close(t.Context())
			a.Start()
			return errors.Join(err, a.Close(t.Context()))
		}},
		{"by many at once", func(a *auth.Auth) error {
			errs := authtest.InParallel(10, func(i int) error {
				if i%2 == 0 {
					a.Start()
				}
				return a.Close(t.Context())
			})
			if errs[nil] != 10 {
				return fmt.Errorf("%v", errs)
			}
			return nil
		}},
	}
	for _, tt := range tests {
		for range 20 { // some of it is chance
			cfg := production()
			a, err := auth.New(client, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.steps(a); err != nil {
				t.Errorf("Close %s: %v", tt.name, err)
				break
			}
		}
	}
	if n, err := client.User.Query().Count(t.Context()); n != 0 || err != nil {
		t.Errorf("the client after Close: %d, %v; want it open", n, err)
	}
}

func TestAClosedAuthChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		a, b, ctx, email := s.Auth, s.Browser(), t.Context(), person()
		id := register(t, b, email)
		token := b.Session()
		if err := a.Close(ctx); err != nil {
			t.Fatal(err)
		}
		before := rows(t, client)
		for name, call := range map[string]func() error{
			"CreateUser":    func() error { _, err := a.CreateUser(ctx, auth.NewUser{Email: person()}); return err },
			"UpdateUser":    func() error { _, err := a.UpdateUser(ctx, id, auth.UserUpdate{}); return err },
			"DisableUser":   func() error { return a.DisableUser(ctx, id) },
			"EnableUser":    func() error { return a.EnableUser(ctx, id) },
			"DeleteUser":    func() error { return a.DeleteUser(ctx, id) },
			"CreateSession": func() error { _, err := a.CreateSession(ctx, id, auth.Client{}); return err },
			"EndSession":    func() error { return a.EndSession(ctx, id, "ses_x") },
			"EndSessions":   func() error { _, err := a.EndSessions(ctx, id); return err },
			"SignOut":       func() error { return a.SignOut(ctx, auth.Client{Sessions: []string{token}}) },
		} {
			if err := call(); !errors.Is(err, auth.ErrClosed) {
				t.Errorf("%s after Close = %v, want ErrClosed", name, err)
			}
		}
		for _, r := range []*authtest.Reply{b.Post("/auth/login", credentials(email, phrase)), b.Post("/auth/register", credentials(person(), phrase))} {
			if r.Status < 500 || r.Code() == "" || len(r.Cookies) != 0 {
				t.Errorf("after Close: %v, cookies %v; want a failure", r, r.Cookies)
			}
		}
		unchanged(t, client, before, "Close")
	})
}

func TestADatabaseThatIsGone(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b := s.Browser()
		email := person()
		register(t, b, email)
		if r := b.Get("/auth/health"); r.Status != http.StatusOK || strings.TrimSpace(string(r.Body)) != `{"status":"ok"}` {
			t.Errorf("health: %v", r)
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		const internal = `{"error":{"code":"internal","message":"Something went wrong."}}`
		if r := b.Get("/auth/health"); r.Status != http.StatusServiceUnavailable || r.Code() != auth.ErrUnavailable.Code {
			t.Errorf("health without a database: %v, want 503", r)
		}
		for name, r := range map[string]*authtest.Reply{
			"GET /user": b.Get("/auth/user"), "POST /login": b.Post("/auth/login", credentials(email, phrase)), "POST /logout": b.Clone().Post("/auth/logout", nil),
			"POST /register": b.Post("/auth/register", credentials(person(), phrase)),
		} {
			if r.Status != http.StatusInternalServerError || strings.TrimSpace(string(r.Body)) != internal || len(r.Cookies) != 0 {
				t.Errorf("%s without a database: %v, cookies %v; want 500 %s", name, r, r.Cookies, internal)
			}
		}
		if b.Session() == "" {
			t.Error("a database that is gone signed somebody out")
		}
	})
}
