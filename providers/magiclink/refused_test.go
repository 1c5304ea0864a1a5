package magiclink_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/providers/magiclink"
)

func TestVerifyBeforeNew(t *testing.T) {
	_, err := magiclink.New(magiclink.Config{}).Verify(t.Context(), auth.Mailed{Secret: "x"}, auth.Client{})
	if !errors.Is(err, auth.ErrNotMounted) {
		t.Errorf("%v, want ErrNotMounted", err)
	}
}

// A sign-in by mail that is refused after the mail was answered is written down for its
// user.
func TestARefusedSignInIsTheUsers(t *testing.T) {
	refuse := false
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{magiclink.New(magiclink.Config{})}, Hooks: []auth.Hook{func(_ context.Context, _ *auth.Tx, ev auth.Event) error {
		if refuse && ev.Kind == auth.EventSignedIn {
			return auth.ErrRefused
		}
		return nil
	}}})
	id := signIn(t, s.Browser(), ada).UserID()
	refuse = true
	if r := signIn(t, s.Browser(), ada); r.Status != http.StatusForbidden {
		t.Fatal(r)
	}
	if n := s.Client.AuthEvent.Query().Where(authevent.Kind(auth.EventSignInFailed), authevent.UserID(id)).CountX(t.Context()); n != 1 {
		t.Errorf("%d events of the refusal for the user, want 1", n)
	}
}

// The mail's flow has ended when the second factor is asked for, and leaves the cookie.
func TestTheMailsFlowLeavesTheCookie(t *testing.T) {
	factor := &authtest.SecondFactor{}
	s := newSite(t, authtest.Database(t), magiclink.Config{}, factor)
	id := signIn(t, s.Browser(), ada).UserID()
	if err := factor.Enrol(t.Context(), id, "314159"); err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	signIn(t, b, ada)
	if r := b.Post("/auth/test-factor", map[string]string{"code": "314159"}); r.Status != http.StatusOK || b.Cookie(flowCookie) != "" {
		t.Errorf("%v, flow cookie %q, want none", r, b.Cookie(flowCookie))
	}
}
