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

// crowd is how many people come at the same moment.
const crowd = 200

// Two hundred people come at once, for the first time and then again, every second one by
// an app. Each ends in a session that opens their own account and no other.
func TestNobodyIsMixedUp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ids := make([]string, crowd)
		tokens := map[string]int{}
		for round := range 2 {
			sent := s.idp.TokenRequests()
			visitors, callbacks := make([]*authtest.Browser, crowd), make([]string, crowd)
			for i := range visitors {
				if visitors[i] = s.Browser(); i%2 == 1 {
					visitors[i] = s.App()
				}
				visitors[i].IP = fmt.Sprintf("198.51.100.%d", i)
				to, _ := begin(visitors[i], map[string]any{})
				callbacks[i] = s.visit(t, to, person(fmt.Sprint("person", i)))
			}
			replies := make([]*authtest.Reply, crowd)
			got := authtest.InParallel(crowd, func(i int) bool {
				replies[i] = back(visitors[i], callbacks[i])
				return isPerson(t, i, replies[i])
			})
			if got[true] != crowd || s.users(t) != crowd || s.links(t) != crowd || s.sessions(t) != crowd*(round+1) || s.idp.TokenRequests()-sent != crowd {
				t.Errorf("round %d: %v, %d users, %d links, %d sessions, %d requests", round, got, s.users(t), s.links(t), s.sessions(t), s.idp.TokenRequests()-sent)
			}
			for i, r := range replies {
				if ids[i] != "" && ids[i] != r.UserID() {
					t.Errorf("person%d was %s and is %s", i, ids[i], r.UserID())
				}
				ids[i] = r.UserID()
				token := visitors[i].Session()
				if i%2 == 1 {
					token = r.Token()
				}
				tokens[token] = i
			}
		}
		opensItsOwn(t, s, ids, tokens)
	})
}

// isPerson tells whether an answer is about one of the crowd.
func isPerson(t *testing.T, i int, r *authtest.Reply) bool {
	var told struct {
		User    struct{ ID, Email string }
		Session struct {
			UserID string `json:"user_id"`
		}
	}
	ok := r.Status == http.StatusOK && r.JSON(&told) == nil && told.User.Email == fmt.Sprintf("person%d@example.org", i) &&
		(told.Session.UserID == "" || told.Session.UserID == told.User.ID)
	if !ok {
		t.Errorf("person%d: %v", i, r)
	}
	return ok
}

// opensItsOwn tries every token of two rounds, by an app that has nothing else.
func opensItsOwn(t *testing.T, s *site, ids []string, tokens map[string]int) {
	t.Helper()
	var list []string
	for token := range tokens {
		list = append(list, token)
	}
	if len(list) != 2*crowd {
		t.Fatalf("%d tokens", len(list))
	}
	got := authtest.InParallel(len(list), func(n int) bool {
		i, app := tokens[list[n]], s.App()
		app.Header.Set("Authorization", "Bearer "+list[n])
		me, session := app.Get("/auth/user"), app.Get("/auth/session")
		return isPerson(t, i, me) && isPerson(t, i, session) && me.UserID() == ids[i]
	})
	if got[true] != len(list) {
		t.Errorf("%v", got)
	}
	distinct := map[string]bool{}
	for _, id := range ids {
		distinct[id] = true
	}
	if len(distinct) != crowd {
		t.Errorf("%d accounts", len(distinct))
	}
}

// stolenCrowd has as many thieves come at the same moment as people, each with the
// callback of somebody else and a sign-in of their own that waits.
func stolenCrowd(t *testing.T) {
	s := lite(t)
	callbacks, visitors := make([]string, crowd/2), make([]*authtest.Browser, crowd)
	for i := range visitors {
		visitors[i] = s.Browser()
		visitors[i].IP = fmt.Sprintf("198.51.100.%d", i)
		to, _ := begin(visitors[i], map[string]any{})
		if i < crowd/2 {
			callbacks[i] = s.visit(t, to, person(fmt.Sprint("person", i)))
		}
	}
	got := authtest.InParallel(crowd, func(i int) string {
		r := back(visitors[i], callbacks[i%(crowd/2)])
		if i < crowd/2 && !isPerson(t, i, r) || i >= crowd/2 && visitors[i].Session() != "" {
			return "wrong"
		}
		return r.Code()
	})
	want := ledger{users: crowd / 2, sessions: crowd / 2, links: crowd / 2, sent: crowd / 2}
	if after := s.ledger(t); got[""] != crowd/2 || got["oauth_expired"] != crowd/2 || after != want {
		t.Errorf("%v, %+v, want %+v", got, after, want)
	}
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
