package passkey_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// Undoing a change of address takes away what a thief has added, and nothing of the owner's:
// a passkey is as old as its key, whatever it is called and whenever it was used.
func TestAnUndoKeepsTheOwnersPasskeys(t *testing.T) {
	eachCrowded(t, passkey.Config{}, func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		signUp(t, ann.Browser, ann.device, ann.email)
		ann.id = posts(t, ann.Browser, "/auth/email/verify", form{"code": s.Mail(t, ann.email).Code()}, http.StatusOK).UserID()
		posts(t, ann.Browser, "/auth/password", form{"new_password": phrase}, http.StatusOK)
		key := authtest.NewAuthenticator()
		key.DeviceBound, key.CountsFrom = true, 1
		if r := add(t, ann.Browser, key, "key"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		s.Clock.Advance(time.Hour)
		// A thief in her session, who has got hold of her key for a moment.
		thief := ann.Browser
		if r := finish(thief, "step-up", sign(t, key, begin(t, thief, "step-up", nil))); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		before, after := authtest.NewAuthenticator(), authtest.NewAuthenticator()
		if r := add(t, thief, before, "Ann’s phone"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		posts(t, thief, "/auth/email/change", form{"email": "thief@example.com"}, http.StatusAccepted)
		posts(t, thief, "/auth/email/change/confirm", form{"token": s.linked(t, "thief@example.com")}, http.StatusOK)
		undo := s.linked(t, ann.email)
		if r := add(t, thief, after, "Ann’s tablet"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		waits := begin(t, thief, "register", form{})
		for _, k := range list(t, thief).Passkeys { // all that she has looks new
			if r := thief.Patch("/auth/passkeys/"+k.ID, form{"name": "x " + k.Name}); r.Status != http.StatusOK {
				t.Fatal(r)
			}
		}
		signIn(t, s.Browser(), ann.device) // and so does what she uses
		for _, row := range s.rows(t).credentials {
			if !row.UpdatedAt.Equal(row.CreatedAt) { // the machine's clock counts as well
				t.Errorf("%s %q of %v has changed at %v", row.Kind, row.Name, row.CreatedAt, row.UpdatedAt)
			}
		}
		posts(t, s.Browser(), "/auth/email/change/undo", form{"token": undo}, http.StatusNoContent)
		if r := finish(thief, "register", create(t, authtest.NewAuthenticator(), waits)); r.Status < 400 {
			t.Errorf("a passkey that was under way: %v", r)
		}
		for name, device := range map[string]*authtest.Authenticator{"before": before, "after": after} {
			if id := s.opensTo(t, device); id != "" {
				t.Errorf("the thief's passkey from %s the change opens %s", name, id)
			}
		}
		for name, device := range map[string]*authtest.Authenticator{"phone": ann.device, "key": key} {
			if id := s.opensTo(t, device); id != ann.id {
				t.Errorf("the owner's %s opens %q after the undo", name, id)
			}
		}
		if r := s.Browser().Post("/auth/login", form{"email": ann.email, "password": phrase}); r.UserID() != ann.id {
			t.Errorf("the owner's password after the undo: %v", r)
		}
		if signedIn(thief) {
			t.Error("the thief is signed in")
		}
	}, authtest.ProveFirst())
}
