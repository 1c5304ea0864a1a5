package auth_test

import (
	"context"
	stdsql "database/sql"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// What the flow of a browser gives away, and what ends it.

// Who asked for a mail before and asks again learns nothing of what became of the account.
func TestAFlowTellsNothingOfItsAccount(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		ctx := t.Context()
		for what, change := range map[string]func(v *visitor) error{
			"no account":         nil,
			"an account":         func(*visitor) error { return nil },
			"a disabled account": func(v *visitor) error { return s.Auth.DisableUser(ctx, v.id) },
			"a deleted account":  func(v *visitor) error { return s.Auth.DeleteUser(ctx, v.id) },
			"a used address": func(v *visitor) error {
				posts(t, v.b, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
				posts(t, v.b, "/auth/magic-link/verify", form{"token": linked(t, s, v.email)}, http.StatusOK)
				return nil
			},
			"an address that was changed": func(v *visitor) error {
				to := askChange(t, s, v)
				confirms(t, s, v.b, to)
				return nil
			},
		} {
			for _, path := range []string{"/auth/magic-link", "/auth/email/verify/request"} {
				v := &visitor{email: person()}
				if change != nil {
					v = member(t, s)
				}
				app := s.App()
				app.IP = elsewhere(s).IP
				first := posts(t, app, path, form{"email": v.email}, http.StatusAccepted)
				deliver(t, s)
				if change != nil {
					if err := change(v); err != nil {
						t.Fatal(err)
					}
				}
				app.Header.Set("Torii-Flow", first.Flow())
				again := app.Post(path, form{"email": v.email})
				if first.Flow() == "" || again.Status != first.Status || string(again.Body) != string(first.Body) {
					t.Errorf("%s, for %s: %v, then %v; want the same", path, what, first, again)
				}
				guess(t, app, map[bool]string{true: "/auth/magic-link/verify", false: "/auth/email/verify"}[path == "/auth/magic-link"], 1)
			}
		}
	})
}

// A script that can send requests cannot read what an HttpOnly cookie holds.
func TestAFlowThatCameByCookieIsInNoBody(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for path, body := range map[string]form{"/auth/email/verify/request": {}, "/auth/magic-link": {"email": person()}} {
			b := elsewhere(s)
			posts(t, b, "/auth/register", credentials(person(), phrase), http.StatusAccepted)
			posts(t, b, path, body, http.StatusAccepted)
			cookie := b.Cookie(flowCookie)
			b.Header.Set("Torii-Transport", "bearer")
			r := posts(t, b, path, body, http.StatusAccepted)
			if r.Flow() != "" {
				t.Errorf("POST %s shows the flow of the cookie: %v", path, r)
			}
			for _, flow := range strings.Split(cookie, ".") {
				if len(flow) != 43 || strings.Contains(r.String(), flow) {
					t.Errorf("POST %s with the flow %q: %v", path, flow, r)
				}
			}
		}
	})
}

// Who began to sign in by a mail to the old address does not come in after the change.
func TestAChangeEndsASignInThatBeganByTheOldAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, factor := guarded(t, client, authtest.ProveFirst())
		for _, changes := range []bool{true, false} {
			v, to, other := member(t, s), person(), elsewhere(s)
			if err := factor.Enrol(t.Context(), v.id, testCode); err != nil {
				t.Fatal(err)
			}
			posts(t, v.b, "/auth/login", credentials(v.email, phrase), http.StatusUnauthorized)
			posts(t, v.b, "/auth/test-factor", form{"code": testCode}, http.StatusOK)
			posts(t, v.b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
			posts(t, other, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
			if r := other.Post("/auth/magic-link/verify", form{"token": linked(t, s, v.email)}); r.Code() != "second_factor_required" {
				t.Fatalf("the mail to the old address: %v", r)
			}
			want := http.StatusOK
			if changes {
				confirms(t, s, v.b, to)
				want = http.StatusBadRequest
			}
			if r := other.Post("/auth/test-factor", form{"code": testCode}); r.Status != want {
				t.Errorf("the second factor of a sign-in from before, with a change %t: %v, want %d", changes, r, want)
			}
		}
	})
}

// meanwhile is a driver that has something happen before the next transaction begins.
type meanwhile struct {
	dialect.Driver
	next atomic.Pointer[func()]
}

func (d *meanwhile) happens() {
	if f := d.next.Swap(nil); f != nil {
		(*f)()
	}
}

func (d *meanwhile) Tx(ctx context.Context) (dialect.Tx, error) {
	d.happens()
	return d.Driver.Tx(ctx)
}

// BeginTx is what the generated client looks for beside dialect.Driver.
func (d *meanwhile) BeginTx(ctx context.Context, opts *stdsql.TxOptions) (dialect.Tx, error) {
	d.happens()
	return d.Driver.(interface {
		BeginTx(context.Context, *stdsql.TxOptions) (dialect.Tx, error)
	}).BeginTx(ctx, opts)
}

// Whoever is signed in to one account and signs up for another may sign out at the very
// moment at which the mail is answered.
func TestSigningOutInAnotherTabUsesUpNoLink(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		d := &meanwhile{Driver: client.Driver()}
		s := mailingSite(t, ent.NewClient(ent.Driver(d)))
		for _, way := range []string{"token", "code"} {
			for ask, answer := range map[string]string{"/auth/register": "/auth/email/verify", "/auth/magic-link": "/auth/magic-link/verify"} {
				v, email := member(t, s), person()
				body := form{"email": email}
				if ask == "/auth/register" {
					body = credentials(email, phrase)
				}
				posts(t, v.b, ask, body, http.StatusAccepted)
				secret := form{"token": linked(t, s, email)}
				if way == "code" {
					secret = form{"code": s.Mail(t, email).Code()}
				}
				tab, left := v.b.Clone(), 0
				f := func() { left = tab.Post("/auth/logout", nil).Status }
				d.next.Store(&f)
				r := v.b.Post(answer, secret)
				if left != http.StatusNoContent {
					t.Fatalf("signing out: %d", left)
				}
				if u, err := s.Auth.UserByEmail(t.Context(), email); r.Status != http.StatusOK || err != nil || u.EmailVerifiedAt == nil {
					t.Errorf("POST %s, by %s: %v, want the new account", answer, way, r)
				}
			}
		}
	})
}

// A session that ended at that moment changes no address any more.
func TestAChangeNeedsItsSessionToTheEnd(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		d := &meanwhile{Driver: client.Driver()}
		s := mailingSite(t, ent.NewClient(ent.Driver(d)))
		v := member(t, s)
		to := askChange(t, s, v)
		token, tab := linked(t, s, to), v.b.Clone()
		f := func() { tab.Post("/auth/logout", nil) }
		d.next.Store(&f)
		if r := v.b.Post("/auth/email/change/confirm", form{"token": token}); r.Status != http.StatusUnauthorized {
			t.Errorf("confirming, signed out meanwhile: %v, want 401", r)
		}
		if _, err := s.Auth.UserByEmail(t.Context(), to); err != auth.ErrNotFound {
			t.Errorf("the new address has an account: %v", err)
		}
	})
}
