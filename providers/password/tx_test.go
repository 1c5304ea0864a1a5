package password_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// The settings that a host's own pool needs.
var poolOptions = map[string]string{
	dialect.SQLite: "_foreign_keys=on&_txlock=immediate&_busy_timeout=10000&_journal_mode=WAL",
	dialect.MySQL:  "parseTime=true&loc=UTC",
}

// onPool runs f with a site on the host's pool, on every database. The host has a table
// "orders".
func onPool(t *testing.T, f func(t *testing.T, s *site, pool *sql.DB), more ...authtest.Option) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		dsn, options := db.DSN, poolOptions[db.Dialect]
		switch {
		case options != "" && strings.Contains(dsn, "?"):
			dsn += "&" + options
		case options != "":
			dsn += "?" + options
		}
		pool, err := sql.Open(db.Driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		client, err := migrate.OpenDB(t.Context(), db.Dialect, pool)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.ExecContext(t.Context(), "CREATE TABLE orders (id integer)"); err != nil {
			t.Fatal(err)
		}
		f(t, newSite(t, client, auth.Config{}, more...), pool)
	})
}

var errChangedMind = errors.New("the host changes its mind")

// inTx runs f in a transaction of the host's, which commits unless f fails.
func inTx(t *testing.T, s *site, pool *sql.DB, f func(ctx context.Context, tx *sql.Tx, pw password.Tx) error) error {
	t.Helper()
	ctx := t.Context()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // after a commit there is nothing to undo
	if err := f(ctx, tx, s.pw.In(s.Auth.InTx(tx))); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return nil
}

func orders(t *testing.T, pool *sql.DB) (n int) {
	t.Helper()
	if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRegisterInAHostsTransaction(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		email := person()
		err := inTx(t, s, pool, func(ctx context.Context, tx *sql.Tx, pw password.Tx) error {
			u, err := pw.Register(ctx, password.Registration{Email: email, Password: phrase, Name: "Ann"})
			if err != nil {
				return err
			}
			if u.Email != email || u.Name == nil || *u.Name != "Ann" {
				t.Errorf("user %v", u)
			}
			_, err = tx.ExecContext(ctx, "INSERT INTO orders VALUES (1)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		u, err := s.Auth.UserByEmail(t.Context(), email)
		if err != nil || orders(t, pool) != 1 {
			t.Fatalf("after the commit: %v, %v, %d orders", u, err, orders(t, pool))
		}
		if live := s.live(t, u.ID); len(live) != 0 {
			t.Errorf("sessions %v, want none", live)
		}
		if _, err := s.signIn(t, email, phrase); err != nil {
			t.Errorf("sign-in after the commit: %v", err)
		}
	})
}

func TestHostRollsBack(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		email := person()
		known, res := s.account(t)
		err := inTx(t, s, pool, func(ctx context.Context, tx *sql.Tx, pw password.Tx) error {
			if _, err := pw.Register(ctx, password.Registration{Email: email, Password: phrase}); err != nil {
				return err
			}
			if err := pw.Set(ctx, res.User.ID, next); err != nil {
				return err
			}
			return errChangedMind
		})
		if !errors.Is(err, errChangedMind) {
			t.Fatal(err)
		}
		if _, err := s.Auth.UserByEmail(t.Context(), email); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("the user of a rollback: %v, want ErrNotFound", err)
		}
		if live := s.live(t, res.User.ID); len(live) != 1 {
			t.Errorf("sessions %v: a rollback has ended some", live)
		}
		if _, err := s.signIn(t, known, phrase); err != nil {
			t.Errorf("the password from before: %v", err)
		}
	})
}

// A refusal undoes its own step and leaves the host's transaction as it was.
func TestRefusedStepLeavesTheTransactionUsable(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		known, res := s.account(t)
		email := person()
		err := inTx(t, s, pool, func(ctx context.Context, tx *sql.Tx, pw password.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO orders VALUES (1)"); err != nil {
				return err
			}
			for _, row := range []struct {
				name string
				step func() error
				want error
			}{
				{"a taken address", func() error {
					_, err := pw.Register(ctx, password.Registration{Email: known, Password: next})
					return err
				}, auth.ErrEmailTaken},
				{"a weak password", func() error {
					_, err := pw.Register(ctx, password.Registration{Email: person(), Password: "short"})
					return err
				}, auth.ErrInvalidFields},
				{"a bad name", func() error {
					_, err := pw.Register(ctx, password.Registration{Email: person(), Password: phrase, Name: "\xff"})
					return err
				}, auth.ErrInvalidFields},
				{"a weak password set", func() error { return pw.Set(ctx, res.User.ID, "short") }, auth.ErrInvalidFields},
				{"a password of nobody", func() error { return pw.Set(ctx, "usr_x", next) }, auth.ErrNotFound},
				{"a password of what is no id", func() error { return pw.Set(ctx, "usr_\x00", next) }, nil}, // some error
			} {
				if err := row.step(); err == nil || row.want != nil && !errors.Is(err, row.want) {
					t.Errorf("%s: %v, want %v", row.name, err, row.want)
				}
			}
			_, err := pw.Register(ctx, password.Registration{Email: email, Password: phrase})
			return err
		})
		if err != nil {
			t.Fatalf("the step after the refusals: %v", err)
		}
		if _, err := s.signIn(t, email, phrase); err != nil || orders(t, pool) != 1 {
			t.Errorf("sign-in: %v; %d orders, want 1", err, orders(t, pool))
		}
		if _, err := s.signIn(t, known, phrase); err != nil {
			t.Errorf("the account that was there: %v", err)
		}
	})
}

func TestSetInAHostsTransaction(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		known, with := s.account(t)
		bare, without := s.newcomer(t)
		err := inTx(t, s, pool, func(ctx context.Context, _ *sql.Tx, pw password.Tx) error {
			return errors.Join(pw.Set(ctx, with.User.ID, next), pw.Set(ctx, without.User.ID, next))
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, email := range map[string]string{"with a password before": known, "without one": bare} {
			u, err := s.Auth.UserByEmail(t.Context(), email)
			if err != nil {
				t.Fatal(err)
			}
			if live := s.live(t, u.ID); len(live) != 0 {
				t.Errorf("%s: sessions %v, want none", name, live)
			}
			if _, err := s.signIn(t, email, next); err != nil {
				t.Errorf("%s: the new password: %v", name, err)
			}
			if _, err := s.signIn(t, email, phrase); err != auth.ErrInvalidCredentials {
				t.Errorf("%s: the old password: %v", name, err)
			}
		}
	})
}
