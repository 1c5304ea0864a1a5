package passkey_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/sessions"
)

// Sessions of every kind, beside passkeys.

// eachKind runs f on a site of each kind of session; together tells whether they are in one
// database with the users.
func eachKind(t *testing.T, cfg passkey.Config, f func(t *testing.T, s *site, together bool)) {
	t.Helper()
	for name, change := range map[string]func(*auth.Config){
		"opaque": nil,
		"apart": func(c *auth.Config) {
			apart := testdb.New(t, "sqlite3")
			store, err := migrate.Open(t.Context(), apart.Driver, apart.DSN, migrate.SessionsOnly())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			c.Sessions.Store = store
		},
		"jwt": func(c *auth.Config) { c.Sessions.Kind = sessions.KindJWT },
	} {
		t.Run(name, func(t *testing.T) { f(t, crowded(t, authtest.Database(t), cfg, change), change == nil) })
	}
}

func TestPasskeysWorkInSessionsOfEveryKind(t *testing.T) {
	for _, cfg := range []passkey.Config{{}, {EndSessionsOnAdd: true}} {
		eachKind(t, cfg, func(t *testing.T, s *site, together bool) {
			ann, other := s.owner(t, "ann"), s.Browser()
			signIn(t, other, ann.device)
			old := ann.Session()
			r := finish(ann.Browser, "step-up", sign(t, ann.device, begin(t, ann.Browser, "step-up", nil)))
			if r.Status != http.StatusOK || ann.Session() == old {
				t.Errorf("step-up: %v, renewed %t", r, ann.Session() != old)
			}
			s.Clock.Advance(time.Second)
			key := authtest.NewAuthenticator()
			if r := add(t, ann.Browser, key, "key"); r.Status != http.StatusCreated {
				t.Fatal(r)
			}
			// What is in no table, or another, cannot be told apart: all end.
			if stays := together || !cfg.EndSessionsOnAdd; signedIn(ann.Browser) != stays {
				t.Fatalf("who adds a passkey stays signed in: %t, want %t", !stays, stays)
			}
			if cfg.EndSessionsOnAdd == signedIn(other) {
				t.Errorf("EndSessionsOnAdd %t, and the other session is there: %t", cfg.EndSessionsOnAdd, signedIn(other))
			}
			signIn(t, other, ann.device)
			if !signedIn(ann.Browser) {
				signIn(t, ann.Browser, ann.device)
			}
			id := list(t, ann.Browser).Passkeys[0].ID
			s.Clock.Advance(time.Second)
			if r := ann.Delete("/auth/passkeys/" + id); r.Status != http.StatusNoContent {
				t.Fatal(r)
			}
			if signedIn(ann.Browser) != together {
				t.Errorf("who deletes a passkey stays signed in: %t, want %t", !together, together)
			}
			if signedIn(other) {
				t.Error("another session outlives the passkey")
			}
		})
	}
}

// A session that ends between the two requests of a ceremony adds and proves nothing.
func TestACeremonyEndsWithItsSession(t *testing.T) {
	eachKind(t, passkey.Config{}, func(t *testing.T, s *site, _ bool) {
		for name, end := range map[string]func(ann actor) error{
			"signing out everywhere": func(ann actor) error { _, err := s.Auth.EndSessions(t.Context(), ann.id); return err },
			"being disabled":         func(ann actor) error { return s.Auth.DisableUser(t.Context(), ann.id) },
			"being deleted":          func(ann actor) error { return s.Auth.DeleteUser(t.Context(), ann.id) },
		} {
			ann := s.owner(t, "ann"+s.nextName())
			stepping := ann.Clone()
			adds, steps := begin(t, ann.Browser, "register", form{}), begin(t, stepping, "step-up", nil)
			s.Clock.Advance(time.Second)
			if err := end(ann); err != nil {
				t.Fatal(err)
			}
			if r := finish(ann.Browser, "register", create(t, authtest.NewAuthenticator(), adds)); r.Status < 400 {
				t.Errorf("a passkey is added after %s: %v", name, r)
			}
			if r := finish(stepping, "step-up", sign(t, ann.device, steps)); r.Status < 400 {
				t.Errorf("a step-up succeeds after %s: %v", name, r)
			}
			if n := s.passkeysOf(t, ann.id); n > 1 {
				t.Errorf("%d passkeys after %s", n, name)
			}
		}
	})
}

