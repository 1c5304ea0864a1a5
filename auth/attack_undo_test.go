package auth_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

// What an owner gets back who undoes a change of address, and who is told of one.

// guarded is a site with second factors, on which people prove their address first unless
// they are let in at once.
func guarded(t *testing.T, client *ent.Client, options ...authtest.Option) (*authtest.Site, *authtest.SecondFactor) {
	t.Helper()
	f := &authtest.SecondFactor{}
	providers := []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{}), f}
	return newSite(t, client, auth.Config{Providers: providers}, options...), f
}

// linkIdentity gives somebody another way to sign in, as a provider of theirs does.
func linkIdentity(t *testing.T, s *authtest.Site, userID string) {
	t.Helper()
	hash := sha256.Sum256([]byte(userID))
	s.Client.OAuthAccount.Create().SetUserID(userID).SetProvider("test").SetIssuer("https://id.example").
		SetSubject(userID).SetSubjectHash(hash[:]).SetCreatedAt(s.Clock.Now()).SetUpdatedAt(s.Clock.Now()).ExecX(t.Context())
}

// confirms answers the mail about a change.
func confirms(t *testing.T, s *authtest.Site, b *authtest.Browser, to string) {
	t.Helper()
	posts(t, b, "/auth/email/change/confirm", form{"token": linked(t, s, to)}, http.StatusOK)
}

// Whoever holds a session that was proven just now can prepare to stay: before asking for
// the change, or while its link is on its way.
func TestAnUndoRemovesWhatWasPreparedForTheChange(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for _, row := range []struct {
			name          string
			before, after time.Duration // the request for the change
			stays         bool
		}{
			{"in the minutes before it was asked for", 9 * time.Minute, 0, false},
			{"while the link was on its way", 0, 15 * time.Minute, false},
			{"long before", 11 * time.Minute, 0, true},
		} {
			v, to := member(t, s), person()
			s.Clock.Advance(time.Hour)
			if row.before > 0 {
				linkIdentity(t, s, v.id)
				s.Clock.Advance(row.before)
			}
			posts(t, v.b, "/auth/step-up", form{"password": phrase}, http.StatusOK)
			posts(t, v.b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
			if row.after > 0 {
				s.Clock.Advance(row.after)
				linkIdentity(t, s, v.id)
				s.Clock.Advance(row.after)
			}
			confirms(t, s, v.b, to)
			posts(t, elsewhere(s), "/auth/email/change/undo", form{"token": linked(t, s, v.email)}, http.StatusNoContent)
			if stays := client.OAuthAccount.Query().Where(oauthaccount.UserID(v.id)).ExistX(t.Context()); stays != row.stays {
				t.Errorf("what was added %s: stays %t, want %t", row.name, stays, row.stays)
			}
			if list := opens(s, v.email, phrase); len(list) != 1 {
				t.Errorf("the password from long before, with something added %s, does not open the account", row.name)
			}
		}
	})
}

// A factor that a thief has added before the change is no lock on the owner's way back.
func TestAnUndoRemovesAThiefsSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, factor := guarded(t, client, authtest.ProveFirst())
		v, to := member(t, s), person()
		s.Clock.Advance(time.Hour)
		if err := factor.Enrol(t.Context(), v.id, testCode); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Minute)
		posts(t, v.b, "/auth/login", credentials(v.email, phrase), http.StatusUnauthorized)
		posts(t, v.b, "/auth/test-factor", form{"code": testCode}, http.StatusOK)
		posts(t, v.b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
		confirms(t, s, v.b, to)
		posts(t, elsewhere(s), "/auth/email/change/undo", form{"token": linked(t, s, v.email)}, http.StatusNoContent)
		if r := setByLink(elsewhere(s), linked(t, s, v.email), phrase+" of the owner"); r.Status != http.StatusNoContent {
			t.Errorf("the owner's new password: %v, want 204", r)
		}
	})
}

// Of two changes each can be undone, the later one first; the first one's undo ends the
// later one's. The addresses are kept as long.
func TestUndosOfAChainOfChanges(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		free := func(email string) bool {
			_, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: email})
			return err == nil
		}
		for _, laterFirst := range []bool{true, false} {
			v := member(t, s)
			list := []string{v.email, person(), person()}
			var undos []string
			for i, to := range list[1:] {
				posts(t, v.b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
				confirms(t, s, v.b, to)
				undos = append(undos, linked(t, s, list[i]))
				s.Clock.Advance(time.Minute)
			}
			for _, email := range list {
				if free(email) {
					t.Errorf("%s is free while the change can be undone", email)
				}
			}
			s.Clock.Advance(7*24*time.Hour - 3*time.Minute)
			undo := func(i, status int) {
				t.Helper()
				if r := elsewhere(s).Post("/auth/email/change/undo", form{"token": undos[i]}); r.Status != status {
					t.Errorf("the undo of change %d, the later first %t: %v, want %d", i, laterFirst, r, status)
				}
			}
			if laterFirst {
				undo(1, http.StatusNoContent)
				if free(list[0]) {
					t.Errorf("%s is free while one change can still be undone", list[0])
				}
			}
			undo(0, http.StatusNoContent)
			undo(1, http.StatusBadRequest)
			if u, err := s.Auth.User(t.Context(), v.id); err != nil || u.Email != list[0] {
				t.Errorf("after the undo of all: %v, want the first address", err)
			}
			for _, email := range list[1:] {
				if !free(email) {
					t.Errorf("%s is not free after the undo of all", email)
				}
			}
		}
	})
}

// Who never proved an address may have taken a stranger's: the stranger is told that it
// is not used any more, and gets nothing that opens the account.
func TestAnUnprovenAddressIsToldOfTheChangeWithoutALink(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := guarded(t, client)
		b, old, to := elsewhere(s), person(), person()
		id := register(t, b, old)
		posts(t, b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
		confirms(t, s, b, to)
		m := s.Mail(t, old)
		if m.Subject != "Your e-mail address at app.example was replaced" || strings.Contains(m.Text+m.HTML, "token=") || strings.Contains(m.Text, to) || m.Code() != "" {
			t.Errorf("the old address was told %q: %s", m.Subject, m.Text)
		}
		if n := client.MagicToken.Query().Where(magictoken.UserID(id), magictoken.UsedAtIsNil()).CountX(t.Context()); n != 0 {
			t.Errorf("%d secrets are left for the account", n)
		}
		register(t, elsewhere(s), old)
		if n := client.User.Query().Where(user.EmailIn(old, to)).CountX(t.Context()); n != 2 {
			t.Errorf("%d accounts have the two addresses", n)
		}
	})
}
