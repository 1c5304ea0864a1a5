package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/hook"
)

// refuseUsers is a hook on the application's client that refuses two names, one before
// the row is written and one after.
func refuseUsers(next ent.Mutator) ent.Mutator {
	return hook.UserFunc(func(ctx context.Context, m *ent.UserMutation) (ent.Value, error) {
		name, _ := m.Username()
		if name == "early" {
			return nil, auth.ErrRefused
		}
		v, err := next.Mutate(ctx, m)
		if err != nil {
			return nil, err
		}
		if n, err := m.Client().Team.Query().Count(ctx); err != nil || n == 0 {
			return nil, errors.Join(err, errors.New("the schema's hook has not run"))
		}
		switch name {
		case "late":
			return nil, auth.ErrRefused
		case "broken":
			return nil, errors.New("not meant for the public")
		}
		return v, nil
	})
}

// refuseMallory is a hook of Torii's that refuses by the address: at the user's making,
// and at the very end of a registration.
func refuseMallory(*host) auth.Hook {
	unwanted := map[string]string{auth.EventUserCreated: "mallory@example.org", auth.EventSignedIn: "last@example.org"}
	return func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		if unwanted[e.Kind] == "" {
			return nil
		}
		u, err := tx.Client().User.Get(ctx, e.UserID)
		if err == nil && u.Email == unwanted[e.Kind] {
			return auth.ErrRefused
		}
		return err
	}
}

// A registration and the application's rows are there together or not at all, whoever
// refuses and when.
func TestBothOrNeither(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		h.client.User.Use(refuseUsers)
		want(t, "register", h.browser(t).register("ada@example.org", "locale", "en-GB", "username", "ada"), http.StatusCreated, "")
		before := h.rows(t)
		if before != (rows{users: 1, teams: 1, passwords: 1, sessions: 1}) {
			t.Fatalf("after a registration: %+v", before)
		}
		for _, row := range []struct {
			name   string
			email  string
			fields []string
			status int
			code   string
			field  string // and what is wrong with it
		}{
			{"a hook of the client's, before the row", "bob@example.org", []string{"locale", "en", "username", "early"}, 403, "refused", ""},
			{"a hook of the client's, after it", "bob@example.org", []string{"locale", "en", "username", "late"}, 403, "refused", ""},
			{"a hook that fails", "bob@example.org", []string{"locale", "en", "username", "broken"}, 500, "internal", ""},
			{"the policy", "bob@example.org", []string{"locale", "en", "username", "admin"}, 403, "refused", ""},
			{"the unique key", "bob@example.org", []string{"locale", "en", "username", "ada"}, 422, "invalid_fields", "username taken"},
			{"a validator", "bob@example.org", []string{"locale", "en", "username", "b"}, 422, "invalid_fields", "username invalid"},
			{"a hook of Torii's", "mallory@example.org", []string{"locale", "en"}, 403, "refused", ""},
			{"a hook of Torii's, at the end", "last@example.org", []string{"locale", "en"}, 403, "refused", ""},
			{"the address", "Ada@example.org", []string{"locale", "en"}, 409, "email_taken", ""},
			{"no locale", "bob@example.org", nil, 422, "invalid_fields", "locale required"},
			{"no locale to speak of", "bob@example.org", []string{"locale", ""}, 422, "invalid_fields", "locale invalid"},
			{"too much locale", "bob@example.org", []string{"locale", strings.Repeat("x", 36)}, 422, "invalid_fields", "locale invalid"},
		} {
			got := h.browser(t).register(row.email, row.fields...)
			if got.status != row.status || got.said.Error.Code != row.code {
				t.Errorf("%s: %d %s, want %d %q", row.name, got.status, got.body, row.status, row.code)
			}
			if name, what, ok := strings.Cut(row.field, " "); ok && (len(got.said.Fields) != 1 || got.said.Fields[name] != what) {
				t.Errorf("%s: %s, want %q", row.name, got.body, row.field)
			}
			if strings.Contains(got.body, "public") {
				t.Errorf("%s: %s tells what is not meant to be told", row.name, got.body)
			}
			if after := h.rows(t); after != before {
				t.Errorf("%s: %+v, want %+v", row.name, after, before)
			}
		}
		want(t, "after all that", h.browser(t).register("bob@example.org", "locale", "de", "username", "bob"), http.StatusCreated, "")
		if after := h.rows(t); after != (rows{users: 2, teams: 2, passwords: 2, sessions: 2}) {
			t.Errorf("after the second: %+v", after)
		}
	}, refuseMallory)
}