// The same at one moment: either the passkey was there before, or it does not come.
func TestAPasskeyIsNotAddedByASessionThatEnds(t *testing.T) {
	eachCrowded(t, passkey.Config{}, func(t *testing.T, s *site) {
		for round := range 6 {
			ann := s.newcomer("ann" + s.nextName())
			ann.Browser = s.register(t, ann.email)
			ann.id = ann.Get("/auth/user").UserID()
			reset := s.Browser()
			posts(t, reset, "/auth/password/reset/request", form{"email": ann.email}, http.StatusAccepted)
			token := s.linked(t, ann.email)
			answer := create(t, ann.device, begin(t, ann.Browser, "register", form{}))
			ends := []func() int{
				func() int {
					return reset.Post("/auth/password/reset/confirm", form{"token": token, "new_password": phrase + " anew"}).Status
				},
				func() int {
					if s.Auth.DisableUser(t.Context(), ann.id) != nil {
						return http.StatusInternalServerError
					}
					return http.StatusNoContent
				},
				func() int {
					if s.Auth.DeleteUser(t.Context(), ann.id) != nil {
						return http.StatusInternalServerError
					}
					return http.StatusNoContent
				},
			}
			status := make([]int, 2)
			authtest.InParallel(2, func(i int) bool {
				if i == 0 {
					status[0] = finish(ann.Browser, "register", answer).Status
				} else {
					status[1] = ends[round%len(ends)]()
				}
				return true
			})
			there := s.passkeysOf(t, ann.id) == 1
			added := status[0] == http.StatusCreated
			if status[1] != http.StatusNoContent || status[0] >= 500 || there && !added || round%len(ends) == 2 && there {
				t.Errorf("round %d: answers %v, passkey there %t", round, status, there)
			}
			if signedIn(ann.Browser) {
				t.Errorf("round %d: the session goes on", round)
			}
			s.Clock.Advance(60e9 * 16)
		}
	})
}

// A sign-up or sign-in in a browser where somebody else is signed in ends that session.
func TestACeremonyEndsTheSessionItFinds(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	mallory, ann, bob := s.owner(t, "mallory"), s.owner(t, "ann"), s.newcomer("bob")
	planted := mallory.Session()

	victim := s.Browser()
	options := begin(t, victim, "login", form{})
	victim.SetCookie(sessionCookie, planted)
	if r := finish(victim, "sign-in", sign(t, ann.device, options)); r.UserID() != ann.id || victim.Session() == planted {
		t.Fatalf("sign-in over a planted session: %v", r)
	}
	if signedIn(mallory.Browser) {
		t.Error("the planted session outlives the sign-in")
	}
	again := s.Browser()
	signIn(t, again, mallory.device)
	planted = again.Session()
	options = begin(t, bob.Browser, "register", form{"email": bob.email})
	bob.SetCookie(sessionCookie, planted)
	r := finish(bob.Browser, "sign-up", create(t, bob.device, options))
	if r.Status != http.StatusCreated || r.UserID() == mallory.id || bob.Session() == planted {
		t.Fatalf("sign-up over a planted session: %v", r)
	}
	if signedIn(again) || s.passkeysOf(t, mallory.id) != 1 {
		t.Error("the planted session outlives the sign-up, or has got its passkey")
	}
}

// Mallory's answer in somebody else's browser signs nobody in.
func TestNobodyIsSignedInToAStrangersAccount(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	mallory, victim := s.owner(t, "mallory"), s.Browser()
	b := s.Browser()
	answer := sign(t, mallory.device, begin(t, b, "login", form{}))
	if r := finish(victim, "sign-in", answer); r.Status != http.StatusUnauthorized || victim.Session() != "" {
		t.Errorf("without the flow: %v", r)
	}
	for _, site := range []string{"cross-site", "same-site", "x"} {
		from := b.Clone()
		from.Header.Set("Sec-Fetch-Site", site)
		for _, path := range []string{"/auth/passkey/login/finish", "/auth/passkey/login/begin", "/auth/passkey/register/begin", "/auth/passkey/register/finish", "/auth/passkey/step-up/begin"} {
			if r := from.Post(path, string(answer)); r.Code() != "forbidden_origin" || len(r.Cookies) > 0 {
				t.Errorf("POST %s from %s: %v", path, site, r)
			}
		}
	}
	if r := finish(b, "sign-in", answer); r.UserID() != mallory.id {
		t.Errorf("where it began, after all that: %v", r)
	}
	// An app's flow is the app's.
	app := s.App()
	if r := finish(app, "sign-in", sign(t, mallory.device, begin(t, app, "login", form{}))); r.Token() == "" || slices.ContainsFunc(r.Cookies, func(c *http.Cookie) bool { return c.Value != "" }) {
		t.Errorf("an app: %v", r)
	}
}
