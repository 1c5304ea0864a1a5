package sessions_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

func TestTouchWritesOnceAMinute(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s, _ := d.open(d.user())
		for _, row := range []struct {
			name    string
			after   time.Duration
			written bool
		}{
			{"at once", 0, false},
			{"a moment before the minute", time.Minute - time.Microsecond, false},
			{"after a minute", time.Microsecond, true},
			{"at once again", 0, false},
			{"a minute later", time.Minute, true},
			{"a day later", 24 * time.Hour, true},
		} {
			d.clock.Advance(row.after)
			before := s
			var err error
			if s, err = d.Touch(ctx, d.client, s, row.name, "192.0.2.9"); err != nil {
				t.Fatal(err)
			}
			stored, err := d.client.Session.Get(ctx, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got := stored.UserAgent == row.name; got != row.written {
				t.Errorf("%s: written %t, want %t", row.name, got, row.written)
			}
			if got := !s.LastSeenAt.Equal(before.LastSeenAt); got != row.written || !stored.LastSeenAt.Equal(s.LastSeenAt) {
				t.Errorf("%s: seen at %v, stored %v, before %v", row.name, s.LastSeenAt, stored.LastSeenAt, before.LastSeenAt)
			}
		}
	})
}

func TestOneOfManyRequestsTouches(t *testing.T) {
	each(t, sessions.Config{IdleTimeout: time.Hour}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s, _ := d.open(d.user())
		d.clock.Advance(2 * time.Minute)
		wrote := authtest.InParallel(20, func(int) bool {
			seen, err := d.Touch(ctx, d.client, s, "", "")
			if err != nil {
				t.Error(err)
			}
			return seen.LastSeenAt.After(s.LastSeenAt)
		})[true]
		if wrote != 1 {
			t.Errorf("%d of 20 requests at once wrote, want 1", wrote)
		}
	})
}

func TestEndedSessionIsNotWrittenBack(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx, user := t.Context(), d.user()
		s, secret := d.open(user)
		d.clock.Advance(time.Hour)
		slow, _, err := d.Lookup(ctx, d.client, secret) // a request that takes its time
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Revoke(ctx, d.client, user, s.ID); err != nil {
			t.Fatal(err)
		}
		if live, err := d.Live(ctx, d.client, slow); err != nil || live {
			t.Errorf("Live of an ended session: %t, %v", live, err)
		}
		if _, err := d.Touch(ctx, d.client, slow, "late", ""); err != nil {
			t.Errorf("Touch of an ended session: %v", err)
		}
		if _, _, err := d.Rotate(ctx, d.client, slow); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Rotate of an ended session: %v, want ErrNotFound", err)
		}
		if d.stored(s.ID) || d.lives(secret) {
			t.Error("the ended session is back")
		}
	})
}

func TestOneOfManyRotationsWins(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s, old := d.open(d.user())
		var (
			mu    sync.Mutex
			fresh []string // guarded by mu
		)
		won := authtest.InParallel(8, func(int) bool {
			_, secret, err := d.Rotate(ctx, d.client, s)
			if err != nil {
				if !errors.Is(err, sessions.ErrNotFound) {
					t.Error(err)
				}
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			fresh = append(fresh, secret.Reveal())
			return true
		})[true]
		if won != 1 || !d.lives(fresh[0]) || d.lives(old) {
			t.Errorf("%d of 8 rotations won, the old token lives %t; want 1, whose token alone lives", won, d.lives(old))
		}
	})
}

