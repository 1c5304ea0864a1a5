package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

// The table of all that is mailed and opens something, and who the stories about it
// are told of.

// purpose is one use of a mailed secret.
type purpose struct {
	name string
	// page is where the link leads, route where its button posts to; below /auth.
	page, route string
	// lifetime of the secret.
	lifetime time.Duration
	// status of the answer that means success.
	status int
	// code is true if the mail has a code beside its link.
	code bool
	// bound is true if the secret works in the browser alone that asked for it.
	bound bool
	// member is true if the person has an account, in a browser that is signed in.
	member bool
	// ask has the secret mailed, and says to which address.
	ask func(t *testing.T, s *authtest.Site, v *visitor) (to string)
	// event is what succeeding writes down for the account, once.
	event string
	// sessions are how many the account has when it has succeeded.
	sessions int
}

// visitor is somebody in a browser of theirs.
type visitor struct {
	b     *authtest.Browser
	email string
	id    string // "" without an account
}

var purposes = []purpose{
	{
		name: "sign in", page: "/magic-link/verify", route: "/magic-link/verify", lifetime: 10 * time.Minute, status: http.StatusOK,
		code: true, bound: true, member: true, ask: askSignIn, event: auth.EventSignedIn, sessions: 1,
	},
	{
		name: "sign in for the first time", page: "/magic-link/verify", route: "/magic-link/verify", lifetime: 10 * time.Minute, status: http.StatusOK,
		code: true, bound: true, ask: askSignIn, event: auth.EventUserCreated, sessions: 1,
	},
	{
		name: "sign up", page: "/email/verify", route: "/email/verify", lifetime: 24 * time.Hour, status: http.StatusOK,
		code: true, bound: true, ask: askSignUp, event: auth.EventUserCreated, sessions: 1,
	},
	{
		name: "verify", page: "/email/verify", route: "/email/verify", lifetime: 24 * time.Hour, status: http.StatusOK,
		code: true, member: true, ask: askVerify, event: auth.EventEmailVerified, sessions: 1,
	},
	{
		name: "reclaim", page: "/email/verify", route: "/email/verify", lifetime: 24 * time.Hour, status: http.StatusOK,
		code: true, member: true, ask: askReclaim, event: auth.EventAccountReclaimed, sessions: 1,
	},
	{
		name: "reset", page: "/password/reset", route: "/password/reset/confirm", lifetime: time.Hour, status: http.StatusNoContent,
		member: true, ask: askReset, event: auth.EventCredentialChanged, sessions: 0,
	},
	{
		name: "change", page: "/email/change/confirm", route: "/email/change/confirm", lifetime: 24 * time.Hour, status: http.StatusOK,
		bound: true, member: true, ask: askChange, event: auth.EventEmailChanged, sessions: 1,
	},
	{
		name: "undo", page: "/email/change/undo", route: "/email/change/undo", lifetime: 7 * 24 * time.Hour, status: http.StatusNoContent,
		member: true, ask: askUndo, event: auth.EventEmailChangeUndone, sessions: 0,
	},
}

// purposeOf returns a row of the table.
func purposeOf(t *testing.T, name string) purpose {
	t.Helper()
	for _, p := range purposes {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("no purpose is called %q", name)
	return purpose{}
}

// eachPurpose runs f for every row on every database, with one site for all rows of one.
func eachPurpose(t *testing.T, f func(t *testing.T, s *authtest.Site, p purpose)) {
	t.Helper()
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for _, p := range purposes {
			t.Run(strings.ReplaceAll(p.name, " ", "_"), func(t *testing.T) { f(t, s, p) })
		}
	})
}

// mailingSite is an application that mails all there is.
func mailingSite(t *testing.T, client *ent.Client) *authtest.Site {
	t.Helper()
	return waiting(t, client, password.New(password.Config{}), magiclink.New(magiclink.Config{}))
}

// member signs somebody up, proves the address, and leaves them signed in.
func member(t *testing.T, s *authtest.Site) *visitor {
	t.Helper()
	v := &visitor{b: elsewhere(s), email: person()}
	posts(t, v.b, "/auth/register", credentials(v.email, phrase), http.StatusAccepted)
	v.id = posts(t, v.b, "/auth/email/verify", map[string]string{"token": linked(t, s, v.email)}, http.StatusOK).UserID()
	return v
}

// posts fails the test unless the answer has the status.
func posts(t *testing.T, b *authtest.Browser, path string, body any, status int) *authtest.Reply {
	t.Helper()
	r := b.Post(path, body)
	if r.Status != status {
		t.Fatalf("POST %s: %v, want %d", path, r, status)
	}
	return r
}

