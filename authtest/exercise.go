package authtest

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// Method is what Exercise has to know of a way to sign in.
type Method struct {
	// Providers makes fresh providers: the one under test, and others it needs.
	Providers func() []auth.Provider
	// SignUp makes an account for an address, signed in or not.
	SignUp func(b *Browser, email string) *Reply
	// SignIn signs in to the account that SignUp made, by the method under test.
	SignIn func(b *Browser, email string) *Reply
	// Wrong is SignIn with a proof that is wrong. Nil if nothing can be guessed, and for a
	// method ByMail, whose guesses are counted for each browser and mail.
	Wrong func(b *Browser, email string) *Reply
	// ByMail says that signing in answers a mail. Five an address are sent in a quarter of
	// an hour; answering one ends the others; and who may not be here gets none, so that
	// the refusal is auth.ErrInvalidToken. SignIn finds the mail by b.Site(); where none
	// came, it answers with whatever it has.
	ByMail bool
	// Sessions is how the sites keep sessions; the zero value is the default.
	Sessions sessions.Config
}

// Exercise tries on a provider what every provider has to withstand: other sites,
// planted sessions, disabled and deleted users, addresses that nobody has proven, a
// second factor, guessing, hooks that refuse, and bodies that nobody should send. client is a database that the tests may
// fill; run it on each database that is supported.
func Exercise(t *testing.T, client *ent.Client, m Method) {
	e := &exercise{m: m, client: client}
	t.Run("signing in opens a session that works and ends", e.opens)
	t.Run("an app gets a token and no cookie", e.bearer)
	t.Run("a planted session is never adopted", e.fixation)
	t.Run("a disabled user stays out", e.disabled)
	t.Run("a deleted user stays out", e.deleted)
	t.Run("an unproven address opens nothing", e.unproven)
	t.Run("a sign-up that waits opens nothing", e.waits)
	t.Run("a second factor is asked for", e.secondFactor)
	t.Run("a pending sign-in is completed once", e.completedOnce)
	t.Run("a refusal by a hook leaves nothing behind", e.hookRefuses)
	t.Run("a hook that panics leaves nothing behind", e.hookPanics)
	if m.Wrong != nil {
		t.Run("a wrong proof and an unknown account read the same", e.uniform)
		t.Run("guessing is limited, known account or not", e.limited)
		t.Run("parallel guesses are counted exactly", e.limitedInParallel)
	}
	t.Run("other sites may not act", e.otherSites)
	t.Run("nothing changes by GET", e.safeMethods)
	t.Run("routes for users refuse strangers", e.strangers)
	t.Run("bad bodies are refused", e.badBodies)
}

type exercise struct {
	m      Method
	client *ent.Client
}

var people atomic.Uint64

// person is an address that no other test uses.
func person() string { return fmt.Sprintf("person%d@exercise.example", people.Add(1)) }

func (e *exercise) site(t testing.TB, hooks ...auth.Hook) *Site {
	t.Helper()
	return e.apart(NewOn(t, e.client, auth.Config{Providers: e.m.Providers(), Hooks: hooks, Sessions: e.m.Sessions}))
}

// refusal is what a wrong proof gets, and so does whoever may not be here.
func (e *exercise) refusal() *auth.Error {
	if e.m.ByMail {
		return auth.ErrInvalidToken
	}
	return auth.ErrInvalidCredentials
}

// refused tells whether a sign-in failed as any other does, and left no session.
func (e *exercise) refused(r *Reply, b *Browser) bool {
	return r.Status == e.refusal().Status && r.Code() == e.refusal().Code && b.Session() == ""
}

// mailWindow is how long the limit on mails to an address lasts.
const mailWindow = 15 * time.Minute

// apart gives a site an address of its own, since all share one database and its
// limits.
func (e *exercise) apart(s *Site) *Site {
	n := people.Add(1)
	s.ip = fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
	return s
}

// account signs somebody up and out.
func (e *exercise) account(t testing.TB, s *Site) (email, userID string) {
	t.Helper()
	email = person()
	b := s.Browser()
	if r := e.m.SignUp(b, email); r.Status >= 300 {
		t.Fatalf("sign-up: %v", r)
	}
	r := e.m.SignIn(b, email)
	if r.Status != http.StatusOK {
		t.Fatalf("sign-in after sign-up: %v", r)
	}
	b.Post("/auth/logout", nil)
	return email, r.UserID()
}

