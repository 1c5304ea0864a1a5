package oauth_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// Whoever signs out everywhere has done so when it is answered: a callback that was under
// way, and has waited for it, links nothing.
func TestAttackLinkWhileSessionsEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		ending := make(chan struct{}, 1)
		s := newSite(t, client, nil, func(c *auth.Config) {
			c.Hooks = append(c.Hooks, func(_ context.Context, _ *auth.Tx, e auth.Event) error {
				if e.Kind == auth.EventSessionsRevoked || e.Kind == auth.EventUserDisabled || e.Kind == auth.EventUserDeleted {
					ending <- struct{}{}
					time.Sleep(300 * time.Millisecond) // the callback waits for the row by now
				}
				return nil
			})
		})
		for name, end := range map[string]func(userID string) error{
			"sign-out": func(id string) error { _, err := s.Auth.EndSessions(t.Context(), id); return err },
			"disable":  func(id string) error { return s.Auth.DisableUser(t.Context(), id) },
			"delete":   func(id string) error { return s.Auth.DeleteUser(t.Context(), id) },
		} {
			b, userID := s.register(t, name+"@example.net")
			to, r := begin(b, linkIt)
			if r.Status != http.StatusOK {
				t.Fatal(r)
			}
			callback := s.visit(t, to, person("mallory"))
			ended := make(chan error, 1)
			go func() { ended <- end(userID) }()
			<-ending
			r = back(b, callback)
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if r.Status < 400 || r.Status >= 500 || s.links(t) != 0 {
				t.Errorf("%s: %v, %d links", name, r, s.links(t))
			}
			if _, err := client.OAuthAccount.Delete().Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Removing an identity ends the other sessions, whatever keeps sessions; and a sign-in of
// which nobody knows when the person proved themselves is one all the same.
func TestAttackUnlinkEverywhere(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, c *auth.Config){
		"opaque": func(*testing.T, *auth.Config) {},
		"jwt":    func(_ *testing.T, c *auth.Config) { c.Sessions.Kind = sessions.KindJWT },
		"split": func(t *testing.T, c *auth.Config) {
			db := testdb.New(t, "sqlite3")
			store, err := migrate.Open(t.Context(), db.Driver, db.DSN, migrate.SessionsOnly())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			c.Sessions.Store = store
		},
	} {
		idp, how := newIDP("demo")
		cfg := auth.Config{Providers: []auth.Provider{password.New(password.Config{}), oauth.New(how)}}
		change(t, &cfg)
		s := &site{Site: authtest.New(t, cfg), idp: idp}
		idp.Now = s.Clock.Now
		b, userID := s.register(t, "ann@example.net")
		if r := s.come(t, b, person("ann"), linkIt); r.Status != http.StatusOK || r.UserID() != userID {
			t.Fatalf("%s: link: %v", name, r)
		}
		other := s.Browser()
		if r := s.come(t, other, person("ann"), map[string]any{}); r.Status != http.StatusOK {
			t.Fatalf("%s: %v", name, r)
		}
		s.Clock.Advance(time.Minute)
		if r := other.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("%s: a session by the provider: %v", name, r)
		}
		id := accounts(t, b).Accounts[0].ID
		if r := b.Delete("/auth/oauth/accounts/" + id); r.Status != http.StatusNoContent {
			t.Fatalf("%s: unlink: %v", name, r)
		}
		if r := other.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("%s: the other session: %v", name, r)
		}
		// Where sessions are not in the users' own tables all that came before end.
		if r := b.Get("/auth/user"); (r.Status == http.StatusOK) != (name == "opaque") {
			t.Errorf("%s: the session that asked: %v", name, r)
		}
		// Whoever signs in afterwards is in, though nobody knows when they proved themselves.
		s.Clock.Advance(time.Minute)
		again := s.Browser()
		if r := s.come(t, again, person("bob"), map[string]any{}); r.Status != http.StatusOK {
			t.Fatalf("%s: %v", name, r)
		}
		s.Clock.Advance(time.Second)
		if _, err := s.Auth.EndSessions(t.Context(), again.Get("/auth/user").UserID()); err != nil {
			t.Fatal(err)
		}
		if r := again.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("%s: signed out everywhere: %v", name, r)
		}
		if r := s.come(t, again, person("bob"), map[string]any{}); r.Status != http.StatusOK || again.Get("/auth/user").Status != http.StatusOK {
			t.Errorf("%s: signed in anew: %v", name, r)
		}
	}
}

