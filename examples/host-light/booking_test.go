package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/session"
)

// rows counts what a sign-up writes.
func (h host) rows(ctx context.Context, t *testing.T) map[string]int {
	t.Helper()
	return map[string]int{
		"users":       h.client.User.Query().CountX(ctx),
		"bookings":    h.client.Booking.Query().CountX(ctx),
		"credentials": h.torii.Credential.Query().CountX(ctx),
		"signed in":   h.torii.Session.Query().CountX(ctx),
	}
}

// The life of an account, through the addresses of the program.
func TestSignUp(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		plan := b.call("GET", "/sessions", nil).said.Sessions
		if len(plan) != 2 {
			t.Fatalf("the plan is %v", plan)
		}
		easy, hard := "/sessions/"+strconv.Itoa(plan[0].ID)+"/bookings", "/sessions/"+strconv.Itoa(plan[1].ID)+"/bookings"
		want(t, "sign up", b.call("POST", "/signup", body{"email": "Ada@example.org", "password": phrase, "session": plan[0].ID}), 201, "")
		want(t, "before signing in", b.call("GET", "/bookings", nil), 401, "unauthenticated")
		want(t, "sign in", b.call("POST", "/auth/login", body{"email": "ada@example.org", "password": phrase}), 200, "")
		want(t, "the same again", b.call("POST", easy, nil), 409, "already_booked")
		want(t, "one for the advanced", b.call("POST", hard, nil), 403, "too_advanced")
		want(t, "one that is not there", b.call("POST", "/sessions/0/bookings", nil), 422, "invalid_fields")

		// The studio's field of User is Torii's to show and to change.
		if got := b.call("GET", "/auth/user", nil); got.said.User.Level != "beginner" {
			t.Errorf("user: %s", got.body)
		}
		want(t, "no level", b.call("PATCH", "/auth/user", body{"level": "master"}), 422, "invalid_fields")
		want(t, "a year later", b.call("PATCH", "/auth/user", body{"level": "advanced"}), 200, "")
		want(t, "one for the advanced", b.call("POST", hard, nil), 201, "")
		if got := b.call("GET", "/bookings", nil); !slices.Equal(got.said.Bookings, []string{"Sun salutation", "Handstands"}) {
			t.Errorf("bookings: %s", got.body)
		}
		b.site = "cross-site"
		want(t, "another site's page", b.call("POST", easy, nil), 403, "forbidden_origin")
		want(t, "another site's form", b.call("POST", "/signup", body{"email": "eve@example.org", "password": phrase, "session": plan[0].ID}), 403, "forbidden_origin")
	})
}

func TestBothOrNeither(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		plan := b.call("GET", "/sessions", nil).said.Sessions
		want(t, "sign up", b.call("POST", "/signup", body{"email": "ada@example.org", "password": phrase, "session": plan[0].ID}), 201, "")
		before := h.rows(t.Context(), t)
		for _, row := range []struct {
			name    string
			email   string
			session int
			status  int
			code    string
		}{
			{"a session that is not there", "bob@example.org", -1, 422, "invalid_fields"},
			{"a session for the advanced", "bob@example.org", plan[1].ID, 403, "too_advanced"},
			{"an address that is taken", "ADA@example.org", plan[0].ID, 409, "email_taken"},
			{"an address that is none", "bob", plan[0].ID, 422, "invalid_fields"},
		} {
			want(t, row.name, b.call("POST", "/signup", body{"email": row.email, "password": phrase, "session": row.session}), row.status, row.code)
			for what, n := range h.rows(t.Context(), t) {
				if n != before[what] {
					t.Errorf("%s: %d %s, want %d", row.name, n, what, before[what])
				}
			}
		}
		want(t, "the address is free", b.call("POST", "/signup", body{"email": "bob@example.org", "password": phrase, "session": plan[0].ID}), 201, "")
	})
}

// However often somebody asks at once, they have one place.
func TestOnePlace(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		path := "/sessions/" + strconv.Itoa(b.call("GET", "/sessions", nil).said.Sessions[0].ID) + "/bookings"
		want(t, "register", b.call("POST", "/auth/register", body{"email": "ada@example.org", "password": phrase}), 201, "")
		var all sync.WaitGroup
		answers := make([]answered, 6)
		for i := range answers {
			all.Go(func() { answers[i] = b.call("POST", path, nil) })
		}
		all.Wait()
		got := map[string]int{}
		for _, a := range answers {
			got[a.said.Error.Code]++
		}
		if got[""] != 1 || got["already_booked"] != len(answers)-1 {
			t.Errorf("answers by code: %v", got)
		}
	})
}

