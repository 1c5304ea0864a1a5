package crash_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/ratelimit"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/internal/token"
)

const (
	expired = 1200 // six batches of a clean-up
	kept    = 20
)

// Killed amid clean-ups and sign-outs: who has signed out is out, who has not is in,
// what lives was not touched, and what has expired goes in the end.
func TestCleanUpAndSignOutsAreWhole(t *testing.T) {
	eachRound(t, func(t *testing.T, db testdb.DB, round int) {
		s := again(t, db)
		owner, err := s.register(t.Context(), person{Email: fmt.Sprintf("owner%d@example.com", round)})
		if err != nil {
			t.Fatal(err)
		}
		id := owner.User.ID
		old := seed(t, s, id, expired, -time.Hour)
		keep := seed(t, s, id, kept, time.Hour)
		j := job{Work: "sign out", Driver: db.Driver, DSN: db.DSN}
		for _, secret := range seed(t, s, id, operations, time.Hour) {
			j.People = append(j.People, person{Token: secret})
		}
		counters(t, s, round)
		s.client.Close()

		out := map[int]bool{}
		for _, a := range kill(t, j, operations/4) { // while the clean-ups run
			out[a.Person] = true
		}
		s = afterKill(t, db)
		whole(t, s, person{Email: fmt.Sprintf("new%d@example.com", round)})
		left, err := s.client.Session.Query().Where(session.UserID(id), session.ExpiresAtLT(time.Now().UTC())).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d of %d expired sessions are left", left, expired)
		live := signedOut(t, s, id, j.People, out)
		for range 2 { // before the clean-up is finished, and after
			for _, secret := range keep {
				if !opens(t, s, secret) {
					t.Fatal("a session that nobody ended is gone")
				}
			}
			for i := 0; i < len(old); i += 50 {
				if opens(t, s, old[i]) {
					t.Fatal("a session that has expired opens")
				}
			}
			if _, err := s.auth.CleanUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		nothingExpired(t, s)
		n, err := s.client.Session.Query().Where(session.UserID(id)).Count(t.Context())
		if want := 1 + kept + live; err != nil || n != want {
			t.Errorf("%d sessions, want %d (%v)", n, want, err)
		}
	})
}

// signedOut checks those who were signing out, and returns how many are still in. The
// event of a sign-out is part of it.
func signedOut(t *testing.T, s *site, userID string, people []person, acked map[int]bool) (live int) {
	t.Helper()
	silent := 0
	for i, p := range people {
		in := opens(t, s, p.Token)
		switch {
		case in && acked[i]:
			t.Error("an acknowledged sign-out was forgotten")
		case in:
			live++
		case !acked[i]:
			silent++
		}
	}
	if silent > workers {
		t.Errorf("%d sessions ended and were not acknowledged, more than the %d that were being ended", silent, workers)
	}
	// A sign-out and its event are one.
	written, err := s.client.AuthEvent.Query().
		Where(authevent.UserID(userID), authevent.Kind(auth.EventSignedOut)).Count(t.Context())
	if want := len(people) - live; err != nil || written != want {
		t.Errorf("%d sign-outs are in the log, %d have happened (%v)", written, want, err)
	}
	return live
}

func opens(t *testing.T, s *site, secret string) bool {
	t.Helper()
	_, _, err := s.auth.Session(t.Context(), secret)
	if err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
		t.Fatal(err)
	}
	return err == nil
}

// seed gives a user sessions that expire in a while d, and returns their tokens.
func seed(t *testing.T, s *site, userID string, n int, d time.Duration) []string {
	t.Helper()
	now := time.Now().UTC()
	seen := now.Add(min(d, 0) - time.Second)
	var list []string
	for len(list) < n {
		var rows []*ent.SessionCreate
		for range min(n-len(list), 400) {
			secret := token.New().Reveal()
			hash := token.HashOf(secret)
			list = append(list, secret)
			rows = append(rows, s.client.Session.Create().SetTokenHash(hash[:]).SetUserID(userID).
				SetCreatedAt(seen).SetLastSeenAt(seen).SetExpiresAt(now.Add(d)).SetAbsoluteExpiresAt(now.Add(d)))
		}
		if err := s.client.Session.CreateBulk(rows...).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// counters makes expired counters, which a clean-up deletes after the sessions.
func counters(t *testing.T, s *site, round int) {
	t.Helper()
	var rows []*ent.RateLimitCreate
	for i := range 400 {
		rows = append(rows, s.client.RateLimit.Create().SetID(fmt.Sprintf("a:%d:%d", round, i)).SetExpiresAt(time.Now().UTC().Add(-time.Hour)))
	}
	if err := s.client.RateLimit.CreateBulk(rows...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func nothingExpired(t *testing.T, s *site) {
	t.Helper()
	now := time.Now().UTC().Add(-time.Minute)
	old, err := s.client.Session.Query().Where(session.ExpiresAtLT(now)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	more, err := s.client.RateLimit.Query().Where(ratelimit.ExpiresAtLT(now)).Count(t.Context())
	if err != nil || old+more > 0 {
		t.Errorf("after a clean-up %d expired sessions and %d counters are left (%v)", old, more, err)
	}
}