// Twenty people want one name at once. One of them gets it, and nobody else leaves a
// trace.
func TestOneNameManyTimesAtOnce(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		var all sync.WaitGroup
		answers := make([]answered, 20)
		for i := range answers {
			b := h.browser(t)
			all.Go(func() { answers[i] = b.register(fmt.Sprintf("p%d@example.org", i), "locale", "en", "username", "ada") })
		}
		all.Wait()
		made := 0
		for _, a := range answers {
			switch {
			case a.status == http.StatusCreated:
				made++
			case a.status != http.StatusUnprocessableEntity || a.said.Fields["username"] != "taken":
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if got := h.rows(t); made != 1 || got != (rows{users: 1, teams: 1, passwords: 1, sessions: 1}) {
			t.Errorf("%d registered, %+v", made, got)
		}
	})
}

// The other way to write rows with a registration: a hook of Torii's, and the
// application's client in its transaction. Hooks and interceptors that are registered when
// Auth has been made already run in it too.
func TestInAuth(t *testing.T) {
	eachHost(t, func(t *testing.T, h *host) {
		var calls []string
		h.client.Use(func(next ent.Mutator) ent.Mutator {
			return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
				calls = append(calls, m.Type())
				return next.Mutate(ctx, m)
			})
		})
		var looked int
		h.client.User.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				looked++
				return next.Query(ctx, q)
			})
		}))
		want(t, "refused", h.browser(t).register("bob@example.org", "locale", "en", "username", "undone"), http.StatusForbidden, "refused")
		if got := h.rows(t); got != (rows{}) {
			t.Errorf("after a refusal: %+v", got)
		}
		calls, looked = nil, 0
		b := h.browser(t)
		want(t, "register", b.register("ada@example.org", "locale", "en"), http.StatusCreated, "")
		if got := strings.Join(calls, " "); got != "User Team Post" {
			t.Errorf("the client's hook has seen %q, want User Team Post", got)
		}
		if looked != 2 {
			t.Errorf("the interceptor has run %d times, want 2: for the hook, and for what the answer shows", looked)
		}
		if blog := b.call("GET", "/blog"); len(blog.said.Posts) != 1 || blog.said.Posts[0].Title != "Welcome" || blog.said.Author.Team != "My team" {
			t.Errorf("the blog: %s", blog.body)
		}
	}, welcome)
}

func welcome(h *host) auth.Hook {
	return func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		if e.Kind != auth.EventUserCreated {
			return nil
		}
		// The application acts, not the newcomer: the policies know of nobody here.
		ctx = allowed(ctx)
		in := h.client.InAuth(tx)
		u, err := in.User.Get(ctx, e.UserID)
		if err != nil {
			return err
		}
		if err := in.Post.Create().SetTitle("Welcome").SetBody("Write.").SetAuthor(u).Exec(ctx); err != nil {
			return err
		}
		if u.Username != nil && *u.Username == "undone" {
			return auth.ErrRefused
		}
		return errors.Join(ended(in.Commit(), "Commit"), ended(in.Rollback(), "Rollback"))
	}
}

// ended turns an error that has to be one around.
func ended(err error, what string) error {
	if err == nil {
		return errors.New(what + " of a transaction of Torii's does not fail")
	}
	return nil
}
