package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
)

// The life of an account with a project, through the addresses of the program.
func TestSignUp(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		got := b.call("POST", "/signup", "email", "Ada@example.org", "password", phrase, "project", "Engine \U0001F682")
		want(t, "sign up", got, http.StatusCreated, "")
		if got.said.User.Email != "ada@example.org" || got.said.Project.Name != "Engine \U0001F682" {
			t.Errorf("sign up: %s", got.body)
		}
		want(t, "before signing in", b.call("GET", "/projects"), http.StatusUnauthorized, "unauthenticated")
		want(t, "sign in", b.call("POST", "/auth/login", "email", "ada@example.org", "password", phrase), http.StatusOK, "")
		want(t, "a second project", b.call("POST", "/projects", "project", "Analysis"), http.StatusCreated, "")
		list := b.call("GET", "/projects").said.Projects
		if len(list) != 2 || list[0].Name != "Analysis" || list[1] != got.said.Project {
			t.Errorf("projects: %v", list)
		}

		bob := h.browser(t)
		want(t, "somebody else", bob.call("POST", "/signup", "email", "bob@example.org", "password", phrase, "project", "Bridge"), http.StatusCreated, "")
		want(t, "delete the account", b.call("DELETE", "/auth/user"), http.StatusNoContent, "")
		if n, left := h.count(t, "projects"), h.count(t, "allowances"); n != 1 || left != 1 {
			t.Errorf("%d projects and %d allowances after the account is gone, want those of the other", n, left)
		}
		want(t, "the name is free again", bob.call("POST", "/signup", "email", "eve@example.org", "password", phrase, "project", "Analysis"), http.StatusCreated, "")
	})
}

func TestBothOrNeither(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		want(t, "sign up", b.call("POST", "/signup", "email", "ada@example.org", "password", phrase, "project", "Engine"), http.StatusCreated, "")
		before := h.everything(t)
		for _, row := range []struct {
			name                     string
			email, password, project string
			status                   int
			code                     string
		}{
			{"the project's name is taken", "bob@example.org", phrase, "Engine", 409, "project_taken"},
			{"the address is taken", "ADA@example.org", phrase, "Bridge", 409, "email_taken"},
			{"both are taken", "ada@example.org", phrase, "Engine", 409, "email_taken"},
			{"the project has no name", "bob@example.org", phrase, " ", 422, "invalid_fields"},
			{"a name that PostgreSQL cannot keep", "bob@example.org", phrase, "a\x00b", 422, "invalid_fields"},
			{"the password is weak", "bob@example.org", "password1", "Bridge", 422, "invalid_fields"},
		} {
			want(t, row.name, b.call("POST", "/signup", "email", row.email, "password", row.password, "project", row.project), row.status, row.code)
			if after := h.everything(t); !maps.Equal(after, before) {
				t.Errorf("%s: rows %v, want %v", row.name, after, before)
			}
		}
		b.site = "cross-site"
		want(t, "another site's page", b.call("POST", "/signup", "email", "bob@example.org", "password", phrase, "project", "Bridge"), http.StatusForbidden, "forbidden_origin")
		b.site = "same-origin"
		want(t, "after all that", b.call("POST", "/signup", "email", "bob@example.org", "password", phrase, "project", "Bridge"), http.StatusCreated, "")
	})
}