// A session of the studio's and one of Torii's have nothing but their name in common.
func TestTheTwoKindsOfSession(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		ctx := t.Context()
		b, again := h.browser(t), h.browser(t)
		hour := b.call("GET", "/sessions", nil).said.Sessions[0].ID
		person := body{"email": "ada@example.org", "password": phrase, "level": "advanced"}
		want(t, "register", b.call("POST", "/auth/register", person), 201, "")
		want(t, "sign in elsewhere", again.call("POST", "/auth/login", body{"email": "ada@example.org", "password": phrase}), 200, "")
		want(t, "book", b.call("POST", "/sessions/"+strconv.Itoa(hour)+"/bookings", nil), 201, "")
		if yoga, signedIn := h.client.Session.Query().CountX(ctx), h.torii.Session.Query().CountX(ctx); yoga != 2 || signedIn != 2 {
			t.Errorf("%d sessions of yoga and %d of sign-ins, want 2 of each", yoga, signedIn)
		}

		want(t, "end the other sign-in", b.call("DELETE", "/auth/sessions", nil), 200, "")
		want(t, "it has ended", again.call("GET", "/bookings", nil), 401, "unauthenticated")
		if n := h.client.Session.Query().CountX(ctx); n != 2 {
			t.Errorf("%d sessions of yoga after a sign-out, want 2", n)
		}
		h.client.Session.DeleteOneID(hour).ExecX(ctx)
		got := b.call("GET", "/bookings", nil)
		want(t, "still signed in", got, 200, "")
		if len(got.said.Bookings) != 0 {
			t.Errorf("bookings of a session that is gone: %s", got.body)
		}
	})
}

// Who deletes the account takes along what is Torii's and what is the studio's, and
// nothing of anybody else's.
func TestDeletion(t *testing.T) {
	for _, way := range []struct {
		name   string
		delete func(h host, b *browser, id string) error
	}{
		{"by the person", func(h host, b *browser, _ string) error {
			want(b.t, "delete", b.call("DELETE", "/auth/user", nil), http.StatusNoContent, "")
			return nil
		}},
		{"by the application", func(h host, b *browser, id string) error { return h.auth.DeleteUser(b.t.Context(), id) }},
		{"in its transaction", func(h host, b *browser, id string) error {
			tx, err := h.client.Tx(b.t.Context())
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if err := tx.Auth(h.auth).DeleteUser(b.t.Context(), id); err != nil {
				return err
			}
			return tx.Commit()
		}},
		// Not what one should do, since no event is written. The database cleans up all the same.
		{"behind Torii's back", func(h host, b *browser, id string) error { return h.client.User.DeleteOneID(id).Exec(b.t.Context()) }},
	} {
		t.Run(way.name, func(t *testing.T) {
			eachHost(t, func(t *testing.T, h host) {
				b, other := h.browser(t), h.browser(t)
				hour := b.call("GET", "/sessions", nil).said.Sessions[0].ID
				var id string
				for email, b := range map[string]*browser{"ada@example.org": b, "bob@example.org": other} {
					want(t, "sign up", b.call("POST", "/signup", body{"email": email, "password": phrase, "session": hour}), 201, "")
					got := b.call("POST", "/auth/login", body{"email": email, "password": phrase})
					want(t, "sign in", got, 200, "")
					if email == "ada@example.org" {
						id = got.said.User.ID
					}
				}
				if err := way.delete(h, b, id); err != nil {
					t.Fatal(err)
				}
				want(t, "who is gone", b.call("GET", "/bookings", nil), 401, "unauthenticated")
				want(t, "who is there", other.call("GET", "/bookings", nil), 200, "")
				for what, n := range h.rows(t.Context(), t) {
					if n != 1 {
						t.Errorf("%d %s, want those of the other", n, what)
					}
				}
				if n := h.torii.Session.Query().Where(session.UserID(id)).CountX(t.Context()); n != 0 {
					t.Errorf("%d sign-ins of who is gone", n)
				}
				if _, err := h.auth.User(t.Context(), id); !errors.Is(err, auth.ErrNotFound) {
					t.Errorf("who is gone: %v", err)
				}
			})
		})
	}
}
