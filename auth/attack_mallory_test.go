package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
)

// Mallory takes a stranger's address, sets up all that could let her in later, and waits
// for its owner.

const mallorys = phrase + " of Mallory"

// foothold is what Mallory has in an account of an address that is not hers.
type foothold struct {
	email, id string
	b, app    *authtest.Browser // signed in
	flows     *authtest.Browser // has asked for all mails there are
	pending   *authtest.Browser // waits for a second factor
	change    string            // secret of a change to her own address
	verify    string            // secret that she had mailed to the owner
}

// settleIn needs a site on which accounts may be used before their address is proven.
func settleIn(t *testing.T, s *authtest.Site, factor *authtest.SecondFactor) *foothold {
	t.Helper()
	f := &foothold{email: person(), b: elsewhere(s), app: s.App(), flows: elsewhere(s), pending: elsewhere(s)}
	f.app.IP = elsewhere(s).IP
	f.id = posts(t, f.b, "/auth/register", credentials(f.email, mallorys), http.StatusCreated).UserID()
	f.app.Header.Set("Authorization", "Bearer "+posts(t, f.app, "/auth/login", credentials(f.email, mallorys), http.StatusOK).Token())
	own := person()
	posts(t, f.b, "/auth/email/change", form{"email": own}, http.StatusAccepted)
	f.change = linked(t, s, own)
	posts(t, f.b, "/auth/email/verify/request", form{}, http.StatusAccepted)
	f.verify = linked(t, s, f.email)
	for _, path := range []string{"/auth/magic-link", "/auth/email/verify/request", "/auth/password/reset/request"} {
		posts(t, f.flows, path, form{"email": f.email}, http.StatusAccepted)
		s.Mail(t, f.email)
	}
	if factor == nil {
		return f
	}
	if err := factor.Enrol(t.Context(), f.id, testCode); err != nil {
		t.Fatal(err)
	}
	posts(t, f.pending, "/auth/login", credentials(f.email, mallorys), http.StatusUnauthorized)
	deliver(t, s)
	return f
}

// isOut fails the test where something of it still opens the account.
func (f *foothold) isOut(t *testing.T, s *authtest.Site, after string) {
	t.Helper()
	for what, r := range map[string]*authtest.Reply{
		"the session":              f.b.Get("/auth/user"),
		"the app's session":        f.app.Get("/auth/user"),
		"the change of address":    f.b.Post("/auth/email/change/confirm", form{"token": f.change}),
		"the change, from the app": f.app.Post("/auth/email/change/confirm", form{"token": f.change}),
		"the password":             elsewhere(s).Post("/auth/login", credentials(f.email, mallorys)),
		"the second factor":        f.pending.Post("/auth/test-factor", form{"code": testCode}),
		"the link that was mailed": f.flows.Post("/auth/email/verify", form{"token": f.verify}),
		"a code to sign in":        f.flows.Post("/auth/magic-link/verify", form{"code": "0000-0000"}),
	} {
		if r.Status < 400 || r.Status > 401 {
			t.Errorf("after %s, %s of Mallory: %v, want a refusal", after, what, r)
		}
	}
}

// ways are how an owner proves an address: which mail is asked for, by which path it is
// answered, and with what.
var ways = []struct{ name, ask, answer, with string }{
	{"a magic link", "/auth/magic-link", "/auth/magic-link/verify", "token"},
	{"a code to sign in", "/auth/magic-link", "/auth/magic-link/verify", "code"},
	{"a verification", "/auth/email/verify/request", "/auth/email/verify", "token"},
	{"a code of a verification", "/auth/email/verify/request", "/auth/email/verify", "code"},
	{"the mail that Mallory caused", "", "/auth/email/verify", "token"},
	{"a reset", "/auth/password/reset/request", "/auth/password/reset/confirm", "token"},
}

// owner asks for a mail and returns what answers it.
func (f *foothold) owner(t *testing.T, s *authtest.Site, b *authtest.Browser, ask, with string) form {
	t.Helper()
	body := form{with: f.verify}
	if ask != "" {
		posts(t, b, ask, form{"email": f.email}, http.StatusAccepted)
		body[with] = linked(t, s, f.email)
	}
	switch {
	case with == "code":
		body[with] = s.Mail(t, f.email).Code()
	case strings.HasPrefix(ask, "/auth/password"):
		body["new_password"] = phrase
	}
	return body
}

// The first proof of an address takes all away that was there before it.
func TestTheOwnerOfAnAddressGetsItWhole(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, factor := guarded(t, client)
		for _, second := range []*authtest.SecondFactor{nil, factor} {
			for _, way := range ways {
				f, b := settleIn(t, s, second), elsewhere(s)
				r := b.Post(way.answer, f.owner(t, s, b, way.ask, way.with))
				after := fmt.Sprint(way.name, map[bool]string{true: " with a second factor there", false: ""}[second != nil])
				left, want := client.Credential.Query().Where(credential.UserID(f.id)).CountX(t.Context()), 0
				if way.name == "a reset" {
					want = 1
					posts(t, b, "/auth/login", credentials(f.email, phrase), http.StatusOK)
				}
				if r.Status >= 300 || left != want {
					t.Errorf("%s: %v, and %d credentials, want %d", after, r, left, want)
				}
				if r := b.Get("/auth/user"); r.Status != http.StatusOK || r.UserID() != f.id {
					t.Errorf("the owner after %s: %v", after, r)
				}
				f.isOut(t, s, after)
				s.Clock.Advance(16 * time.Minute)
			}
		}
	})
}

// Mallory acts at the very moment at which the owner proves the address.
func TestTheOwnerOfAnAddressGetsItWholeWhateverHappensMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := guarded(t, client)
		for _, way := range ways {
			if way.with == "code" || way.ask == "" {
				continue
			}
			f, b := settleIn(t, s, nil), elsewhere(s)
			body := f.owner(t, s, b, way.ask, way.with)
			acts := []func(b *authtest.Browser) *authtest.Reply{
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/login", credentials(f.email, mallorys))
				},
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/email/change", form{"email": person()})
				},
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/email/change/confirm", form{"token": f.change})
				},
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/password", form{"current_password": mallorys, "new_password": mallorys + " too"})
				},
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/step-up", form{"password": mallorys})
				},
				func(b *authtest.Browser) *authtest.Reply { return b.Patch("/auth/user", form{"name": "Mallory"}) },
			}
			copies := make([]*authtest.Browser, 24)
			for i := range copies {
				copies[i] = f.b.Clone()
				copies[i].IP = elsewhere(s).IP
			}
			got := authtest.InParallel(len(copies)+1, func(i int) int {
				if i == len(copies) {
					return b.Post(way.answer, body).Status
				}
				return acts[i%len(acts)](copies[i]).Status
			})
			if got[http.StatusInternalServerError] != 0 {
				t.Errorf("%s: %v, want no 500; log:\n%s", way.name, got, s.Log())
			}
			u, err := s.Auth.UserByEmail(t.Context(), f.email)
			if err != nil || u.EmailVerifiedAt == nil {
				continue // the change came first: the address is free, and nobody's
			}
			for i, c := range copies {
				if r := c.Get("/auth/user"); r.Status != http.StatusUnauthorized {
					t.Errorf("%s: Mallory, who did %d, is in: %v", way.name, i%len(acts), r)
				}
			}
			if list := opens(s, f.email, mallorys, mallorys+" too"); len(list) != 0 {
				t.Errorf("%s: %q opens the account", way.name, list)
			}
			s.Clock.Advance(16 * time.Minute)
		}
	})
}
