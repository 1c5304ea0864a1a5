package passkey_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// hooked is a site whose hook does as it is told at one kind of event.
func hooked(t *testing.T, at *string, does func(ctx context.Context) error) *site {
	t.Helper()
	return crowded(t, authtest.Database(t), passkey.Config{}, func(c *auth.Config) {
		c.Hooks = []auth.Hook{func(ctx context.Context, _ *auth.Tx, e auth.Event) error {
			if e.Kind == *at {
				return does(ctx)
			}
			return nil
		}}
	})
}

// A hook that refuses, fails or panics in the middle leaves nothing half done, and the
// challenge is used up.
func TestAHookInTheMiddleLeavesNothing(t *testing.T) {
	events := map[string][]string{
		"sign-up":  {auth.EventUserCreated, auth.EventCredentialAdded, auth.EventSignedIn},
		"register": {auth.EventCredentialAdded},
		"sign-in":  {auth.EventSignedIn},
		"step-up":  {auth.EventSteppedUp},
	}
	for name, does := range map[string]func(context.Context) error{
		"refuses": func(context.Context) error { return auth.ErrRefused },
		"fails":   func(context.Context) error { return errors.New("a hook's own trouble") },
		"panics":  func(context.Context) error { panic("a hook") },
	} {
		at := ""
		s := hooked(t, &at, does)
		for ceremony, kinds := range events {
			for _, kind := range kinds {
				st := s.stageOf(t, ceremony, "ann"+s.nextName())
				answer, before, old := st.answer(t), s.rows(t), st.Session()
				at = kind
				r := finish(st.Browser, ceremony, answer)
				at = ""
				if r.Status < 400 || st.Session() != old {
					t.Errorf("a hook that %s at %s of a %s: %v", name, kind, ceremony, r)
				}
				after := s.rows(t)
				if after.users != before.users || after.sessions != before.sessions || len(after.credentials) != len(before.credentials) {
					t.Errorf("a hook that %s at %s of a %s leaves\n%v, before\n%v", name, kind, ceremony, after, before)
				}
				status, code := st.lost()
				if r := finish(st.Browser, ceremony, answer); r.Status != status || r.Code() != code {
					t.Errorf("the same challenge after a hook that %s at %s of a %s: %v", name, kind, ceremony, r)
				}
			}
		}
		at = auth.EventCredentialRemoved
		ann := s.owner(t, "eve")
		add(t, ann.Browser, authtest.NewAuthenticator(), "")
		id := list(t, ann.Browser).Passkeys[0].ID
		if r := ann.Delete("/auth/passkeys/" + id); r.Status < 400 || s.passkeysOf(t, ann.id) != 2 || !signedIn(ann.Browser) {
			t.Errorf("a hook that %s when a passkey is deleted: %v", name, r)
		}
		at = auth.EventCredentialRenamed
		if r := ann.Patch("/auth/passkeys/"+id, form{"name": "x"}); r.Status < 400 || list(t, ann.Browser).Passkeys[0].Name == "x" {
			t.Errorf("a hook that %s when a passkey is renamed: %v", name, r)
		}
	}
}

// Who signs up in a browser where somebody else is signed in is nobody to the host's
// policies, and is refused nothing because that session ends.
func TestASignUpIsNobodysWork(t *testing.T) {
	at, seen := auth.EventUserCreated, ""
	s := hooked(t, &at, func(ctx context.Context) error {
		if u, ok := auth.UserFrom(ctx); ok {
			seen = u.ID
		}
		return nil
	})
	mallory, bob := s.owner(t, "mallory"), s.newcomer("bob")
	answer := create(t, bob.device, begin(t, bob.Browser, "register", form{"email": bob.email}))
	bob.SetCookie(sessionCookie, mallory.Session())
	if r := finish(bob.Browser, "sign-up", answer); r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	if seen != "" {
		t.Errorf("the account was made in the name of %s", seen)
	}
}
