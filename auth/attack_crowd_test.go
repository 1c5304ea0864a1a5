package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// Many who want one address, at once.

// press is a mail's secret in the browser that may use it.
type press struct {
	b    *authtest.Browser
	path string
	body form
}

// pressed is the answer, from an address that no limit has seen.
func (p press) pressed(s *authtest.Site) string {
	b := p.b.Clone()
	b.IP = elsewhere(s).IP
	r := b.Post(p.path, p.body)
	return fmt.Sprint(r.Status, " ", r.Code())
}

// only fails the test where there was another answer than those.
func only(t *testing.T, s *authtest.Site, got map[string]int, answers ...string) {
	t.Helper()
	for answer := range got {
		if !slices.Contains(answers, answer) {
			t.Errorf("%v, want none but %q; log:\n%s", got, answers, s.Log())
			return
		}
	}
}

const (
	pressOK      = "200 "
	pressRefused = "400 invalid_token"
)

// Each of them is about to end all the others: in one order, or the database ends some
// of them for the rest.
func TestManyMailsOfOneAddressMakeOneAccount(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for range 2 {
			email := person()
			list := make([]press, 20)
			for i := range list {
				p := press{b: elsewhere(s), path: "/auth/email/verify"}
				if i%2 == 0 {
					posts(t, p.b, "/auth/register", credentials(email, fmt.Sprint(phrase, i)), http.StatusAccepted)
				} else {
					p.path = "/auth/magic-link/verify"
					posts(t, p.b, "/auth/magic-link", form{"email": email}, http.StatusAccepted)
				}
				p.body = form{"token": linked(t, s, email)}
				list[i] = p
			}
			got := authtest.InParallel(50, func(i int) string { return list[i%len(list)].pressed(s) })
			only(t, s, got, pressOK, pressRefused)
			if n := client.User.Query().Where(user.Email(email)).CountX(t.Context()); n != 1 || got[pressOK] != 1 {
				t.Errorf("%d accounts, and %v, want one", n, got)
			}
		}
	})
}

func TestAHostMakesTheAccountWhoseSignUpIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for range 3 {
			email := person()
			p := press{b: elsewhere(s), path: "/auth/email/verify"}
			posts(t, p.b, "/auth/register", credentials(email, phrase), http.StatusAccepted)
			p.body = form{"token": linked(t, s, email)}
			got := authtest.InParallel(20, func(i int) string {
				if i%2 == 0 {
					return p.pressed(s)
				}
				_, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: email, EmailVerified: i%4 == 1})
				if errors.Is(err, auth.ErrEmailTaken) {
					return "taken"
				}
				return fmt.Sprint("made ", err)
			})
			only(t, s, got, pressOK, pressRefused, "taken", "made <nil>")
			if n := client.User.Query().Where(user.Email(email)).CountX(t.Context()); n != 1 || got[pressOK] > 1 || got["made <nil>"] > 1 {
				t.Errorf("%d accounts, and %v, want one", n, got)
			}
		}
	})
}

func TestOfSeveralWhoChangeToOneAddressOneGetsIt(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		to, list := person(), make([]press, 10)
		for i := range list {
			v := member(t, s)
			posts(t, v.b, "/auth/email/change", form{"email": to}, http.StatusAccepted)
			list[i] = press{v.b, "/auth/email/change/confirm", form{"token": linked(t, s, to)}}
		}
		got := authtest.InParallel(len(list), func(i int) string { return list[i].pressed(s) })
		only(t, s, got, pressOK, pressRefused)
		if got[pressOK] != 1 {
			t.Errorf("%v, want one 200", got)
		}
	})
}

// All that can happen to an account whose address has just changed, and is about to again.
func TestWhateverHappensToAnAccountAtOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		ctx := t.Context()
		for name, end := range map[string]func(id string) error{
			"nothing else": func(string) error { return nil }, "disabling": func(id string) error { return s.Auth.DisableUser(ctx, id) },
			"deleting": func(id string) error { return s.Auth.DeleteUser(ctx, id) },
		} {
			v := member(t, s)
			first := v.email
			undo := press{elsewhere(s), "/auth/email/change/undo", form{"token": linked(t, s, askUndo(t, s, v))}}
			third := askChange(t, s, v)
			change := press{v.b, "/auth/email/change/confirm", form{"token": linked(t, s, third)}}
			reset := press{elsewhere(s), confirmPath, form{"token": resetLink(t, s, v.email), "new_password": phrase}}
			magic := press{elsewhere(s), "/auth/magic-link/verify", nil}
			posts(t, magic.b, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
			magic.body = form{"token": linked(t, s, v.email)}
			list := []press{undo, change, reset, magic}
			for _, email := range []string{first, v.email, third} {
				list = append(list, press{elsewhere(s), "/auth/register", credentials(email, phrase)})
			}
			got := authtest.InParallel(4*len(list)+1, func(i int) string {
				if i == 4*len(list) {
					return fmt.Sprint("end ", end(v.id))
				}
				p := list[i%len(list)]
				return p.path + " " + p.pressed(s)
			})
			for answer, n := range got {
				once := !strings.Contains(answer, "register") && (strings.Contains(answer, " 200") || strings.Contains(answer, " 204"))
				if strings.Contains(answer, " 500") || once && n > 1 || strings.HasPrefix(answer, "end") && answer != "end <nil>" {
					t.Errorf("with %s: %d times %q of %v; log:\n%s", name, n, answer, got, s.Log())
				}
			}
			u, err := s.Auth.User(ctx, v.id)
			switch {
			case name == "deleting" && err == nil, name != "deleting" && err != nil:
				t.Errorf("with %s: the account: %v", name, err)
			case err == nil && got["/auth/email/change/undo 204 "] == 1 && u.Email != first:
				t.Errorf("with %s: the change was undone, and the address is not the first one", name)
			}
			if n := client.User.Query().Where(user.EmailIn(first, v.email, third), user.IDNEQ(v.id)).CountX(ctx); n != 0 {
				t.Errorf("with %s: %d others have an address of the account, which nobody proved", name, n)
			}
		}
	})
}
