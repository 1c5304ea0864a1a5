package authtest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/challenge"
)

const testCode = "314159"

// withSecondFactor is a site on which email needs the test factor.
func (e *exercise) withSecondFactor(t *testing.T) (s *Site, email, userID string) {
	t.Helper()
	factor := &SecondFactor{}
	s = e.apart(NewOn(t, e.client, auth.Config{Providers: append(e.m.Providers(), factor), Sessions: e.m.Sessions}))
	email, userID = e.account(t, s)
	if err := factor.Enrol(context.Background(), userID, testCode); err != nil {
		t.Fatal(err)
	}
	return s, email, userID
}

func (e *exercise) secondFactor(t *testing.T) {
	s, email, userID := e.withSecondFactor(t)
	b := s.Browser()
	r := e.m.SignIn(b, email)
	if r.Status != http.StatusUnauthorized || r.Code() != auth.ErrSecondFactorRequired.Code || b.Session() != "" {
		t.Fatalf("first factor alone: %v", r)
	}
	var body struct {
		Methods []string
		Flow    string
	}
	if err := r.JSON(&body); err != nil || len(body.Methods) != 1 || body.Methods[0] != SecondFactorKind || body.Flow != "" {
		t.Errorf("methods %v, flow in body %q, error %v; want [%s], none in a browser", body.Methods, body.Flow, err, SecondFactorKind)
	}
	flows := strings.Split(b.Cookie("__Host-torii_flow"), ".") // the newest last
	flow := flows[len(flows)-1]
	if flow == "" {
		t.Fatal("no flow cookie")
	}
	b.SetCookie("__Host-torii_session", flow)
	if got := b.Get("/auth/user"); got.Status != http.StatusUnauthorized {
		t.Errorf("the flow opens a protected route: %v", got)
	}
	if got := s.Browser().Post("/auth/test-factor", map[string]string{"code": testCode}); got.Code() != auth.ErrInvalidToken.Code {
		t.Errorf("the right code in another browser: %v", got)
	}
	if got := b.Post("/auth/test-factor", map[string]string{"code": "000000"}); got.Status != http.StatusUnauthorized {
		t.Errorf("a wrong code: %v", got)
	}
	replay := b.Clone()
	got := b.Post("/auth/test-factor", map[string]string{"code": testCode})
	if got.Status != http.StatusOK || got.UserID() != userID || b.Session() == "" {
		t.Fatalf("the right code: %v", got)
	}
	if strings.Contains(b.Cookie("__Host-torii_flow"), flow) {
		t.Error("the finished flow is still in the cookie")
	}
	if got := replay.Post("/auth/test-factor", map[string]string{"code": testCode}); got.Code() != auth.ErrInvalidToken.Code {
		t.Errorf("a finished flow used again: %v", got)
	}
	e.pendingEnds(t, s, email, userID)
}

// pendingEnds: signing out, time, and disabling end a half-finished sign-in.
func (e *exercise) pendingEnds(t *testing.T, s *Site, email, userID string) {
	b := s.Browser()
	e.m.SignIn(b, email)
	b.Clone().Post("/auth/logout", nil)
	if r := b.Post("/auth/test-factor", map[string]string{"code": testCode}); r.Code() != auth.ErrInvalidToken.Code {
		t.Errorf("completed after signing out: %v", r)
	}
	late := s.Browser()
	e.m.SignIn(late, email)
	s.Clock.Advance(pendingLifetime + 1e9)
	if r := late.Post("/auth/test-factor", map[string]string{"code": testCode}); r.Code() != auth.ErrInvalidToken.Code {
		t.Errorf("completed a second too late: %v", r)
	}
	s.Clock.Advance(mailWindow)
	off := s.Browser()
	e.m.SignIn(off, email)
	if err := s.Auth.DisableUser(context.Background(), userID); err != nil {
		t.Fatal(err)
	}
	if r := off.Post("/auth/test-factor", map[string]string{"code": testCode}); r.Status == http.StatusOK {
		t.Errorf("completed by a disabled user: %v", r)
	}
}

// pendingLifetime is how long a second factor may take, ten minutes.
const pendingLifetime = 600e9

func (e *exercise) completedOnce(t *testing.T) {
	s, email, _ := e.withSecondFactor(t)
	b := s.Browser()
	e.m.SignIn(b, email)
	// No more than the limiter lets through at once: each is a try.
	won := InParallel(5, func(i int) bool {
		c := b.Clone()
		return c.Post("/auth/test-factor", map[string]string{"code": testCode}).Status == http.StatusOK
	})[true]
	if won != 1 {
		t.Errorf("%d of 5 completions at once succeeded, want 1", won)
	}
}

func (e *exercise) hookRefuses(t *testing.T) {
	refuse := false
	s := e.site(t, func(_ context.Context, _ *auth.Tx, ev auth.Event) error {
		if refuse && ev.Kind == auth.EventSignedIn {
			return auth.ErrRefused
		}
		return nil
	})
	email, userID := e.account(t, s)
	refuse = true
	n, ctx := 4, context.Background() // below the limit of tries at one account
	if e.m.ByMail {
		n = 1 // the first answer ends the other mails
	}
	failures := func() int {
		return s.Client.AuthEvent.Query().Where(authevent.UserID(userID), authevent.Kind(auth.EventSignInFailed)).CountX(ctx)
	}
	before := failures()
	refused := InParallel(n, func(int) bool {
		b := s.Browser()
		r := e.m.SignIn(b, email)
		return r.Status == http.StatusForbidden && r.Code() == auth.ErrRefused.Code && b.Session() == ""
	})[true]
	if refused != n {
		t.Errorf("%d of %d sign-ins were refused as the hook said; log:\n%s", refused, n, s.Log())
	}
	if list, err := s.Auth.Sessions(ctx, userID); err != nil || len(list) != 0 {
		t.Errorf("%d sessions were left behind, %v", len(list), err)
	}
	if got := failures() - before; got != n {
		t.Errorf("%d events of failure, want %d", got, n)
	}
}

func (e *exercise) hookPanics(t *testing.T) {
	trip := false
	s := e.site(t, func(_ context.Context, _ *auth.Tx, ev auth.Event) error {
		if trip && ev.Kind == auth.EventSignedIn {
			panic(errors.New("hook"))
		}
		return nil
	})
	email, userID := e.account(t, s)
	trip = true
	b := s.Browser()
	r := e.m.SignIn(b, email)
	if r.Status != http.StatusInternalServerError || r.Code() != "internal" || b.Session() != "" {
		t.Errorf("sign-in: %v", r)
	}
	ctx := context.Background()
	if list, err := s.Auth.Sessions(ctx, userID); err != nil || len(list) != 0 {
		t.Errorf("%d sessions were left behind, %v", len(list), err)
	}
	// A mail's flow names no user: it waits for the answer still.
	if got := s.Client.Challenge.Query().Where(challenge.UserID(userID)).CountX(ctx); got != 0 {
		t.Errorf("%d challenges were left behind", got)
	}
	trip = false
	if r := e.m.SignIn(b, email); r.Status != http.StatusOK {
		t.Errorf("sign-in after the panic: %v", r)
	}
}
