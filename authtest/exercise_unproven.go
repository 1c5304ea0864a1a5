package authtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/ent/user"
)

// beforeAndAfter are two sites on one database with the same keys, as an application is
// before it has addresses proven first and since.
func (e *exercise) beforeAndAfter(t *testing.T) (before, after *Site, factor *SecondFactor) {
	t.Helper()
	secret := make([]byte, 32)
	rand.Read(secret)
	cfg := func(f *SecondFactor) auth.Config {
		return auth.Config{Providers: append(e.m.Providers(), f), Sessions: e.m.Sessions, Secrets: [][]byte{secret}}
	}
	factor = &SecondFactor{}
	before = e.apart(NewOn(t, e.client, cfg(factor)))
	after = e.apart(NewOn(t, e.client, cfg(&SecondFactor{}), ProveFirst()))
	return before, after, factor
}

// unproven: whoever has never shown to read the mail of the account's address gets no
// session by any door, and who shows it keeps nothing of what others have set up.
func (e *exercise) unproven(t *testing.T) {
	ctx := context.Background()
	before, after, factor := e.beforeAndAfter(t)
	email, userID := e.account(t, before)
	inside := before.Browser()
	e.m.SignIn(inside, email)
	if err := e.client.User.Update().Where(user.ID(userID)).ClearEmailVerifiedAt().Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := after.Auth.CreateSession(ctx, userID, auth.Client{}); !errors.Is(err, auth.ErrEmailUnverified) {
		t.Errorf("CreateSession for a user whose address is not proven: %v, want %v", err, auth.ErrEmailUnverified)
	}
	e.provesOrOpensNothing(t, after, inside, email, userID)

	// One who was asked for the second factor before, and gives it now.
	email, userID = e.account(t, before)
	if err := factor.Enrol(ctx, userID, testCode); err != nil {
		t.Fatal(err)
	}
	half := before.Browser()
	if r := e.m.SignIn(half, email); r.Code() != auth.ErrSecondFactorRequired.Code {
		t.Fatalf("the first factor: %v", r)
	}
	if err := e.client.User.Update().Where(user.ID(userID)).ClearEmailVerifiedAt().Exec(ctx); err != nil {
		t.Fatal(err)
	}
	late := after.Browser()
	late.SetCookie("__Host-torii_flow", half.Cookie("__Host-torii_flow"))
	if r := late.Post("/auth/test-factor", map[string]string{"code": testCode}); r.Status < 400 || late.Session() != "" {
		t.Errorf("a second factor for a user whose address is not proven: %v", r)
	}
	if n := e.client.Challenge.Query().Where(challenge.UserID(userID)).CountX(ctx); n > 1 {
		t.Errorf("%d flows wait for a user whose address is not proven, want the one that did", n)
	}
}

// provesOrOpensNothing signs in to an account whose address is not proven: a method that
// proves it takes the account over, and any other is refused as a wrong proof is.
func (e *exercise) provesOrOpensNothing(t *testing.T, after *Site, inside *Browser, email, userID string) {
	t.Helper()
	ctx := context.Background()
	b := after.Browser()
	r := e.m.SignIn(b, email)
	if r.Status != http.StatusOK {
		begins := slices.ContainsFunc(r.Cookies, func(c *http.Cookie) bool { return c.Name == "__Host-torii_flow" && c.Value != "" })
		if !e.refused(r, b) || begins {
			t.Errorf("sign-in to an account whose address is not proven: %v, want %v and no flow", r, e.refusal())
		}
		if e.m.Wrong != nil {
			if wrong := e.m.Wrong(after.Browser(), email); r.String() != wrong.String() || !sameHeaders(r.Header, wrong.Header) {
				t.Errorf("the right proof of an account whose address is not proven: %v, a wrong one: %v", r, wrong)
			}
		}
		if e.m.ByMail {
			t.Errorf("the mail was answered, and proves nothing: %v", r)
		}
		return
	}
	u := e.client.User.Query().Where(user.Email(email)).OnlyX(ctx)
	if u.EmailVerifiedAt == nil {
		t.Error("a session was opened, and the address is not proven")
	}
	if r := inside.Get("/auth/user"); r.Status != http.StatusUnauthorized {
		t.Errorf("a session from before the proof: %v, want 401", r)
	}
	if n := e.client.Credential.Query().Where(credential.UserID(userID), credential.CreatedAtLT(*u.EmailVerifiedAt)).CountX(ctx); n != 0 {
		t.Errorf("%d credentials from before the proof are left", n)
	}
}

// waits: signing up where addresses are proven first ends in a mail, or in an account
// whose address is proven by then.
func (e *exercise) waits(t *testing.T) {
	ctx := context.Background()
	_, s, _ := e.beforeAndAfter(t)
	email := person()
	b := s.Browser()
	r := e.m.SignUp(b, email)
	u, err := s.Auth.UserByEmail(ctx, email)
	switch {
	case err != nil && !errors.Is(err, auth.ErrNotFound):
		t.Fatal(err)
	case err == nil && u.EmailVerifiedAt != nil:
		return
	case b.Session() != "" || r.Token() != "" || r.UserID() != "":
		t.Errorf("a sign-up whose address is not proven: %v, session cookie %t", r, b.Session() != "")
	}
	if err == nil && e.client.Session.Query().Where(session.UserID(u.ID)).CountX(ctx) != 0 {
		t.Error("a session was written for a user whose address is not proven")
	}
	if r := e.m.SignIn(s.Browser(), email); r.Status == http.StatusOK {
		t.Errorf("sign-in before the proof: %v", r)
	}
}
