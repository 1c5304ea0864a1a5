package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
)

// Torii's own sign-up writes the application's row too, and Torii's own rollback takes
// it back.
func TestTheHookWritesInToriisTransaction(t *testing.T) {
	const unwanted = "mallory@example.org"
	refuse := func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		u, err := tx.Client().User.Get(ctx, e.UserID)
		if err == nil && e.Kind == auth.EventUserCreated && strings.HasPrefix(u.Email, "mallory@") {
			return fmt.Errorf("not her: %w", auth.ErrRefused)
		}
		return nil
	}
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		want(t, "refused", b.call("POST", "/auth/register", "email", unwanted, "password", phrase), http.StatusForbidden, "refused")
		if n := h.count(t, "allowances"); n != 0 {
			t.Errorf("%d allowances of users who are not there", n)
		}
		got := b.call("POST", "/auth/register", "email", "ada@example.org", "password", phrase)
		want(t, "register", got, http.StatusCreated, "")
		if _, err := h.auth.CreateUser(t.Context(), auth.NewUser{Email: "bob@example.org"}); err != nil {
			t.Fatal(err)
		}
		if n := h.count(t, "allowances"); n != 2 {
			t.Errorf("%d allowances of 2 users", n)
		}
	}, refuse)
}

// However many ask at once, nobody starts more projects than allowed.
func TestAllowance(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		want(t, "register", b.call("POST", "/auth/register", "email", "ada@example.org", "password", phrase), http.StatusCreated, "")
		var all sync.WaitGroup
		answers := make([]answered, 8)
		for i := range answers {
			all.Go(func() { answers[i] = b.call("POST", "/projects", "project", fmt.Sprint("Project ", i)) })
		}
		all.Wait()
		started := 0
		for _, a := range answers {
			switch {
			case a.status == http.StatusCreated:
				started++
			case a.status != http.StatusForbidden || a.said.Error.Code != "no_allowance":
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if n := h.count(t, "projects"); started != freeProjects || n != freeProjects {
			t.Errorf("%d started, %d are there, want %d", started, n, freeProjects)
		}
		b.site = "cross-site"
		want(t, "another site's page", b.call("POST", "/projects", "project", "Forged"), http.StatusForbidden, "forbidden_origin")
	})
}

// A name that is taken costs nothing of the allowance.
func TestATakenNameCostsNothing(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		want(t, "register", b.call("POST", "/auth/register", "email", "ada@example.org", "password", phrase), http.StatusCreated, "")
		want(t, "a project", b.call("POST", "/projects", "project", "Engine"), http.StatusCreated, "")
		for range freeProjects {
			want(t, "the same again", b.call("POST", "/projects", "project", "Engine"), http.StatusConflict, "project_taken")
		}
		want(t, "another", b.call("POST", "/projects", "project", "Bridge"), http.StatusCreated, "")
	})
}
