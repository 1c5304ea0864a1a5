package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// bareDriver is a driver of somebody's that has nothing but what Ent demands.
type bareDriver struct{ inner dialect.Driver }

func (d bareDriver) Exec(ctx context.Context, query string, args, v any) error {
	return d.inner.Exec(ctx, query, args, v)
}
func (d bareDriver) Query(ctx context.Context, query string, args, v any) error {
	return d.inner.Query(ctx, query, args, v)
}
func (d bareDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := d.inner.Tx(ctx)
	return bareTx{tx}, err
}
func (d bareDriver) Close() error    { return errors.New("closed") }
func (d bareDriver) Dialect() string { return d.inner.Dialect() }

type bareTx struct{ dialect.Tx }

func TestDriver(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		drv, err := migrate.Driver(t.Context(), db.Driver, db.DSN, migrate.MaxConns(3))
		if err != nil {
			t.Fatal(err)
		}
		client, err := migrate.Client(drv)
		if err != nil {
			t.Fatal(err)
		}
		if got := countTables(t, client, db.Dialect); got != "0" {
			t.Errorf("Driver has made %s tables", got)
		}
		if client.Driver() != drv {
			t.Error("Client does not use a driver of Driver's as it is")
		}
		if err := errors.Join(migrate.Up(t.Context(), client), migrate.Verify(t.Context(), client)); err != nil {
			t.Fatal(err)
		}
		addUser(t, client, "ann@example.org")
		if err := drv.Close(); err != nil {
			t.Error(err)
		}
		if _, err := client.User.Query().Count(t.Context()); err == nil {
			t.Error("the pool is open after the driver has been closed")
		}
	})
	for _, row := range []struct {
		name, driver, dsn, want string
		opt                     migrate.Option
	}{
		{"a prefix", "sqlite3", "file:never.db", "generated code", migrate.Prefix("torii_")},
		{"a wrong option", "sqlite3", "file:never.db", "MaxConns(0)", migrate.MaxConns(0)},
		{"an unsafe DSN", "sqlite3", "file:never.db?_fk=0", "foreign keys", migrate.SkipMigration()},
		{"no such driver", "oracle", "x", "oracle", migrate.SkipMigration()},
	} {
		drv, err := migrate.Driver(t.Context(), row.driver, row.dsn, row.opt)
		if err == nil || drv != nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", row.name, drv, err, row.want)
		}
	}
}

// Whatever the host's driver, times are sent in UTC, in transactions too.
func TestClient(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		pool := hostPool(t, db)
		if _, err := migrate.OpenDB(t.Context(), db.Dialect, pool); err != nil {
			t.Fatal(err)
		}
		var logged strings.Builder
		debug := dialect.Debug(entsql.OpenDB(db.Dialect, pool), func(v ...any) { fmt.Fprintln(&logged, v...) })
		for name, drv := range map[string]dialect.Driver{
			"Driver":     driverOf(t, db),
			"Ent's":      entsql.OpenDB(db.Dialect, pool),
			"Debug":      debug,
			"Ent's only": bareDriver{entsql.OpenDB(db.Dialect, pool)},
		} {
			t.Run(name, func(t *testing.T) {
				client := clientOn(t, drv)
				if name != "Ent's only" {
					if err := errors.Join(migrate.Up(t.Context(), client), migrate.Verify(t.Context(), client)); err != nil {
						t.Error(err)
					}
				} else if err := migrate.Up(t.Context(), client); err == nil {
					t.Error("Up on a driver without a pool")
				}
				timesAreUTC(t, client)
				if name == "Ent's only" {
					if _, err := client.ExecContext(t.Context(), "SELECT 1"); err == nil {
						t.Error("ExecContext of a driver that has none")
					}
					return
				}
				rawTimesAreUTC(t, client, db.Dialect)
			})
		}
		for _, want := range []string{"driver.Query", "Tx(", "committed", ".Exec", "auth_sessions"} {
			if !strings.Contains(logged.String(), want) {
				t.Errorf("the log of the host's driver does not have %q", want)
			}
		}
		if client := clientOn(t, bareDriver{entsql.OpenDB(db.Dialect, pool)}); client.Close() != nil {
			t.Error("closing Torii's client has closed the host's driver")
		}
	})
}

