package auth_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/ent/user"
)

// ending is something that happens to an account while mails are on their way.
type ending struct {
	name string
	// does it; v is the account's owner, who is signed in.
	does func(t *testing.T, s *authtest.Site, v *visitor)
	// spares are the purposes whose secrets go on working.
	spares []string
	// not are those that cannot be on their way then.
	not []string
}

var endings = []ending{
	{
		name: "a password that was changed",
		does: func(t *testing.T, _ *authtest.Site, v *visitor) {
			posts(t, v.b, "/auth/password", map[string]string{"current_password": phrase, "new_password": phrase + " anew"}, http.StatusOK)
		},
		spares: []string{"undo"},
	},
	{
		// The first proof of an address without a session ends everything; that is the next.
		name: "a password that was reset", not: []string{"verify"}, spares: []string{"undo"}, does: resetPassword,
	},
	{
		name: "the first proof of the address by a reset", not: []string{"undo"},
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			s.Client.User.Update().Where(user.ID(v.id)).ClearEmailVerifiedAt().ExecX(t.Context())
			resetPassword(t, s, v)
		},
	},
	{
		name: "another address", spares: []string{"undo"},
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			s.Clock.Advance(time.Minute) // an undo goes back to a moment
			askUndo(t, s, v)
		},
	},
	{
		name: "another address that the host has written", spares: []string{"undo"}, not: []string{"change"},
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			s.Client.User.Update().Where(user.ID(v.id)).SetEmail(person()).ExecX(t.Context())
		},
	},
	{
		name: "disabling",
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			if err := s.Auth.DisableUser(t.Context(), v.id); err != nil {
				t.Fatal(err)
			}
		},
	},
	{
		name: "disabling and enabling",
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			if err := errors.Join(s.Auth.DisableUser(t.Context(), v.id), s.Auth.EnableUser(t.Context(), v.id)); err != nil {
				t.Fatal(err)
			}
		},
	},
	{
		name: "deleting",
		does: func(t *testing.T, s *authtest.Site, v *visitor) {
			if err := s.Auth.DeleteUser(t.Context(), v.id); err != nil {
				t.Fatal(err)
			}
		},
	},
}

func resetPassword(t *testing.T, s *authtest.Site, v *visitor) {
	k := kept{purpose: purposeOf(t, "reset"), visitor: visitor{b: elsewhere(s), email: v.email}}
	k.to = k.ask(t, s, &k.visitor)
	k.open(t, s)
	if r := k.offer(k.b, k.token); r.Status != k.status {
		t.Fatalf("reset: %v", r)
	}
}

// errLater keeps a mail in the outbox.
var errLater = errors.New("451 come back later")

