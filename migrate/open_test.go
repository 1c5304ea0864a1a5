package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// open opens a database of a test, which may fail in no case.
func open(t testing.TB, db testdb.DB, opts ...migrate.Option) *ent.Client {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN, opts...)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return client
}

// run runs statements through a client.
func run(t testing.TB, client *ent.Client, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := client.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// text returns the one value of a query as text.
func text(t testing.TB, client *ent.Client, query string) string {
	t.Helper()
	rows, err := client.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var s sql.NullString
	if rows.Next() {
		if err := rows.Scan(&s); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

func addUser(t testing.TB, client *ent.Client, email string) *ent.User {
	t.Helper()
	u, err := client.User.Create().SetEmail(email).Save(t.Context())
	if err != nil {
		t.Fatalf("create %s: %v", email, err)
	}
	return u
}

func TestOpen(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		added := addUser(t, client, "ann@example.org")
		got, err := client.User.Query().Where(user.Email("ann@example.org")).Only(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != added.ID || !got.CreatedAt.Equal(added.CreatedAt) {
			t.Errorf("read %s of %v, wrote %s of %v", got.ID, got.CreatedAt, added.ID, added.CreatedAt)
		}
		again := open(t, db, migrate.MaxConns(2))
		if n := again.User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("after the second start there are %d users, want 1", n)
		}
	})
}

func TestOpenSkippingMigration(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.SkipMigration())
		var verify *migrate.VerifyError
		if err := migrate.Verify(t.Context(), client); !errors.As(err, &verify) {
			t.Fatalf("Verify of an empty database: %v", err)
		}
		if len(verify.Findings) != 11 || verify.Findings[0].Kind != migrate.MissingTable {
			t.Errorf("got %v, want 11 missing tables", verify.Findings)
		}
	})
}

func TestOpenSettings(t *testing.T) {
	want := map[string]map[string]string{
		"sqlite3": {
			"PRAGMA foreign_keys": "1", "PRAGMA journal_mode": "wal", "PRAGMA synchronous": "1", "PRAGMA busy_timeout": "5000",
		},
		"postgres": {
			"SHOW timezone": "UTC", "SHOW application_name": "torii",
		},
		"mysql": {
			"SELECT @@session.time_zone": "+00:00", "SELECT @@character_set_client": "utf8mb4",
			"SELECT @@session.sql_mode LIKE '%STRICT_TRANS_TABLES%'": "1",
			"SELECT @@session.tx_isolation":                          "READ-COMMITTED",
		},
	}
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		for query, value := range want[db.Dialect] {
			if strings.Contains(query, "tx_isolation") && !strings.Contains(text(t, client, "SELECT VERSION()"), "MariaDB") {
				query = "SELECT @@session.transaction_isolation"
			}
			if got := text(t, client, query); got != value {
				t.Errorf("%s: got %q, want %q", query, got, value)
			}
		}
	})
}

func TestOpenRefusesWhatCannotBe(t *testing.T) {
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.db")
	if err := os.WriteFile(noise, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, driver, dsn, want string }{
		{"a driver that is not imported names its import", "pgx", "postgres://localhost/x", `import _ "github.com/jackc/pgx/v5/stdlib"`},
		{"an unknown driver is told about OpenDB", "oracle", "x", "OpenDB"},
		{"no driver and no URL", "", "app.db", "not a URL"},
		{"a URL of another database", "sqlite3", "postgres://localhost/x", `driver "sqlite3" cannot open a URL for postgres`},
		{"a directory that is missing", "sqlite3", "file:" + dir + "/missing/app.db", "missing does not exist; create it"},
		{"a directory instead of a file", "sqlite3", "file:" + dir, "is a directory"},
		{"a file in a file", "sqlite3", "file:" + noise + "/app.db", "not a directory"},
		{"a file of something else", "sqlite3", "file:" + noise, "is not a SQLite database"},
		{"a server that is not there", "postgres", "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable", "connection refused"},
		{"another server that is not there", "mysql", "u:hunter2@tcp(127.0.0.1:1)/x", "connection refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			client, err := migrate.Open(t.Context(), row.driver, row.dsn)
			if err == nil || client != nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, %v, want an error with %q", client, err, row.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
	if _, err := migrate.Open(t.Context(), "sqlite3", ":memory:", migrate.MaxConns(0)); err == nil {
		t.Error("MaxConns(0) is accepted")
	}
}

func TestOpenInMemory(t *testing.T) {
	for _, dsn := range []string{":memory:", "file::memory:", "file:x?mode=memory", "sqlite::memory:"} {
		client, err := migrate.Open(t.Context(), "sqlite3", dsn)
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		addUser(t, client, "ann@example.org")
		if err := client.Close(); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestOpenDB(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		params := map[string]string{"sqlite3": "?_fk=1", "mysql": "parseTime=true"}[db.Dialect]
		if db.Dialect == "mysql" {
			params = separator(db.DSN) + params
		}
		pool, err := sql.Open(db.Driver, db.DSN+params)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		client, err := migrate.OpenDB(t.Context(), db.Dialect, pool)
		if err != nil {
			t.Fatal(err)
		}
		addUser(t, client, "ann@example.org")
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		if err := pool.PingContext(t.Context()); err != nil {
			t.Errorf("Close of the client has closed the host's pool: %v", err)
		}
		if _, err := migrate.OpenDB(t.Context(), db.Dialect, pool, migrate.MaxConns(3)); err == nil {
			t.Error("MaxConns is accepted for a pool that is not ours")
		}
	})
}

func separator(dsn string) string {
	if strings.Contains(dsn, "?") {
		return "&"
	}
	return "?"
}

func TestOpenDBTestsTheHostsPool(t *testing.T) {
	for _, row := range []struct{ name, dialect, params, want string }{
		{"foreign keys off", "sqlite3", "", "foreign keys are off"},
		{"times as text", "mysql", "parseTime=false", "parseTime=true"},
		{"times of another zone", "mysql", "parseTime=true&loc=Asia%2FTokyo", "zone Asia/Tokyo"},
	} {
		t.Run(row.name, func(t *testing.T) {
			db := testdb.New(t, row.dialect)
			pool, err := sql.Open(db.Driver, db.DSN+separator(db.DSN)+row.params)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := migrate.OpenDB(t.Context(), row.dialect, pool); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error with %q", err, row.want)
			}
		})
	}
	if _, err := migrate.OpenDB(t.Context(), "oracle", nil); err == nil {
		t.Error("an unknown dialect is accepted")
	}
}

func TestEndOfContextEndsTheWaiting(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		holder, waiter := open(t, db), open(t, db)
		held, free := make(chan bool), make(chan bool)
		done := make(chan error, 1)
		go func() {
			done <- migrate.HoldLock(context.Background(), holder, func() { close(held); <-free })
		}()
		<-held
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		begin := time.Now()
		err := migrate.Up(ctx, waiter)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		close(free)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := migrate.Up(t.Context(), waiter); err != nil {
			t.Errorf("after the lock was free: %v", err)
		}
		if _, err := migrate.Open(ctx, db.Driver, db.DSN); err == nil {
			t.Error("Open succeeds with a context that has ended")
		}
	})
}