func askSignIn(t *testing.T, _ *authtest.Site, v *visitor) string {
	posts(t, v.b, "/auth/magic-link", map[string]string{"email": v.email}, http.StatusAccepted)
	return v.email
}

func askSignUp(t *testing.T, _ *authtest.Site, v *visitor) string {
	email := v.email
	if v.id != "" {
		email = person() // another account, from a browser that is signed in
	}
	posts(t, v.b, "/auth/register", credentials(email, phrase), http.StatusAccepted)
	return email
}

// askVerify is for an account from before addresses were proven.
func askVerify(t *testing.T, s *authtest.Site, v *visitor) string {
	s.Client.User.Update().Where(user.ID(v.id)).ClearEmailVerifiedAt().ExecX(t.Context())
	posts(t, v.b, "/auth/email/verify/request", map[string]string{}, http.StatusAccepted)
	return v.email
}

// askReclaim is for one whose owner is not the one who made it.
func askReclaim(t *testing.T, s *authtest.Site, v *visitor) string {
	s.Client.User.Update().Where(user.ID(v.id)).ClearEmailVerifiedAt().ExecX(t.Context())
	v.b = elsewhere(s)
	posts(t, v.b, "/auth/email/verify/request", map[string]string{"email": v.email}, http.StatusAccepted)
	return v.email
}

func askReset(t *testing.T, _ *authtest.Site, v *visitor) string {
	posts(t, v.b, "/auth/password/reset/request", map[string]string{"email": v.email}, http.StatusAccepted)
	return v.email
}

func askChange(t *testing.T, _ *authtest.Site, v *visitor) string {
	email := person()
	posts(t, v.b, "/auth/email/change", map[string]string{"email": email}, http.StatusAccepted)
	return email
}

// askUndo changes the address: the mail about it goes to the one before.
func askUndo(t *testing.T, s *authtest.Site, v *visitor) string {
	to, old := askChange(t, s, v), v.email
	posts(t, v.b, "/auth/email/change/confirm", map[string]string{"token": linked(t, s, to)}, http.StatusOK)
	v.email = to
	return old
}

// kept is a mailed secret with the browser that would use it.
type kept struct {
	purpose
	visitor
	to           string // where it was mailed to
	token, typed string // typed is the code
}

// prepare has a secret mailed to somebody new and opens the mail.
func (p purpose) prepare(t *testing.T, s *authtest.Site) kept {
	t.Helper()
	v := &visitor{b: elsewhere(s), email: person()}
	if p.member {
		v = member(t, s)
	}
	k := kept{purpose: p, to: p.ask(t, s, v)}
	k.visitor = *v
	k.open(t, s)
	return k
}

// open reads the last mail with the secret.
func (k *kept) open(t *testing.T, s *authtest.Site) {
	t.Helper()
	m := s.Mail(t, k.to)
	for _, link := range m.Links() {
		u, err := url.Parse(link)
		if err == nil && u.Path == "/auth"+k.page {
			k.token, k.typed = u.Query().Get("token"), m.Code()
		}
	}
	if k.token == "" || k.code != (k.typed != "") {
		t.Fatalf("%s: the link %q and the code %q in the mail %q", k.name, k.token, k.typed, m.Subject)
	}
}

// offer posts a secret to the purpose's route.
func (p purpose) offer(b *authtest.Browser, token any) *authtest.Reply {
	return b.Post("/auth"+p.route, p.body("token", token))
}

// try posts a code to the purpose's route.
func (p purpose) try(b *authtest.Browser, code any) *authtest.Reply {
	return b.Post("/auth"+p.route, p.body("code", code))
}

func (p purpose) body(member string, secret any) map[string]any {
	body := map[string]any{member: secret}
	if p.name == "reset" {
		body["new_password"] = phrase + " of the reset"
	}
	return body
}

// works fails the test unless the secret opens what it is for.
func (k kept) works(t *testing.T, after string) {
	t.Helper()
	if r := k.offer(k.b, k.token); r.Status != k.status {
		t.Errorf("%s after %s: %v, want %d", k.name, after, r, k.status)
	}
}

// refused fails the test unless the answer says that the secret is none.
func refused(t *testing.T, r *authtest.Reply, what string) {
	t.Helper()
	if r.Status != http.StatusBadRequest || r.Code() != "invalid_token" {
		t.Errorf("%s: %v, want 400 invalid_token", what, r)
	}
}