// What was written before a taken address was refused, and what is written after it,
// is there when the application commits.
func TestATakenAddressLeavesTheTransactionUsable(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		ctx := t.Context()
		ada, err := h.auth.CreateUser(ctx, auth.NewUser{Email: "ada@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		tx, err := h.db.begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := h.db.addProject(ctx, tx, ada.ID, "Before"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.signUp(ctx, tx, signUp{"ada@example.org", phrase, "Never"}); !errors.Is(err, auth.ErrEmailTaken) {
			t.Fatalf("the address is taken: %v", err)
		}
		if _, err := h.db.addProject(ctx, tx, ada.ID, "After"); err != nil {
			t.Fatalf("the transaction is not usable any more: %v", err)
		}
		if _, _, err := h.signUp(ctx, tx, signUp{"bob@example.org", phrase, "Bob's"}); err != nil {
			t.Fatalf("nor for another sign-up: %v", err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		list, err := h.db.projectsOf(ctx, ada.ID)
		if err != nil || len(list) != 2 || list[0].Name != "After" || list[1].Name != "Before" {
			t.Errorf("projects: %v, %v, want what was written before and after", list, err)
		}
		if n := h.count(t, "users"); n != 2 {
			t.Errorf("%d users, want 2", n)
		}
	})
}

// A connection on which the application says BEGIN itself is as good as a *sql.Tx.
func TestAConnectionInATransaction(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		ctx := t.Context()
		conn, err := h.db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begin := []string{"BEGIN"}
		switch h.db.dialect {
		case "sqlite3":
			begin = []string{"BEGIN IMMEDIATE"}
		case "mysql":
			begin = []string{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN"}
		}
		for _, row := range []struct {
			end  string
			rows int
		}{{"ROLLBACK", 0}, {"COMMIT", 1}} {
			for _, statement := range begin {
				if _, err := conn.ExecContext(ctx, statement); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := h.signUp(ctx, conn, signUp{"ada@example.org", phrase, "Engine"}); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.ExecContext(ctx, row.end); err != nil {
				t.Fatal(err)
			}
			for table, n := range h.everything(t) {
				if table != "auth_events" && n != row.rows || table == "auth_events" && (n > 0) != (row.rows > 0) {
					t.Errorf("after %s %d rows in %s, want %d", row.end, n, table, row.rows)
				}
			}
		}
		b := h.browser(t)
		want(t, "sign in", b.call("POST", "/auth/login", "email", "ada@example.org", "password", phrase), http.StatusOK, "")
	})
}

// Twenty people sign up with one address at once, each with a project. One of them gets
// both, the others nothing. In the second round some of them are rolled back after
// their account was made, while the others wait for it to be decided.
func TestOneAddressManyTimesAtOnce(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		b := h.browser(t)
		want(t, "sign up", b.call("POST", "/signup", "email", "ada@example.org", "password", phrase, "project", "Taken"), http.StatusCreated, "")
		for round, name := range []func(i int) string{
			func(i int) string { return fmt.Sprint("Project ", i) },
			func(i int) string {
				if i%2 == 0 {
					return "Taken"
				}
				return fmt.Sprint("Other ", i)
			},
		} {
			before := h.everything(t)
			var all sync.WaitGroup
			answers := make([]answered, 20)
			for i := range answers {
				all.Go(func() {
					answers[i] = b.call("POST", "/signup", "email", fmt.Sprintf("bob%d@example.org", round), "password", phrase, "project", name(i))
				})
			}
			all.Wait()
			var won answered
			winners := 0
			for i, a := range answers {
				switch {
				case a.status == http.StatusCreated:
					won, winners = a, winners+1
				case a.status == http.StatusConflict && a.said.Error.Code == "email_taken":
				case a.status == http.StatusConflict && a.said.Error.Code == "project_taken" && name(i) == "Taken":
				default:
					t.Errorf("round %d, number %d: %d %s", round, i, a.status, a.body)
				}
			}
			if winners != 1 {
				t.Errorf("round %d: %d have signed up, want 1", round, winners)
			}
			after := h.everything(t)
			for _, table := range []string{"users", "auth_credentials", "projects", "allowances"} {
				if after[table] != before[table]+1 {
					t.Errorf("round %d: %d rows more in %s, want 1", round, after[table]-before[table], table)
				}
			}
			list, err := h.db.projectsOf(context.Background(), won.said.User.ID)
			if err != nil || len(list) != 1 || list[0] != won.said.Project {
				t.Errorf("round %d: the winner's projects: %v, %v, want %v", round, list, err, won.said.Project)
			}
		}
	})
}
