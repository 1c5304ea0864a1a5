package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// create is the Schema.Create of a host whose users have a required column.
var create = schemaCreate(migrate.Desired, superset{add: func(tables []*schema.Table) []*schema.Table {
	_, plan := withPlan(tables)
	plan.Nullable = false
	return tables
}})

func driverOf(t *testing.T, db testdb.DB, opts ...migrate.Option) dialect.Driver {
	t.Helper()
	drv, err := migrate.Driver(t.Context(), db.Driver, db.DSN, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drv.Close() })
	return drv
}

func clientOn(t *testing.T, drv dialect.Driver) *ent.Client {
	t.Helper()
	client, err := migrate.Client(drv)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// countTables counts the tables that exist.
func countTables(t *testing.T, client *ent.Client, dialectName string) string {
	t.Helper()
	return text(t, client, map[string]string{
		dialect.SQLite:   "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
		dialect.Postgres: "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
		dialect.MySQL:    "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
	}[dialectName])
}

// Instances start at once; every kind of driver will do.
func TestHost(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		pool := hostPool(t, db)
		pool.SetMaxOpenConns(1) // all of it must do with one connection
		logs := 0
		for name, drv := range map[string]dialect.Driver{
			"Driver": driverOf(t, db),
			"Ent's":  entsql.OpenDB(db.Dialect, pool),
			"Debug":  dialect.Debug(entsql.OpenDB(db.Dialect, pool), func(...any) { logs++ }),
		} {
			t.Run(name, func(t *testing.T) {
				var wait sync.WaitGroup
				for range 4 {
					wait.Go(func() {
						if err := migrate.Host(t.Context(), drv, create); err != nil {
							t.Error(err)
						}
					})
				}
				wait.Wait()
				client := clientOn(t, drv)
				if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
					t.Errorf("there is a plan: %q, %v", plan, err)
				}
				if err := migrate.Up(t.Context(), client); err != nil {
					t.Error(err)
				}
				// Torii itself cannot create a user here, and Verify says so and how to cure it.
				var verify *migrate.VerifyError
				err := migrate.Verify(t.Context(), client)
				if !errors.As(err, &verify) || len(verify.Findings) != 1 || verify.Findings[0].Kind != migrate.RequiredColumn || verify.Findings[0].Name != "plan" {
					t.Fatalf("Verify: got %v, want the required column", err)
				}
				for _, cure := range []string{"users.plan", "Optional()", "default", "entauth"} {
					if !strings.Contains(err.Error(), cure) {
						t.Errorf("%q is not in %v", cure, err)
					}
				}
				if err := migrate.Host(t.Context(), drv, nil); err != nil {
					t.Errorf("Host without create: %v, though the host fills its column", err)
				}
			})
		}
		if logs == 0 {
			t.Error("the log of a DebugDriver says nothing of the host's migration")
		}
	})
}

// Ent's generated code has one set of tables for all databases of a process, so no two
// run at once.
func TestHostOfManyDatabases(t *testing.T) {
	var wait sync.WaitGroup
	var inside atomic.Int32
	for range 4 {
		drv := driverOf(t, testdb.New(t, dialect.SQLite))
		wait.Go(func() {
			for range 3 {
				err := migrate.Host(t.Context(), drv, func(ctx context.Context, d dialect.Driver) error {
					if n := inside.Add(1); n > 1 {
						t.Errorf("%d migrations run at once", n)
					}
					defer inside.Add(-1)
					return ent.NewClient(ent.Driver(d)).Schema.Create(ctx)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func TestHostUndoesWhatFailed(t *testing.T) {
	failed := errors.New("failed")
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		drv := driverOf(t, db)
		client := clientOn(t, drv)
		err := migrate.Host(t.Context(), drv, func(ctx context.Context, d dialect.Driver) error {
			return errors.Join(d.Exec(ctx, "CREATE TABLE teams (id integer)", []any{}, nil), failed)
		})
		if !errors.Is(err, failed) {
			t.Errorf("got %v, want create's own error", err)
		}
		want := "0"
		if db.Dialect == dialect.MySQL {
			want = "1" // create's own
		}
		if got := countTables(t, client, db.Dialect); got != want {
			t.Errorf("%s tables, want %s", got, want)
		}
		// An error that looks as if another process had come first ends too.
		if err := migrate.Host(t.Context(), drv, func(context.Context, dialect.Driver) error { return errors.New("Error 1062: twice") }); err == nil || !strings.Contains(err.Error(), "1062") {
			t.Errorf("got %v, want create's own error", err)
		}
	})
}

// A table that is not made by Torii's mixin is not adopted, and the error names what it lacks.
func TestHostWithAStrangersTable(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		drv := driverOf(t, db)
		client := clientOn(t, drv)
		err := migrate.Host(t.Context(), drv, func(ctx context.Context, d dialect.Driver) error {
			return d.Exec(ctx, "CREATE TABLE users (id varchar(64) PRIMARY KEY, email varchar(254))", []any{}, nil)
		})
		if !errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), "users.email_entered") || strings.Contains(err.Error(), "users.email,") {
			t.Errorf("got %v, want ErrForeignTable with the columns that lack", err)
		}
		want := "0"
		if db.Dialect == dialect.MySQL {
			want = "1" // create's own
		}
		if got := countTables(t, client, db.Dialect); got != want {
			t.Errorf("%s tables, want %s", got, want)
		}
	})
}

// Without create the host has migrated already.
func TestHostWithoutCreate(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		pool := hostPool(t, db)
		err := migrate.Lock(t.Context(), db.Dialect, pool, func(d dialect.Driver) error {
			return schemaCreate(migrate.Desired, supersets(db.Dialect)[1])(t.Context(), d)
		})
		if err != nil {
			t.Fatal(err)
		}
		drv := driverOf(t, db)
		client := clientOn(t, drv)
		if err := migrate.Up(t.Context(), client); !errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), "migrate.Host") {
			t.Errorf("Up: got %v, want ErrForeignTable that names Host", err)
		}
		if err := migrate.Host(t.Context(), drv, nil); err != nil {
			t.Fatal(err)
		}
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}

