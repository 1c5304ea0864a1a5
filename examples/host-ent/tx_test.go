package main

import (
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	toriient "github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
	"github.com/torii-go/torii/providers/password"
)

// invite makes an account with a first post in a transaction of the application's.
func (h *host) invite(t *testing.T, tx *ent.Tx, email, username string) (*toriient.User, *ent.Post, error) {
	t.Helper()
	fields := map[string]any{"locale": "en", "username": username}
	u, err := h.pw.In(tx.Auth(h.auth)).Register(t.Context(), password.Registration{Email: email, Password: phrase, Fields: fields})
	if err != nil {
		return nil, nil, err
	}
	p, err := tx.Post.Create().SetTitle("First").SetBody("Hello.").SetAuthorID(u.ID).Save(everybody(t))
	return u, p, err
}

func (h *host) begin(t *testing.T) *ent.Tx {
	t.Helper()
	tx, err := h.client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // fails if it has ended
	return tx
}

// What Torii and the application write in the application's transaction ends with it.
func TestTheApplicationsTransaction(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		tx := h.begin(t)
		if _, _, err := h.invite(t, tx, "ada@example.org", "ada"); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if got := h.rows(t); got != (rows{}) {
			t.Errorf("after a rollback: %+v", got)
		}

		tx = h.begin(t)
		u, p, err := h.invite(t, tx, "ada@example.org", "ada")
		if err != nil {
			t.Fatal(err)
		}
		// Before the commit the transaction sees it.
		if n, err := tx.User.Query().Where(user.Username("ada"), user.HasTeam(), user.HasPosts()).Count(everybody(t)); n != 1 || err != nil {
			t.Errorf("within the transaction: %d users, %v", n, err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := h.rows(t); got != (rows{users: 1, teams: 1, passwords: 1, posts: 1}) {
			t.Errorf("after a commit: %+v", got)
		}
		// What was returned outlives the transaction: Torii's entity by itself, the
		// application's as Ent has it.
		if n, err := u.QueryCredentials().Count(t.Context()); n != 1 || err != nil {
			t.Errorf("the user has %d passwords, %v", n, err)
		}
		if author, err := p.Unwrap().QueryAuthor().Only(everybody(t)); err != nil || author.ID != u.ID || author.Locale != "en" {
			t.Errorf("the post's author is %v, %v", author, err)
		}
		b := h.browser(t)
		want(t, "sign in", b.call("POST", "/auth/login", "email", "ada@example.org", "password", phrase), http.StatusOK, "")
		if blog := b.call("GET", "/blog"); len(blog.said.Posts) != 1 || blog.said.Author.ID != u.ID {
			t.Errorf("the blog: %s", blog.body)
		}
	})
}

// A step of Torii's that is refused undoes itself and leaves the transaction usable, on
// PostgreSQL too.
func TestARefusalLeavesTheTransactionUsable(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		want(t, "register", h.browser(t).register("ada@example.org", "locale", "en", "username", "ada"), http.StatusCreated, "")
		h.client.User.Use(refuseUsers)
		tx := h.begin(t)
		u, _, err := h.invite(t, tx, "bob@example.org", "bob")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			name, email, username string
			err                   error
		}{
			{"the address is taken", "ada@example.org", "ada2", auth.ErrEmailTaken},
			{"the username is taken", "eve@example.org", "ada", auth.ErrInvalidFields},
			{"by this very transaction", "eve@example.org", "bob", auth.ErrInvalidFields},
			{"the username is reserved", "eve@example.org", "root", auth.ErrRefused},
			{"a hook of the client's, before the row", "eve@example.org", "early", auth.ErrRefused},
			{"a hook of the client's, after it", "eve@example.org", "late", auth.ErrRefused},
			{"the address is none", "eve", "eve", auth.ErrInvalidFields},
		} {
			if _, _, err := h.invite(t, tx, row.email, row.username); !errors.Is(err, row.err) {
				t.Errorf("%s: %v, want %v", row.name, err, row.err)
			}
			if err := tx.Post.Create().SetTitle(row.name).SetBody("").SetAuthorID(u.ID).Exec(everybody(t)); err != nil {
				t.Fatalf("%s: the transaction is not usable any more: %v", row.name, err)
			}
		}
		if _, _, err := h.invite(t, tx, "eve@example.org", "eve"); err != nil {
			t.Fatalf("nor for another sign-up: %v", err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := h.rows(t); got != (rows{users: 3, teams: 3, passwords: 3, sessions: 1, posts: 9}) {
			t.Errorf("after the commit: %+v", got)
		}
	})
}

// What Torii takes away in the application's transaction comes back with a rollback.
func TestDeletedInTheApplicationsTransaction(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		b := h.browser(t)
		res := b.register("ada@example.org", "locale", "en")
		want(t, "register", res, http.StatusCreated, "")
		id, _ := res.said.User["id"].(string)
		want(t, "a post", b.call("POST", "/posts", "title", "First", "body", ""), http.StatusCreated, "")
		before := h.rows(t)
		for _, commit := range []bool{false, true} {
			tx := h.begin(t)
			if err := tx.Auth(h.auth).DeleteUser(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if n := tx.Post.Query().CountX(everybody(t)); n != 0 {
				t.Errorf("within the transaction: %d posts", n)
			}
			end, left := tx.Rollback, before
			if commit {
				end, left = tx.Commit, rows{teams: 1}
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			if got := h.rows(t); got != left {
				t.Errorf("committed %t: %+v, want %+v", commit, got, left)
			}
		}
		want(t, "the blog of who is gone", b.call("GET", "/blog"), http.StatusUnauthorized, "unauthenticated")
	})
}

// What needs a client of its own says so in a transaction.
func TestWhatATransactionRefuses(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		in := h.begin(t).Client()
		if err := in.MigrateAuth(t.Context()); !errors.Is(err, ent.ErrTxStarted) {
			t.Errorf("MigrateAuth: %v", err)
		}
		if _, err := in.Auth(auth.Config{BaseURL: h.base}, fields{}); !errors.Is(err, ent.ErrTxStarted) {
			t.Errorf("Auth: %v", err)
		}
	})
}
