package password_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// A change ends the sessions of the sign-ins that came before it, and whoever comes
// after it with the old password is refused: one session is left, the changer's.
func TestSignInsAroundAChange(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email, own := s.account(t)
		old, me := phrase, own.Session
		for _, fresh := range []string{"the second phrase", "the third phrase", "the fourth phrase"} {
			// Browsers that are known have their own counters, so that nobody runs into one.
			var known []auth.Client
			for range 10 {
				res, err := s.signIn(t, email, old)
				if err != nil {
					t.Fatal(err)
				}
				known = append(known, auth.Client{Device: res.Device})
			}
			n, changed := 4*len(known), false
			in := authtest.InParallel(n+1, func(i int) bool {
				if i == n/2 {
					res, err := s.pw.Change(t.Context(), me, old, fresh, auth.Client{})
					if err != nil {
						t.Errorf("change: %v", err)
						return false
					}
					me, changed = res.Session, true
					return false
				}
				_, err := s.pw.SignIn(t.Context(), password.Credentials{Email: email, Password: old}, known[i%len(known)])
				if err != nil && !errors.Is(err, auth.ErrInvalidCredentials) {
					t.Errorf("sign-in: %v", err)
				}
				return err == nil
			})[true]
			if live := s.live(t, own.User.ID); !slices.Equal(live, []string{me.ID}) {
				t.Errorf("%d of %d sign-ins beside a change (%t) succeeded; sessions %v, want the changer's %s alone", in, n, changed, live, me.ID)
			}
			s.Clock.Advance(3600e9)
			old = fresh
		}
	})
}

// afterFirst runs f once, after the first look at a user's password: between the
// verification of a sign-in and the door.
func afterFirst(s *site, f func()) {
	armed := true
	s.Client.Credential.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			v, err := next.Query(ctx, q)
			if armed {
				armed = false
				f()
			}
			return v, err
		})
	}))
}

func TestWhatHappensBetweenVerificationAndDoor(t *testing.T) {
	testbed := func(t *testing.T, s *site) {
		for _, row := range []struct {
			name    string
			between func(t *testing.T, s *site, own sessions.Session) error
			want    error
		}{
			{"the password is changed", func(t *testing.T, s *site, own sessions.Session) error {
				_, err := s.pw.Change(t.Context(), own, phrase, next, auth.Client{})
				return err
			}, auth.ErrInvalidCredentials},
			{"the host sets another", func(t *testing.T, s *site, own sessions.Session) error {
				return s.pw.Set(t.Context(), own.UserID, next)
			}, auth.ErrInvalidCredentials},
			{"the host sets the same", func(t *testing.T, s *site, own sessions.Session) error {
				return s.pw.Set(t.Context(), own.UserID, phrase)
			}, nil},
			{"the password is removed", func(t *testing.T, s *site, own sessions.Session) error {
				s.keys.add(t, own.UserID)
				return s.pw.Remove(t.Context(), own, auth.Client{})
			}, auth.ErrInvalidCredentials},
			{"the password is found to be compromised", func(t *testing.T, s *site, own sessions.Session) error {
				return s.pw.RequireChange(t.Context(), own.UserID)
			}, auth.ErrPasswordChangeRequired},
			{"the user is disabled", func(t *testing.T, s *site, own sessions.Session) error {
				return s.Auth.DisableUser(t.Context(), own.UserID)
			}, auth.ErrInvalidCredentials},
			{"the user is deleted", func(t *testing.T, s *site, own sessions.Session) error {
				return s.Auth.DeleteUser(t.Context(), own.UserID)
			}, auth.ErrInvalidCredentials},
			{"nothing", func(*testing.T, *site, sessions.Session) error { return nil }, nil},
		} {
			email, own := s.account(t)
			afterFirst(s, func() {
				if err := row.between(t, s, own.Session); err != nil {
					t.Fatalf("%s: %v", row.name, err)
				}
			})
			res, err := s.signIn(t, email, phrase)
			if !errors.Is(err, row.want) || row.want == nil && err != nil {
				t.Errorf("%s: %v, want %v", row.name, err, row.want)
			}
			live := s.live(t, own.User.ID)
			if opened := res.Session.ID != "" || slices.ContainsFunc(live, func(id string) bool { return id != own.Session.ID }); opened != (row.want == nil) {
				t.Errorf("%s: sessions %v, the one from before is %s", row.name, live, own.Session.ID)
			}
		}
	}
	each(t, testbed)
}
