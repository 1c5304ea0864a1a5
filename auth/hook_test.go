package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
)

// note writes a line of the host's own through the transaction.
func note(ctx context.Context, tx *auth.Tx, e auth.Event) error {
	return tx.Client().AuthEvent.Create().SetKind("host.note").SetUserID(e.UserID).SetCreatedAt(tx.Now()).Exec(ctx)
}

func notes(t testing.TB, c *ent.Client) int {
	t.Helper()
	n, err := c.AuthEvent.Query().Where(authevent.Kind("host.note")).Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHooksHearOfEveryChangeInOrder(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var heard []string
		hook := func(name string) auth.Hook {
			return func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
				heard = append(heard, name+" "+e.Kind)
				if e.UserID == "" || !e.At.Equal(authtest.Start) || e.IP != "192.0.2.1" || e.UserAgent != "authtest" {
					t.Errorf("%s was told %+v", name, e)
				}
				return note(ctx, tx, e)
			}
		}
		s := newSite(t, client, auth.Config{Hooks: []auth.Hook{hook("first"), hook("second")}})
		register(t, s.Browser(), person())
		want := []string{
			"first user.created", "second user.created", "first credential.added", "second credential.added",
			"first sign_in.succeeded", "second sign_in.succeeded",
		}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
		if n := notes(t, client); n != len(want) {
			t.Errorf("%d notes, want %d", n, len(want))
		}
	})
}

func TestWhatAHookRefusesDoesNotHappen(t *testing.T) {
	own := &auth.Error{Code: "trial_over", Status: http.StatusForbidden, Message: "The trial is over."}
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"a refusal", auth.ErrRefused, 403, "refused"},
		{"a refusal with a reason for the log", fmt.Errorf("blocked country: %w", auth.ErrRefused), 403, "refused"},
		{"a refusal in the application's own words", own, 403, "trial_over"},
		{"a mistake", errors.New("canary-internal: connection to 10.1.2.3 refused"), 500, "internal"},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range tests {
			var later atomic.Bool
			var armed atomic.Bool
			s := newSite(t, client, auth.Config{Hooks: []auth.Hook{
				func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
					if !armed.Load() || e.Kind != auth.EventSignedIn {
						return nil
					}
					if err := note(ctx, tx, e); err != nil {
						return err
					}
					if err := tx.Client().User.UpdateOneID(e.UserID).SetName("changed by the hook").Exec(ctx); err != nil {
						return err
					}
					return tt.err
				},
				func(_ context.Context, _ *auth.Tx, e auth.Event) error {
					later.Store(later.Load() || armed.Load() && e.Kind == auth.EventSignedIn)
					return nil
				},
			}})
			email := person()
			userID := register(t, s.Browser(), email)
			before := rows(t, client)
			armed.Store(true)
			b := s.Browser()
			r := b.Post("/auth/login", credentials(email, phrase))
			if r.Status != tt.status || r.Code() != tt.code || len(r.Cookies) != 0 || strings.Contains(string(r.Body), "canary") {
				t.Errorf("%s: %v, cookies %v, want %d %s", tt.name, r, r.Cookies, tt.status, tt.code)
			}
			if _, err := s.Auth.CreateSession(t.Context(), userID, auth.Client{}); !errors.Is(err, tt.err) {
				t.Errorf("%s: CreateSession = %v, want %v", tt.name, err, tt.err)
			}
			unchanged(t, client, before, tt.name)
			u := client.User.GetX(t.Context(), userID)
			if n := notes(t, client); n != 0 || u.Name != nil || later.Load() {
				t.Errorf("%s: %d notes, name %v, the next hook heard of it %t", tt.name, n, u.Name, later.Load())
			}
			codes := client.AuthEvent.Query().Where(authevent.UserID(userID), authevent.Kind(auth.EventSignInFailed)).
				Select(authevent.FieldCode).StringsX(t.Context())
			if !slices.Equal(codes, []string{tt.code, tt.code}) {
				t.Errorf("%s: codes of the events of failure %q, want %q twice", tt.name, codes, tt.code)
			}
			if tt.status == 500 && (!strings.Contains(s.Log(), "canary-internal") || r.Header.Get("Torii-Request-Id") == "") {
				t.Errorf("%s: the log has not the whole of it, or the answer no id to find it by:\n%s", tt.name, s.Log())
			}
		}
	})
}

func TestFiftyRefusalsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a := newSite(t, client, auth.Config{Hooks: []auth.Hook{func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
			if e.Kind != auth.EventSignedIn {
				return nil
			}
			if err := note(ctx, tx, e); err != nil {
				return err
			}
			return auth.ErrRefused
		}}}).Auth
		for name, users := range map[string]int{"fifty users": 50, "one user": 1} {
			ids := make([]string, users)
			for i := range ids {
				ids[i] = newUser(t, a).ID
			}
			got := authtest.InParallel(50, func(i int) string {
				_, err := a.CreateSession(t.Context(), ids[i%users], auth.Client{})
				if errors.Is(err, auth.ErrRefused) {
					return "refused"
				}
				return fmt.Sprint(err)
			})
			if got["refused"] != 50 {
				t.Errorf("%s: answers %v, want 50 refusals", name, got)
			}
			failures := client.AuthEvent.Query().Where(authevent.UserIDIn(ids...), authevent.Kind(auth.EventSignInFailed), authevent.Code("refused")).CountX(t.Context())
			if n := client.Session.Query().CountX(t.Context()); n != 0 || failures != 50 || notes(t, client) != 0 {
				t.Errorf("%s: %d sessions, %d events of failure, %d notes; want 0, 50, 0", name, n, failures, notes(t, client))
			}
		}
	})
}

func TestAHookThatPanicsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var armed atomic.Bool
		s := newSite(t, client, auth.Config{Hooks: []auth.Hook{func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
			if !armed.Load() {
				return nil
			}
			_ = note(ctx, tx, e) // rolled back with the rest
			panic("canary-panic")
		}}})
		u, before := newUser(t, s.Auth), rows(t, client)
		armed.Store(true)
		func() {
			defer func() {
				if v := recover(); v != "canary-panic" {
					t.Errorf("CreateSession panicked with %v, want what the hook panicked with", v)
				}
			}()
			_, err := s.Auth.CreateSession(t.Context(), u.ID, auth.Client{})
			t.Errorf("CreateSession returned %v", err)
		}()
		r := s.Browser().Post("/auth/register", credentials(person(), phrase))
		if r.Status != http.StatusInternalServerError || r.Code() != "internal" || strings.Contains(string(r.Body), "canary") {
			t.Errorf("sign-up with a hook that panics: %v, want 500 internal", r)
		}
		unchanged(t, client, before, "panics")
		armed.Store(false)
		if n := notes(t, client); n != 0 {
			t.Errorf("%d notes are left", n)
		}
		newSession(t, s.Auth, u.ID)
	})
}
