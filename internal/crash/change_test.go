package crash_test

import (
	"fmt"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/internal/testdb"
)

// Killed amid changes of passwords: one password works, never an earlier one than was
// acknowledged, and the session's token is the one that belongs to it.
func TestPasswordChangesAreWhole(t *testing.T) {
	people := map[string][]person{} // by database; each has its own key before the rounds begin
	for _, name := range testdb.Names() {
		people[name] = make([]person, operations/changes)
	}
	eachRound(t, func(t *testing.T, db testdb.DB, round int) {
		them := people[db.Name]
		if round == 0 {
			s := again(t, db)
			for i := range them {
				them[i].Email = fmt.Sprintf("p%d@example.com", i)
				if _, err := s.register(t.Context(), them[i]); err != nil {
					t.Fatal(err)
				}
			}
			s.client.Close()
		}
		last := map[int]ack{}
		for _, a := range kill(t, job{Work: "change", Driver: db.Driver, DSN: db.DSN, People: them}, operations*3/4) {
			last[a.Person] = a
		}
		s := afterKill(t, db)
		whole(t, s, person{Email: fmt.Sprintf("new%d@example.com", round)})
		for i := range them {
			them[i].Turn = changed(t, s, them[i], last[i])
		}
	})
}

// changed checks one person, of whom last was the last acknowledgement, and returns
// which password works.
func changed(t *testing.T, s *site, p person, last ack) int {
	t.Helper()
	ctx := t.Context()
	acked := max(p.Turn, last.Turn)
	u, err := s.auth.UserByEmail(ctx, p.Email)
	if err != nil {
		t.Fatal(err)
	}
	live, err := s.auth.Sessions(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.auth.Session(ctx, last.Token)
	opens := err == nil

	var works []int
	for _, turn := range []int{acked - 1, acked + 1, acked} {
		if _, err := s.signIn(ctx, p, turn); err == nil {
			works = append(works, turn)
		}
	}
	if len(works) != 1 || works[0] < acked {
		t.Fatalf("%s, password %d acknowledged: %v work, want that or the next", p.Email, acked, works)
	}
	turn := works[0]
	written, err := s.client.AuthEvent.Query().
		Where(authevent.UserID(u.ID), authevent.Kind(auth.EventCredentialChanged)).Count(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if written != turn {
		t.Errorf("%s: %d changes are in the log, password %d works", p.Email, written, turn)
	}
	// A change ends the other sessions and gives its own another token, all or nothing.
	if last.Turn > 0 && (len(live) != 1 || opens != (turn == acked)) {
		t.Errorf("%s: %d sessions, password %d works, %d was acknowledged, its token opens %t", p.Email, len(live), turn, acked, opens)
	}
	return turn
}