// onTheirWay has the mails of an account asked for; those that wait cannot be delivered
// until somebody calls s.Outbox.Fail(nil). A mail about an earlier change of address is
// among them.
func onTheirWay(t *testing.T, s *authtest.Site, v *visitor, wait bool, not []string) []kept {
	t.Helper()
	deliver := func() {
		if err := s.Auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	deliver()
	s.Outbox.Clear()
	var list []kept
	for _, name := range together {
		if name == "sign up" || slices.Contains(not, name) {
			continue
		}
		k := kept{purpose: purposeOf(t, name)}
		if name == "undo" {
			to := askChange(t, s, v)
			secret := linked(t, s, to)
			if wait {
				s.Outbox.Fail(errLater)
			}
			k.to = v.email
			posts(t, v.b, "/auth/email/change/confirm", map[string]string{"token": secret}, http.StatusOK)
			v.email = to
		} else {
			if wait {
				s.Outbox.Fail(errLater)
			}
			k.to = k.ask(t, s, v)
		}
		if !wait {
			k.open(t, s)
		}
		list = append(list, k)
	}
	deliver()
	if n := s.Client.Outbox.Query().Where(outbox.UserID(v.id)).CountX(t.Context()); wait && n < len(list) {
		t.Fatalf("%d mails wait, want %d", n, len(list))
	}
	s.Outbox.Fail(nil)
	return list
}

// arrived reads the secrets of mails that waited, of those that have come.
func arrived(t *testing.T, s *authtest.Site, list []kept) []kept {
	t.Helper()
	s.Clock.Advance(time.Minute)
	if err := s.Auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	var came []kept
	for _, k := range list {
		for _, m := range s.Outbox.Messages() {
			for _, link := range m.Links() {
				if _, token, ok := strings.Cut(link, authtest.Origin+"/auth"+k.page+"?token="); ok && m.To.Address == k.to {
					k.token = token
				}
			}
		}
		if k.token != "" {
			came = append(came, k)
		}
	}
	return came
}

// What changes who an account belongs to ends what was mailed for it before, read or
// not, sent or not.
func TestWhatEndsMailedSecrets(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for _, e := range endings {
			for _, wait := range []bool{false, true} {
				name := e.name
				if wait {
					name += " while they wait"
				}
				t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
					v := member(t, s)
					list := onTheirWay(t, s, v, wait, e.not)
					holder := v.b.Clone()
					e.does(t, s, v)
					if wait {
						list = arrived(t, s, list)
					}
					found := 0
					for _, k := range list {
						if slices.Contains(e.spares, k.name) {
							found++
							continue // tried last
						}
						for _, b := range []*authtest.Browser{v.b, holder} {
							r := k.offer(b, k.token)
							if k.name == "change" && r.Status == http.StatusUnauthorized {
								continue // nobody is signed in any more
							}
							refused(t, r, k.name)
						}
					}
					if found != len(e.spares) {
						t.Errorf("%d of the mails came that are to work still: %q", found, e.spares)
					}
					for _, k := range list {
						k.b = elsewhere(s)
						if slices.Contains(e.spares, k.name) {
							k.works(t, name)
							refused(t, k.offer(k.b, k.token), k.name+" once more")
						}
					}
				})
			}
		}
	})
}

// An undo is the owner's answer to a thief: it ends everything that the thief has asked
// for since.
func TestAnUndoEndsAllOtherSecrets(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		all := live(t, s)
		all["undo"].works(t, "asking for everything else")
		for name, k := range all {
			if name == "sign up" { // of another account
				k.works(t, "an undo")
				continue
			}
			if r := k.offer(k.b, k.token); name != "change" || r.Status != http.StatusUnauthorized {
				refused(t, r, name)
			}
		}
	})
}

// Of several who wait for one address, the first to prove it has it: nothing that was
// mailed to the others makes a second account, or lets them into this one.
func TestTheFirstProofEndsWhatElseWaits(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		names := []string{"sign up", "sign in for the first time", "sign up"}
		for first := range names {
			v := &visitor{email: person()}
			var list []kept
			for _, name := range names {
				v.b = elsewhere(s)
				k := kept{purpose: purposeOf(t, name), visitor: *v}
				k.to = k.ask(t, s, v)
				k.open(t, s)
				list = append(list, k)
			}
			s.Outbox.Fail(errLater)
			late := kept{purpose: purposeOf(t, "sign up"), visitor: visitor{b: elsewhere(s), email: v.email}}
			late.to = late.ask(t, s, &late.visitor)
			if err := s.Auth.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Outbox.Clear()
			s.Outbox.Fail(nil)
			list[first].works(t, "others that wait")
			if came := arrived(t, s, []kept{late}); len(came) != 0 {
				refused(t, late.offer(late.b, came[0].token), "a mail that came late")
			}
			for i, k := range list {
				refused(t, k.offer(k.b, k.token), k.name)
				if i != first {
					refused(t, k.try(k.b, k.typed), "the code to "+k.name)
				}
			}
			if n := client.User.Query().Where(user.Email(v.email)).CountX(t.Context()); n != 1 {
				t.Errorf("%d accounts have the address", n)
			}
		}
	})
}