func (e *exercise) opens(t *testing.T) {
	s := e.site(t)
	email, userID := e.account(t, s)
	b := s.Browser()
	r := e.m.SignIn(b, email)
	if r.Status != http.StatusOK || b.Session() == "" || r.Token() != "" {
		t.Fatalf("sign-in: %v, cookie %t, token in body %t", r, b.Session() != "", r.Token() != "")
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q, want no-store", got)
	}
	if got := b.Get("/auth/user"); got.Status != http.StatusOK || got.UserID() != userID {
		t.Errorf("GET /user: %v, want user %s", got, userID)
	}
	stolen := b.Clone()
	if got := b.Post("/auth/logout", nil); got.Status != http.StatusNoContent || b.Session() != "" {
		t.Errorf("logout: %v, cookie left %t", got, b.Session() != "")
	}
	if got := stolen.Get("/auth/user"); got.Status != http.StatusUnauthorized {
		t.Errorf("the ended session still answers: %v", got)
	}
}

func (e *exercise) bearer(t *testing.T) {
	s := e.site(t)
	email, userID := e.account(t, s)
	app := s.App()
	r := e.m.SignIn(app, email)
	if r.Status != http.StatusOK || r.Token() == "" || len(r.Cookies) != 0 {
		t.Fatalf("sign-in: %v, cookies %v", r, r.Cookies)
	}
	app.Header.Set("Authorization", "Bearer "+r.Token())
	if got := app.Get("/auth/user"); got.UserID() != userID {
		t.Errorf("GET /user: %v, want user %s", got, userID)
	}
	if got := app.Post("/auth/logout", nil); got.Status != http.StatusNoContent {
		t.Errorf("logout: %v", got)
	}
	if got := app.Get("/auth/user"); got.Status != http.StatusUnauthorized {
		t.Errorf("the ended session still answers: %v", got)
	}
}

func (e *exercise) fixation(t *testing.T) {
	s := e.site(t)
	mallory, _ := e.account(t, s)
	email, userID := e.account(t, s)
	attacker, victim := s.Browser(), s.Browser()
	e.m.SignIn(attacker, mallory)
	planted := attacker.Session()
	victim.SetCookie("__Host-torii_session", planted)
	if r := e.m.SignIn(victim, email); r.Status != http.StatusOK || r.UserID() != userID {
		t.Fatalf("sign-in over a planted session: %v", r)
	}
	if victim.Session() == planted {
		t.Error("the planted token was adopted")
	}
	if r := attacker.Get("/auth/user"); r.Status != http.StatusUnauthorized {
		t.Errorf("the session that was presented at sign-in still answers: %v", r)
	}
}

func (e *exercise) disabled(t *testing.T) {
	s := e.site(t)
	email, userID := e.account(t, s)
	inside := s.Browser()
	e.m.SignIn(inside, email)
	if err := s.Auth.DisableUser(context.Background(), userID); err != nil {
		t.Fatal(err)
	}
	if r := inside.Get("/auth/user"); r.Status != http.StatusUnauthorized {
		t.Errorf("a session of a disabled user answers: %v", r)
	}
	b := s.Browser()
	if r := e.m.SignIn(b, email); !e.refused(r, b) {
		t.Errorf("sign-in of a disabled user: %v", r)
	}
	if err := s.Auth.EnableUser(context.Background(), userID); err != nil {
		t.Fatal(err)
	}
	if r := e.m.SignIn(s.Browser(), email); r.Status != http.StatusOK {
		t.Errorf("sign-in after the user was enabled again: %v", r)
	}
}

func (e *exercise) deleted(t *testing.T) {
	s := e.site(t)
	email, userID := e.account(t, s)
	inside := s.Browser()
	e.m.SignIn(inside, email)
	if err := s.Auth.DeleteUser(context.Background(), userID); err != nil {
		t.Fatal(err)
	}
	if r := inside.Get("/auth/user"); r.Status != http.StatusUnauthorized {
		t.Errorf("a session of a deleted user answers: %v", r)
	}
	b := s.Browser()
	if r := e.m.SignIn(b, email); r.UserID() == userID || r.Status == http.StatusOK && b.Session() != "" && r.UserID() == "" {
		t.Errorf("sign-in of a deleted user: %v", r)
	}
}