// An identity at a provider that is not configured any more, or is another one by now, opens
// nothing, so it is no way to sign in that another could be given up for.
func TestAttackLastWayAtAProviderThatIsGone(t *testing.T) {
	moved := func(how oauth.IDP) []oauth.IDP { how.Issuer += "/moved"; return []oauth.IDP{how} }
	for name, later := range map[string]func(oauth.IDP) []oauth.IDP{
		"gone": func(oauth.IDP) []oauth.IDP { return nil }, "moved": moved,
		"here": func(how oauth.IDP) []oauth.IDP { return []oauth.IDP{how} },
	} {
		client := authtest.Database(t)
		demo, demoHow := newIDP("demo")
		gone, goneHow := newIDP("gone")
		secret := [][]byte{[]byte("a secret of thirty-two bytes, or more of them")}
		open := func(idps ...oauth.IDP) *site {
			s := &site{idp: demo, Site: authtest.NewOn(t, client, auth.Config{
				Secrets: secret, Providers: []auth.Provider{password.New(password.Config{}), oauth.New(idps...)},
			})}
			demo.Now, gone.Now = s.Clock.Now, s.Clock.Now
			return s
		}
		s := open(demoHow, goneHow)
		b, _ := s.register(t, "ann@example.net")
		s.come(t, b, person("ann"), linkIt)
		var told struct{ URL string }
		if r := b.Post("/auth/oauth/gone", linkIt); r.Status != http.StatusOK || r.JSON(&told) != nil {
			t.Fatal(r)
		}
		cb, err := gone.SignIn(told.URL, person("ann"))
		if err != nil {
			t.Fatal(err)
		}
		if r := back(b, cb.URL); r.Status != http.StatusOK || s.links(t) != 2 {
			t.Fatal(r)
		}
		if r := b.Delete("/auth/password"); r.Status != http.StatusNoContent {
			t.Fatalf("%s: the password: %v", name, r)
		}
		s = open(append(later(goneHow), demoHow)...)
		b = s.Browser()
		if r := s.come(t, b, person("ann"), map[string]any{"fresh": true}); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		want := auth.ErrLastSignInMethod.Code
		if name == "here" {
			want = ""
		}
		for _, a := range accounts(t, b).Accounts {
			if a.Provider != "demo" {
				continue
			}
			if r := b.Delete("/auth/oauth/accounts/" + a.ID); r.Code() != want || (r.Status == http.StatusNoContent) != (want == "") {
				t.Errorf("%s: %v, want %q", name, r, want)
			}
		}
	}
}

// Two providers of one issuer, and two subjects that differ in what eyes or databases take
// for the same, are different identities.
func TestAttackIdentitiesAreExact(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		seen := map[string]string{}
		for i, subject := range []string{"ada", "Ada", "ada ", "adá", "ada\u0301", "\uff41da", "ada\u200b", "a", "0", "00", "1e0", "1"} {
			b := s.Browser()
			b.IP = fmt.Sprint("198.51.100.", i)
			who := authtest.Person{Subject: subject, Email: fmt.Sprint("p", i, "@example.org"), EmailVerified: true}
			r := s.come(t, b, who, map[string]any{})
			if r.Status != http.StatusOK {
				t.Errorf("%q: %v", subject, r)
				continue
			}
			if other, taken := seen[r.UserID()]; taken {
				t.Errorf("%q is %q", subject, other)
			}
			seen[r.UserID()] = subject
		}
	})
}

