package migrate_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// A whole site on tables with a prefix: beside it in the database are no others, so a
// statement without the prefix fails.
func TestPrefixUnderASite(t *testing.T) {
	const phrase = "a long pass phrase"
	for name, debug := range map[string]bool{"plain": false, "with a log": true} {
		t.Run(name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				ctx := t.Context()
				pool := hostPool(t, db)
				client, err := migrate.OpenDB(ctx, db.Dialect, pool, migrate.Prefix("torii_"))
				if err != nil {
					t.Fatal(err)
				}
				if debug {
					client = quiet(client)
				}
				pw := password.New(password.Config{})
				site := authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{pw}})
				if _, err := pw.Register(ctx, password.Registration{Email: "ann@example.org", Password: phrase}, auth.Client{}); err != nil {
					t.Fatal(err)
				}
				if _, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.org", Password: "a wrong pass phrase"}, auth.Client{}); err == nil {
					t.Error("a wrong password is accepted")
				}
				in, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.org", Password: phrase}, auth.Client{})
				if err != nil {
					t.Fatal(err)
				}
				_, u, err := site.Auth.Session(ctx, in.Token.Reveal())
				if err != nil || u.Email != "ann@example.org" {
					t.Fatalf("the session is of %v, %v", u, err)
				}
				if list, err := site.Auth.Sessions(ctx, u.ID); err != nil || len(list) != 2 {
					t.Errorf("%d sessions, %v; want 2", len(list), err)
				}
				inAHostsTransaction(t, pool, site, pw, client)

				site.Clock.Advance(400 * 24 * time.Hour)
				if n, err := site.Auth.CleanUp(ctx); err != nil || n < 2 {
					t.Errorf("the clean-up deleted %d rows, %v; want the sessions at least", n, err)
				}
				if n := client.Session.Query().CountX(ctx); n != 0 {
					t.Errorf("%d sessions after the clean-up", n)
				}
			})
		})
	}
}

// Torii's tables are written in the host's *sql.Tx, and so are the host's own.
func inAHostsTransaction(t *testing.T, pool *sql.DB, site *authtest.Site, pw *password.Provider, client *ent.Client) {
	t.Helper()
	ctx := t.Context()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE users (id varchar(64))"); err != nil {
		t.Fatal(err)
	}
	err := inHostsTx(ctx, pool, func(tx *sql.Tx) error {
		u, err := pw.In(site.Auth.InTx(tx)).Register(ctx, password.Registration{Email: "ben@example.org", Password: "a long pass phrase"})
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO users VALUES ('"+u.ID+"')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := site.Auth.UserByEmail(ctx, "ben@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, client, "SELECT id FROM users"); got != u.ID {
		t.Errorf("the host's row is of %q, want %q", got, u.ID)
	}
	if _, err := pw.SignIn(ctx, password.Credentials{Email: "ben@example.org", Password: "a long pass phrase"}, auth.Client{}); err != nil {
		t.Error(err)
	}
}

// inHostsTx runs f in a transaction of a host's that is committed.
func inHostsTx(ctx context.Context, pool *sql.DB, f func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit there is nothing to undo
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
