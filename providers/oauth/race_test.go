package oauth_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
)

const many = 50

// One state opens one session, however often its callback comes.
func TestOneStateOpensOneSession(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.Browser()
		to, _ := begin(b, map[string]any{})
		callback := s.visit(t, to, person("ada"))
		browsers := make([]*authtest.Browser, many)
		for i := range browsers {
			browsers[i] = b.Clone()
		}
		got := authtest.InParallel(many, func(i int) string {
			r := back(browsers[i], callback)
			return fmt.Sprint(r.Status, r.Code())
		})
		if got["200"] != 1 || got["400oauth_expired"] != many-1 || s.sessions(t) != 1 || s.users(t) != 1 || s.idp.TokenRequests() != 1 {
			t.Errorf("%v, %d sessions, %d users, the code was sent %d times", got, s.sessions(t), s.users(t), s.idp.TokenRequests())
		}
	})
}

// Many people at once end up as themselves.
func TestNobodyIsMixedUp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		browsers, callbacks := make([]*authtest.Browser, many), make([]string, many)
		for i := range browsers {
			browsers[i] = s.Browser()
			browsers[i].IP = fmt.Sprintf("198.51.100.%d", i)
			to, _ := begin(browsers[i], map[string]any{})
			callbacks[i] = s.visit(t, to, person(fmt.Sprint("person", i)))
		}
		got := authtest.InParallel(many, func(i int) bool {
			r := back(browsers[i], callbacks[i])
			var told struct{ User struct{ Email string } }
			if err := r.JSON(&told); err != nil || told.User.Email != fmt.Sprintf("person%d@example.org", i) {
				t.Errorf("person%d: %v", i, r)
				return false
			}
			me := browsers[i].Get("/auth/user")
			return me.Status == http.StatusOK && me.UserID() == r.UserID()
		})
		if got[true] != many || s.users(t) != many || s.links(t) != many {
			t.Errorf("%v, %d users, %d links", got, s.users(t), s.links(t))
		}
	})
}

// One person in many browsers, for the first time everywhere, is one account.
func TestOnePersonIsOneAccount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const n = 10
		browsers, callbacks := make([]*authtest.Browser, n), make([]string, n)
		for i := range browsers {
			browsers[i] = s.Browser()
			to, _ := begin(browsers[i], map[string]any{})
			callbacks[i] = s.visit(t, to, person("ada"))
		}
		got := authtest.InParallel(n, func(i int) string {
			r := back(browsers[i], callbacks[i])
			return fmt.Sprint(r.Status, r.Code())
		})
		if got["200"] != n || s.users(t) != 1 || s.links(t) != 1 || s.sessions(t) != n {
			t.Errorf("%v, %d users, %d links, %d sessions", got, s.users(t), s.links(t), s.sessions(t))
		}
	})
}

// Of two removals at once one leaves the other's way in.
func TestTwoUnlinks(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for round := range 5 {
			b := s.Browser()
			email := fmt.Sprintf("round%d@example.net", round)
			for i := range 2 {
				who := authtest.Person{Subject: fmt.Sprint(email, i), Email: email}
				if i == 0 {
					s.come(t, b, who, map[string]any{"fresh": true})
				} else if r := s.come(t, b, who, linkIt); r.Status != http.StatusOK {
					t.Fatalf("link: %v", r)
				}
			}
			list := accounts(t, b).Accounts
			browsers := []*authtest.Browser{b.Clone(), b.Clone()}
			got := authtest.InParallel(2, func(i int) string {
				r := browsers[i].Delete("/auth/oauth/accounts/" + list[i].ID)
				return fmt.Sprint(r.Status, r.Code())
			})
			if got["204"] != 1 || got["409"+auth.ErrLastSignInMethod.Code] != 1 || len(accounts(t, b).Accounts) != 1 {
				t.Errorf("%v", got)
			}
		}
	})
}