// What waits for a second factor joins nothing after the account's owner has changed
// something.
func TestAttackParkedJoin(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, s *site, userID string) error{
		"signed out everywhere": func(t *testing.T, s *site, id string) error {
			_, err := s.Auth.EndSessions(t.Context(), id)
			return err
		},
		"disabled": func(t *testing.T, s *site, id string) error { return s.Auth.DisableUser(t.Context(), id) },
		"deleted":  func(t *testing.T, s *site, id string) error { return s.Auth.DeleteUser(t.Context(), id) },
		"too late": func(t *testing.T, s *site, _ string) error { s.Clock.Advance(10 * time.Minute); return nil },
		"linked to another": func(t *testing.T, s *site, _ string) error {
			b, _ := s.register(t, "mallory@example.net")
			if r := s.come(t, b, person("ann"), linkIt); r.Status != http.StatusOK {
				return fmt.Errorf("link: %v", r)
			}
			return nil
		},
	} {
		s := lite(t)
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ann@example.org", EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.factor.Enrol(t.Context(), u.ID, "123456"); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		if r := s.come(t, b, person("ann"), map[string]any{}); r.Code() != auth.ErrSecondFactorRequired.Code {
			t.Fatalf("%s: %v", name, r)
		}
		if err := meanwhile(t, s, u.ID); err != nil {
			t.Fatal(err)
		}
		before := s.links(t)
		if r := b.Post("/auth/test-factor", map[string]string{"code": "123456"}); r.Status < 400 || r.Status >= 500 || b.Session() != "" || s.links(t) != before {
			t.Errorf("%s: %v, %d links", name, r, s.links(t))
		}
	}
}

// A link that began before an account was taken over by its owner links nothing to it.
func TestAttackLinkFromBeforeTheOwnerCame(t *testing.T) {
	for name, kind := range map[string]sessions.Kind{"opaque": sessions.KindOpaque, "jwt": sessions.KindJWT} {
		idp, how := newIDP("demo")
		cfg := auth.Config{Providers: []auth.Provider{password.New(password.Config{}), oauth.New(how)}}
		cfg.Sessions.Kind = kind
		s := &site{Site: authtest.New(t, cfg), idp: idp}
		idp.Now = s.Clock.Now
		mallory, _ := s.register(t, "ann@example.org")
		to, r := begin(mallory, linkIt)
		if r.Status != http.StatusOK {
			t.Fatal(r)
		}
		callback := s.visit(t, to, person("mallory"))
		s.Clock.Advance(time.Second)
		owner := s.Browser()
		if r := s.come(t, owner, person("ann"), map[string]any{}); r.Status != http.StatusOK || owner.Get("/auth/user").Status != http.StatusOK {
			t.Fatalf("%s: the owner: %v", name, r)
		}
		if r := back(mallory, callback); r.Code() != auth.ErrUnauthenticated.Code || s.links(t) != 1 {
			t.Errorf("%s: %v, %d links", name, r, s.links(t))
		}
		if r := mallory.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("%s: Mallory's session: %v", name, r)
		}
	}
}

// Disabled accounts stay shut, and whatever is refused there leaves nothing behind.
func TestAttackDisabledAccounts(t *testing.T) {
	s := newSite(t, authtest.Database(t), keeps)
	ctx := context.WithoutCancel(t.Context())
	for _, proven := range []bool{true, false} {
		email := fmt.Sprintf("proven-%t@example.org", proven)
		u, err := s.Auth.CreateUser(ctx, auth.NewUser{Email: email, EmailVerified: proven, Name: "Before"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Auth.DisableUser(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		who := person("x" + email)
		who.Email = email
		if r := s.come(t, b, who, map[string]any{}); r.Code() != auth.ErrInvalidCredentials.Code || b.Session() != "" || s.links(t) != 0 {
			t.Errorf("proven %t: %v, %d links", proven, r, s.links(t))
		}
		now, err := s.Auth.User(ctx, u.ID)
		if err != nil || now.DisabledAt == nil || (now.EmailVerifiedAt != nil) != proven || *now.Name != "Before" {
			t.Errorf("proven %t: %v, %v", proven, now, err)
		}
	}
	if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.Status != http.StatusOK {
		t.Fatal(r)
	} else if err := s.Auth.DisableUser(ctx, r.UserID()); err != nil {
		t.Fatal(err)
	}
	row := s.Client.OAuthAccount.Query().OnlyX(ctx)
	if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.Code() != auth.ErrInvalidCredentials.Code {
		t.Errorf("%v", r)
	}
	if now := s.Client.OAuthAccount.Query().OnlyX(ctx); now.AccessToken != row.AccessToken || !now.UpdatedAt.Equal(row.UpdatedAt) {
		t.Error("the tokens were replaced")
	}
}
