package auth_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// tally is what an account has that a secret might give it twice.
type tally struct{ accounts, sessions, events int }

// tallyOf counts for the account that a secret is for, or makes: of the one with the
// address, if there is no id yet.
func (k kept) tallyOf(t *testing.T, s *authtest.Site) tally {
	t.Helper()
	id := k.id
	if id == "" {
		u, err := s.Client.User.Query().Where(user.Email(k.to)).Only(t.Context())
		if ent.IsNotFound(err) {
			return tally{}
		}
		if err != nil {
			t.Fatal(err)
		}
		id = u.ID
	}
	list, err := s.Auth.Sessions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n := tally{accounts: s.Client.User.Query().CountX(t.Context()), sessions: len(list)}
	for _, kind := range events(t, s.Client, id) {
		if kind == k.event {
			n.events++
		}
	}
	return n
}

// Fifty presses on one button, each from a copy of the right browser.
func TestEveryMailedSecretIsUsedOnce(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		ways := map[string]func(k kept, b *authtest.Browser) *authtest.Reply{
			"link": func(k kept, b *authtest.Browser) *authtest.Reply { return k.offer(b, k.token) },
		}
		if p.code {
			ways["code"] = func(k kept, b *authtest.Browser) *authtest.Reply { return k.try(b, k.typed) }
		}
		for way, use := range ways {
			k := p.prepare(t, s)
			before, people := k.tallyOf(t, s), s.Client.User.Query().CountX(t.Context())
			copies := make([]*authtest.Browser, 50)
			for i := range copies {
				copies[i] = k.b.Clone()
			}
			got := authtest.InParallel(len(copies), func(i int) string {
				r := use(k, copies[i])
				return fmt.Sprint(r.Status, r.Code())
			})
			won := fmt.Sprint(p.status)
			if got[won] != 1 {
				t.Errorf("the %s, 50 times at once: %v, want one %s", way, got, won)
			}
			others := []string{won, "400invalid_token"}
			if way == "code" {
				others = append(others, "429too_many_attempts") // five are compared, right or wrong
			}
			if p.name == "change" {
				others = append(others, "401unauthenticated") // the winner has renewed the session
			}
			for answer := range got {
				if !slices.Contains(others, answer) {
					t.Errorf("the %s, 50 times at once: %v, want none but %q", way, got, others)
				}
			}
			want := tally{accounts: people, sessions: p.sessions, events: before.events + 1}
			if !p.member {
				want.accounts++
			}
			if n := k.tallyOf(t, s); n != want {
				t.Errorf("the %s left %+v, want %+v", way, n, want)
			}
			i := slices.IndexFunc(copies, func(b *authtest.Browser) bool { return b.Session() != "" && b.Session() != k.b.Session() })
			if p.sessions > 0 && p.name != "verify" && i < 0 {
				t.Errorf("the %s: nobody of the 50 holds a session", way)
			}
			if i < 0 {
				i = 0
			}
			s.Clock.Advance(20 * time.Minute) // what the limit on codes keeps waiting
			refused(t, use(k, copies[i]), "the "+way+" once more")
			refused(t, k.offer(copies[i], k.token), "the link of the same mail")
			if n := k.tallyOf(t, s); n.sessions > want.sessions || n.events != want.events || n.accounts != want.accounts {
				t.Errorf("the %s once more left %+v, want %+v", way, n, want)
			}
		}
	})
}

// Several mails may be on their way: each one's secret is good until one is used.
func TestUsingOneMailEndsTheOthersOfItsKind(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		if p.name == "undo" {
			undoes(t, s, k)
			return
		}
		older, stale := k, k.b.Clone()
		if p.name == "sign up" {
			posts(t, k.b, "/auth/email/verify/request", map[string]string{"email": k.to}, http.StatusAccepted)
		} else {
			k.to = p.ask(t, s, &k.visitor)
		}
		k.open(t, s)
		if k.token == older.token {
			t.Fatal("the second mail has the first one's secret")
		}
		k.works(t, "another mail")
		for _, b := range []*authtest.Browser{k.b, stale} {
			r := older.offer(b, older.token)
			if p.name == "change" && r.Status == http.StatusUnauthorized {
				continue // the session of before was renewed
			}
			refused(t, r, "the older link")
		}
	})
}

// undoes is about the undos of several changes: each goes back to a moment, and ends
// the later ones with what has happened since.
func undoes(t *testing.T, s *authtest.Site, first kept) {
	t.Helper()
	again := func(k kept) kept {
		s.Clock.Advance(time.Minute)
		k.to = k.ask(t, s, &k.visitor)
		k.open(t, s)
		return k
	}
	later := again(first)
	first.works(t, "another change")
	refused(t, later.offer(later.b, later.token), "the undo of a change that was undone")

	first = first.prepare(t, s)
	later = again(first)
	later.works(t, "another change")
	first.works(t, "the undo of another change")
	if u, err := s.Auth.User(t.Context(), first.id); err != nil || u.Email != first.to {
		t.Errorf("after both undos: %v, want the first address again", err)
	}
}
