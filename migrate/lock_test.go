package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
	entmigrate "github.com/torii-go/torii/ent/migrate"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

func hostPool(t *testing.T, db testdb.DB) *sql.DB {
	t.Helper()
	params := map[string]string{dialect.SQLite: "_fk=1&_txlock=immediate&_journal_mode=WAL", dialect.MySQL: "parseTime=true"}[db.Dialect]
	if params != "" {
		params = separator(db.DSN) + params
	}
	pool, err := sql.Open(db.Driver, db.DSN+params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// A host migrates with its own Ent client, in many instances; then Torii.
func TestLockForTheHostsMigration(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		pool := hostPool(t, db)
		var one sync.Mutex // Ent writes into its tables, unguarded
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				err := migrate.Lock(t.Context(), db.Dialect, pool, func(d dialect.Driver) error {
					one.Lock()
					defer one.Unlock()
					return ent.NewClient(ent.Driver(d)).Schema.Create(t.Context())
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		client, err := migrate.OpenDB(t.Context(), db.Dialect, pool, migrate.SkipMigration())
		if err != nil {
			t.Fatal(err)
		}
		if err := migrate.Up(t.Context(), client); !errors.Is(err, migrate.ErrForeignTable) {
			// The host's auth_meta is empty and passes for ours; the other tables do not.
			t.Errorf("got %v, want ErrForeignTable", err)
		}
		if err := migrate.Adopt(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}

// Ent rebuilds a table on SQLite with DROP TABLE, which must not cascade.
func TestLockKeepsTheChildrenOfARebuiltTable(t *testing.T) {
	db := testdb.New(t, dialect.SQLite)
	client := open(t, db)
	u := addUser(t, client, "ann@example.org")
	client.Session.Create().SetUserID(u.ID).SetTokenHash(make32(1)).SetExpiresAt(u.CreatedAt).SetAbsoluteExpiresAt(u.CreatedAt).ExecX(t.Context())
	run(t, client, "CREATE TABLE teams (id integer PRIMARY KEY)", "ALTER TABLE users ADD COLUMN team_id integer REFERENCES teams (id)")
	pool := hostPool(t, db)
	err := migrate.Lock(t.Context(), db.Dialect, pool, func(d dialect.Driver) error {
		return entmigrate.Create(t.Context(), entmigrate.NewSchema(d), migrate.Desired()) // rebuilds users
	})
	if err != nil {
		t.Fatal(err)
	}
	if text(t, client, "SELECT count(*) FROM pragma_table_info('users') WHERE name = 'team_id'") != "0" {
		t.Error("Ent has not rebuilt the table: the test tests nothing")
	}
	if n := client.Session.Query().CountX(t.Context()); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	var on bool
	if err := pool.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&on); err != nil || !on {
		t.Errorf("the connection came back with foreign keys off (%v)", err)
	}
}

func TestLockUndoesWhatFailed(t *testing.T) {
	failed := errors.New("failed")
	// On MySQL and MariaDB a CREATE TABLE commits by itself.
	for _, name := range []string{dialect.SQLite, dialect.Postgres} {
		t.Run(name, func(t *testing.T) { lockUndoes(t, testdb.New(t, name), failed) })
	}
}

func lockUndoes(t *testing.T, db testdb.DB, failed error) {
	pool := hostPool(t, db)
	pool.SetMaxOpenConns(1)
	create := func(ctx context.Context, q dialect.ExecQuerier, table string) {
		if err := q.Exec(ctx, "CREATE TABLE "+table+" (id integer)", []any{}, nil); err != nil {
			t.Error(err)
		}
	}
	err := migrate.Lock(t.Context(), db.Dialect, pool, func(d dialect.Driver) error {
		create(t.Context(), d, "outer_table")
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want the function's own error", err)
	}
	err = migrate.Lock(t.Context(), db.Dialect, pool, func(d dialect.Driver) error {
		create(t.Context(), d, "outer_table")
		tx, err := d.Tx(t.Context())
		if err != nil {
			return err
		}
		create(t.Context(), tx, "inner_table")
		return tx.Rollback()
	})
	if err != nil {
		t.Error(err)
	}
	func() {
		defer func() { recover() }()
		migrate.Lock(t.Context(), db.Dialect, pool, func(dialect.Driver) error { panic("in f") })
	}()
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO outer_table VALUES (1)"); err != nil {
		t.Errorf("what was committed: %v", err)
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO inner_table VALUES (1)"); err == nil {
		t.Error("a table that was rolled back is there")
	}
}
