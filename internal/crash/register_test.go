package crash_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
)

// Killed amid registrations: who was told to have an account has one, and everybody
// else has a whole one or none and can still register.
func TestRegistrationsAreWhole(t *testing.T) {
	eachRound(t, func(t *testing.T, db testdb.DB, round int) {
		j := job{Work: "register", Driver: db.Driver, DSN: db.DSN}
		for i := range operations {
			j.People = append(j.People, person{Email: fmt.Sprintf("p%d-%d@example.com", round, i)})
		}
		acks := kill(t, j, operations/2)
		s := afterKill(t, db)
		whole(t, s, person{Email: fmt.Sprintf("new%d@example.com", round)})

		all, err := s.client.User.Query().All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		users := map[string]*ent.User{}
		for _, u := range all {
			users[u.Email] = u
		}
		token := map[int]string{}
		late := map[int]bool{} // those who were told shortly before the end
		for n, a := range acks {
			token[a.Person] = a.Token
			late[a.Person] = n >= len(acks)-5*workers
		}
		silent := 0
		for i, p := range j.People {
			u, acked := users[p.Email], token[i] != ""
			switch {
			case u == nil && acked:
				t.Errorf("%s was registered and is not there", p.Email)
			case u != nil && !acked:
				silent++
				registered(t, s, p, u, "")
			case late[i]:
				registered(t, s, p, u, token[i])
			}
		}
		if silent > workers {
			t.Errorf("%d accounts were made and not acknowledged, more than the %d that were being made", silent, workers)
		}
		mayRegister(t, s, j.People, token)
	})
}

// registered checks one account: its session, which the registration opened with it,
// the events of both, and that the password opens it.
func registered(t *testing.T, s *site, p person, u *ent.User, token string) {
	t.Helper()
	ctx := t.Context()
	list, err := s.client.Session.Query().Where(session.UserID(u.ID)).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	events, err := s.client.AuthEvent.Query().
		Where(authevent.UserID(u.ID), authevent.Kind(auth.EventSignedIn)).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || len(events) != 1 || events[0].SessionID != list[0].ID {
		t.Errorf("%s: %d sessions, %d sign-ins, want one of the other", p.Email, len(list), len(events))
	}
	if token != "" {
		if _, who, err := s.auth.Session(ctx, token); err != nil || who.ID != u.ID {
			t.Errorf("%s: the acknowledged session: %v", p.Email, err)
		}
	}
	if _, err := s.signIn(ctx, p, 0); err != nil {
		t.Errorf("%s has an account and cannot sign in: %v", p.Email, err)
	}
}

// mayRegister tries the people that were asked for last, who are in doubt: with an
// account the address is taken, without one it is free.
func mayRegister(t *testing.T, s *site, people []person, acked map[int]string) {
	t.Helper()
	tried := 0
	for i, p := range people {
		if acked[i] != "" || tried == 2*workers {
			continue
		}
		tried++
		_, err := s.signIn(t.Context(), p, 0)
		has := err == nil
		if _, err := s.register(t.Context(), p); has != errors.Is(err, auth.ErrEmailTaken) || !has && err != nil {
			t.Errorf("%s, who can sign in %t, registers: %v", p.Email, has, err)
		}
		if _, err := s.signIn(t.Context(), p, 0); err != nil {
			t.Errorf("%s, registered after the kill: %v", p.Email, err)
		}
	}
}