func TestRotateRefuses(t *testing.T) {
	each(t, sessions.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s, _ := d.open(d.user())
		first, _, err := d.Rotate(ctx, d.client, s)
		if err != nil {
			t.Fatal(err)
		}
		second, secret, err := d.Rotate(ctx, d.client, first)
		if err != nil {
			t.Fatal(err)
		}
		stolen := second
		stolen.UserID = d.user()
		for _, row := range []struct {
			name string
			s    sessions.Session
		}{
			{"a session as it was before a rotation", s},
			{"a session as it was before the last rotation", first},
			{"a session under another user", stolen},
			{"a session that was never read", sessions.Session{ID: s.ID, UserID: s.UserID}},
			{"no session", sessions.Session{}},
		} {
			if _, _, err := d.Rotate(ctx, d.client, row.s); !errors.Is(err, sessions.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", row.name, err)
			}
		}
		if !d.lives(secret.Reveal()) {
			t.Error("a rotation that was refused has killed the token")
		}
	})
}

func TestRotationKeepsTheEndInSight(t *testing.T) {
	each(t, sessions.Config{Lifetime: time.Hour}, func(t *testing.T, d *desk) {
		s, _ := d.open(d.user())
		d.clock.Advance(59 * time.Minute)
		renewed, secret, err := d.Rotate(t.Context(), d.client, s)
		if err != nil || !renewed.AbsoluteExpiresAt.Equal(s.AbsoluteExpiresAt) {
			t.Fatalf("%+v, %v; want to end at %v", renewed, err, s.AbsoluteExpiresAt)
		}
		d.clock.Advance(time.Minute)
		if d.lives(secret.Reveal()) {
			t.Error("a rotation has prolonged the session")
		}
		if live, err := d.Live(t.Context(), d.client, renewed); err != nil || live {
			t.Errorf("Live of an expired session: %t, %v", live, err)
		}
	})
}

func TestLimitOfSessions(t *testing.T) {
	each(t, sessions.Config{MaxPerUser: 3}, func(t *testing.T, d *desk) {
		ctx, user := t.Context(), d.user()
		other, _ := d.open(d.user())
		first, firstToken := d.open(user)
		d.clock.Advance(time.Minute)
		second, _ := d.open(user)
		d.clock.Advance(time.Minute)
		third, _ := d.open(user)
		d.clock.Advance(time.Minute)
		s, _, err := d.Lookup(ctx, d.client, firstToken)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Touch(ctx, d.client, s, "", ""); err != nil {
			t.Fatal(err)
		}
		// The clock stands still from here: the new one goes not even then.
		fourth, fourthToken := d.open(user)
		if d.stored(second.ID) || !d.stored(first.ID) || !d.stored(third.ID) || !d.lives(fourthToken) {
			t.Error("the fourth session must end the second, which was used longest ago")
		}
		fifth, fifthToken := d.open(user)
		if d.stored(third.ID) || !d.lives(fifthToken) || !d.stored(fourth.ID) || !d.stored(first.ID) {
			t.Error("the fifth session must end the third")
		}
		if !d.stored(other.ID) {
			t.Error("somebody else's session was ended")
		}

		// A limit that was lowered holds from the next sign-in on.
		d = d.with(sessions.Config{MaxPerUser: 1})
		sixth, _ := d.open(user)
		ids, err := d.client.Session.Query().Where(session.UserID(user)).IDs(ctx)
		if err != nil || !slices.Equal(ids, []string{sixth.ID}) {
			t.Errorf("sessions %v, %v, want only the new %s; others: %s", ids, err, sixth.ID, fifth.ID)
		}
	})
}

func TestLimitOfSessionsUnderParallelSignIns(t *testing.T) {
	const most = 5
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client, err := migrate.Open(ctx, db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		site := authtest.NewOn(t, client, auth.Config{Sessions: sessions.Config{MaxPerUser: most}})
		u, err := site.Auth.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		opened := authtest.InParallel(20, func(int) bool {
			_, err := site.Auth.CreateSession(ctx, u.ID, auth.Client{})
			if err != nil {
				t.Error(err)
			}
			return err == nil
		})[true]
		list, err := site.Auth.Sessions(ctx, u.ID)
		if err != nil || opened != 20 || len(list) != most {
			t.Errorf("%d of 20 sign-ins at once, %d sessions left, %v; want %d", opened, len(list), err, most)
		}
	})
}