// timesAreUTC reads in one zone what was written in another.
func timesAreUTC(t *testing.T, client *ent.Client) {
	t.Helper()
	ctx := t.Context()
	u := addUser(t, client, "zones@example.org")
	defer client.User.DeleteOneID(u.ID).ExecX(ctx)
	west, east := time.FixedZone("", -8*3600), time.FixedZone("", 13*3600)
	now := time.Now()
	client.Session.Create().SetID("expired").SetUserID(u.ID).SetTokenHash(make32(1)).SetExpiresAt(now.Add(-time.Hour).In(east)).SetAbsoluteExpiresAt(now).ExecX(ctx)
	tx, err := client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tx.Session.Create().SetID("valid").SetUserID(u.ID).SetTokenHash(make32(2)).SetExpiresAt(now.Add(time.Hour).In(west)).SetAbsoluteExpiresAt(now).ExecX(ctx)
	if n := tx.Session.Query().Where(session.ExpiresAtLT(now.In(west))).CountX(ctx); n != 1 {
		t.Errorf("%d sessions are expired in the transaction, want 1", n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if valid := client.Session.Query().Where(session.ExpiresAtGT(now.In(east))).IDsX(ctx); len(valid) != 1 || valid[0] != "valid" {
		t.Errorf("got %v, want [valid]", valid)
	}
}

// rawTimesAreUTC does the same with statements of the caller's own.
func rawTimesAreUTC(t *testing.T, client *ent.Client, dialectName string) {
	t.Helper()
	ctx := t.Context()
	u := addUser(t, client, "raw@example.org")
	defer client.User.DeleteOneID(u.ID).ExecX(ctx)
	mark := map[string]string{dialect.Postgres: "$1"}[dialectName]
	if mark == "" {
		mark = "?"
	}
	at := time.Now().In(time.FixedZone("", 13*3600))
	tx, err := client.BeginTx(ctx, &entsql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	type raw interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}
	try := func(name string, on raw) {
		if _, err := on.ExecContext(ctx, "UPDATE users SET disabled_at = "+mark, at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rows, err := on.QueryContext(ctx, "SELECT count(*) FROM users WHERE disabled_at = "+mark, at.In(time.FixedZone("", -8*3600)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		defer rows.Close()
		var n int
		if !rows.Next() || rows.Scan(&n) != nil || n == 0 {
			t.Errorf("%s: the time is not found again", name)
		}
	}
	try("in a transaction", tx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	try("outside", client)
	if got := client.User.GetX(ctx, u.ID).DisabledAt; got == nil || !got.Equal(at.Truncate(time.Microsecond)) {
		t.Errorf("got %v, want %v", got, at)
	}
}

func TestClientReadsCommitted(t *testing.T) {
	db := testdb.New(t, dialect.MySQL)
	pool := hostPool(t, db)
	if _, err := migrate.OpenDB(t.Context(), dialect.MySQL, pool); err != nil {
		t.Fatal(err)
	}
	for name, drv := range map[string]dialect.Driver{
		"Driver": driverOf(t, db),
		"Ent's":  entsql.OpenDB(dialect.MySQL, pool),
		"Debug":  dialect.Debug(entsql.OpenDB(dialect.MySQL, pool), func(...any) {}),
	} {
		client := clientOn(t, drv)
		tx, err := client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := tx.User.Query().CountX(t.Context())
		addUser(t, client, name+"@example.org")
		if after := tx.User.Query().CountX(t.Context()); after != before+1 {
			t.Errorf("%s: the transaction does not see what has been committed since", name)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func TestClientRefuses(t *testing.T) {
	for name, drv := range map[string]dialect.Driver{
		"nothing":          nil,
		"a log of nothing": dialect.Debug(nil),
		"a nil driver":     (*entsql.Driver)(nil),
		"a nil pool":       entsql.OpenDB(dialect.SQLite, nil),
		"another database": bareDriver{entsql.OpenDB("oracle", nil)},
	} {
		if client, err := migrate.Client(drv); err == nil || client != nil {
			t.Errorf("%s: got %v, %v", name, client, err)
		}
	}
}
