package auth_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// Where an account may be used before its address is proven, Mallory makes one of a
// stranger's while the owner's first mail is on its way: that neither ends the mail nor
// leaves her in the account.
func TestAnUnprovenAccountEndsNoMailOfTheAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := guarded(t, client)
		for _, way := range []string{"token", "code"} {
			v, mallory := visitor{b: elsewhere(s), email: person()}, elsewhere(s)
			posts(t, v.b, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
			secret := form{"token": linked(t, s, v.email)}
			if way == "code" {
				secret = form{"code": s.Mail(t, v.email).Code()}
			}
			id := register(t, mallory, v.email)
			posts(t, v.b, "/auth/magic-link/verify", secret, http.StatusOK)
			if r := mallory.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("by %s: Mallory after the owner came: %v", way, r)
			}
			if list := opens(s, v.email, phrase); len(list) != 0 {
				t.Errorf("by %s: Mallory's password opens the account", way)
			}
			if n := client.User.Query().Where(user.Email(v.email)).CountX(t.Context()); n != 1 {
				t.Errorf("by %s: %d accounts", way, n)
			}
			if !slices.Contains(events(t, client, id), auth.EventAccountReclaimed) {
				t.Errorf("by %s: nothing says that the account was reclaimed", way)
			}
		}
	})
}