func TestHostRefuses(t *testing.T) {
	db := testdb.New(t, dialect.SQLite)
	pool := hostPool(t, db)
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	off, err := sql.Open(db.Driver, testdb.New(t, dialect.SQLite).DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer off.Close()
	prefixed := open(t, testdb.New(t, dialect.SQLite), migrate.Prefix("torii_")).Driver()
	for _, row := range []struct {
		name string
		drv  dialect.Driver
		want string
	}{
		{"no driver", nil, "is nil"},
		{"a nil driver", (*entsql.Driver)(nil), "is nil"},
		{"a log of nothing", dialect.Debug(nil), "is nil"},
		{"a nil pool", entsql.OpenDB(dialect.SQLite, nil), "is nil"},
		{"a nil pool with a log", dialect.Debug(entsql.OpenDB(dialect.SQLite, nil)), "is nil"},
		{"a transaction", entsql.NewDriver(dialect.SQLite, entsql.Conn{ExecQuerier: tx}), "transaction"},
		{"another database", entsql.OpenDB("oracle", pool), `"oracle" is not known`},
		{"a pool without foreign keys", entsql.OpenDB(dialect.SQLite, off), "foreign keys are off"},
		{"a prefix", prefixed, "Prefix"},
		{"a database for sessions only", driverOf(t, testdb.New(t, dialect.SQLite), migrate.SessionsOnly()), "SessionsOnly"},
	} {
		t.Run(row.name, func(t *testing.T) {
			called := false
			err := migrate.Host(t.Context(), row.drv, func(context.Context, dialect.Driver) error {
				called = true
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), row.want) || called {
				t.Errorf("got %v (create called: %v), want an error with %q", err, called, row.want)
			}
		})
	}
}

// What stands around a table that Ent rebuilds on SQLite does not stop it.
func TestHostRebuildsBesideTriggersAndViews(t *testing.T) {
	db := testdb.New(t, dialect.SQLite)
	drv := driverOf(t, db)
	client := clientOn(t, drv)
	if err := migrate.Up(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	run(t, client, "CREATE TABLE log (email text)", "CREATE TABLE names (email text)",
		"CREATE TRIGGER users_log AFTER INSERT ON users BEGIN INSERT INTO log VALUES ('`users`; END'); END",
		"CREATE TRIGGER users_gone AFTER DELETE ON users BEGIN DELETE FROM names WHERE email = OLD.email; END",
		"CREATE TRIGGER names_users AFTER INSERT ON names BEGIN UPDATE users SET name = 'named' WHERE email = NEW.email; END",
		"CREATE VIEW people AS SELECT email FROM users")
	addUser(t, client, "ann@example.org")
	rebuilds := schemaCreate(migrate.Desired, superset{add: func(tables []*schema.Table) []*schema.Table {
		users := table(tables, "users")
		users.Columns = append(users.Columns, &schema.Column{Name: "score", Type: field.TypeInt, Default: 3})
		columnOf(users, "email_entered").Nullable = true
		return tables
	}})
	if err := migrate.Host(t.Context(), drv, rebuilds); err != nil {
		t.Fatal(err)
	}
	run(t, client, "INSERT INTO names VALUES ('ann@example.org')")
	if got := text(t, client, "SELECT name || score FROM users JOIN people ON people.email = users.email"); got != "named3" {
		t.Errorf("got %q", got)
	}
	addUser(t, client, "ben@example.org")
	run(t, client, "DELETE FROM users WHERE email = 'ann@example.org'")
	if got := text(t, client, "SELECT (SELECT count(*) FROM log) || (SELECT count(*) FROM names) || (SELECT count(*) FROM sqlite_master WHERE type = 'trigger')"); got != "203" {
		t.Errorf("the triggers: got %q, want 2 notes, no names, 3 triggers", got)
	}
}
