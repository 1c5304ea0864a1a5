package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

// stateError is an error as PostgreSQL's drivers give it.
type stateError string

func (e stateError) Error() string    { return "database says " + string(e) }
func (e stateError) SQLState() string { return string(e) }

func TestWhatGoesAwayByItselfIsTriedAgain(t *testing.T) {
	tests := []struct {
		name string
		err  error
	}{
		{"a deadlock of MySQL", errors.New("Error 1213 (40001): Deadlock found when trying to get lock")},
		{"a lock wait of MySQL", errors.New("Error 1205 (HY000): Lock wait timeout exceeded")},
		{"a deadlock of PostgreSQL", stateError("40P01")},
		{"a serialization failure of PostgreSQL", fmt.Errorf("hook: %w", stateError("40001"))},
		{"a busy SQLite", errors.New("database is locked")},
		{"a busy SQLite of another driver", errors.New("SQLITE_BUSY: busy")},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			calls := 0
			a := newSite(t, client, auth.Config{Hooks: []auth.Hook{func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
				if e.Kind != auth.EventSignedIn {
					return nil
				}
				calls++
				if err := note(ctx, tx, e); err != nil {
					return err
				}
				if calls == 1 {
					return tt.err
				}
				return nil
			}}}).Auth
			u := newUser(t, a)
			before := notes(t, client)
			if _, err := a.CreateSession(t.Context(), u.ID, auth.Client{}); err != nil || calls != 2 {
				t.Errorf("%s: CreateSession = %v after %d calls of the hook, want success after 2", tt.name, err, calls)
			}
			if n := notes(t, client) - before; n != 1 {
				t.Errorf("%s: %d notes, want the second try's alone", tt.name, n)
			}
			if got, want := events(t, client, u.ID), []string{"user.created", "sign_in.succeeded", "host.note"}; !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("%s: events %q, want %q", tt.name, got, want)
			}
		}
	})
}

func TestWhatDoesNotGoAwayIsReported(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		calls int
	}{
		{"a deadlock every time", errors.New("Error 1213: Deadlock"), 4},
		{"a unique violation", stateError("23505"), 1},
		{"a mistake", errors.New("no such host"), 1},
		{"a refusal", auth.ErrRefused, 1},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			calls := 0
			a := newSite(t, client, auth.Config{Hooks: []auth.Hook{func(_ context.Context, _ *auth.Tx, e auth.Event) error {
				if e.Kind != auth.EventSignedIn {
					return nil
				}
				calls++
				return tt.err
			}}}).Auth
			u := newUser(t, a)
			if _, err := a.CreateSession(t.Context(), u.ID, auth.Client{}); !errors.Is(err, tt.err) || calls != tt.calls {
				t.Errorf("%s: CreateSession = %v after %d calls of the hook, want %v after %d", tt.name, err, calls, tt.err, tt.calls)
			}
			if got, want := events(t, client, u.ID), []string{"user.created", "sign_in.failed"}; !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("%s: events %q, want %q", tt.name, got, want)
			}
		}
	})
}

func TestACallerWhoHangsUpIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		a := newSite(t, client, auth.Config{Hooks: []auth.Hook{func(_ context.Context, _ *auth.Tx, e auth.Event) error {
			if e.Kind == auth.EventSignedIn {
				cancel()
			}
			return nil
		}}}).Auth
		u := newUser(t, a)
		before := rows(t, client)
		if _, err := a.CreateSession(ctx, u.ID, auth.Client{}); !errors.Is(err, context.Canceled) {
			t.Errorf("CreateSession = %v, want context.Canceled", err)
		}
		unchanged(t, client, before, "a sign-in whose caller hung up")
		if got, want := events(t, client, u.ID), []string{"user.created", "sign_in.failed"}; !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("events %q, want %q: a try outlives who made it", got, want)
		}
	})
}
