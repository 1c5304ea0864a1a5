// Package testdb gives every test fresh, empty databases of all three kinds that
// the library runs on: SQLite, PostgreSQL and MySQL (MariaDB).
//
//	func TestSignUp(t *testing.T) {
//		testdb.Each(t, func(t *testing.T, db testdb.DB) {
//			client := open(t, db.Driver, db.DSN)
//			...
//		})
//	}
//
// SQLite is a file in the test's own folder. PostgreSQL and MariaDB are private
// servers, started at the first use in a temporary folder on a free loopback port
// and gone with the test process. A running server is never looked for; to use one,
// name it in TEST_POSTGRES_DSN or TEST_MYSQL_DSN. Only databases named torii_test_
// and 26 random characters are then created and dropped on it.
//
// A database that cannot be had fails the test when the variable CI is set and skips
// it, loudly, otherwise.
//
// Only tests may import this package: it links all three drivers.
package testdb

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	// The drivers register themselves under the names that DB.Driver carries.
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// DB names one empty database that lives as long as the test it was made for.
type DB struct {
	Dialect string // "sqlite3", "postgres" or "mysql": Ent's names
	Driver  string // the database/sql driver's name
	DSN     string // without any of the options that the library's own Open adds
}

// Dialects returns the dialects in the order in which Each runs them.
func Dialects() []string { return []string{"sqlite3", "postgres", "mysql"} }

// Each runs f as one subtest for each dialect, named sqlite3, postgres and mysql,
// each with a database of its own. f may call t.Parallel.
func Each(t *testing.T, f func(t *testing.T, db DB)) {
	t.Helper()
	for _, dialect := range Dialects() {
		t.Run(dialect, func(t *testing.T) { f(t, New(t, dialect)) })
	}
}

// New returns a fresh database of one dialect, which is dropped when t ends, open
// connections or not. It is safe for concurrent use.
func New(t testing.TB, dialect string) DB {
	t.Helper()
	if dialect == "sqlite3" {
		return DB{Dialect: dialect, Driver: "sqlite3", DSN: sqliteDSN(filepath.Join(t.TempDir(), "x.db"))}
	}
	e, ok := engines[dialect]
	if !ok {
		t.Fatalf("testdb: dialect %q is none of %q", dialect, Dialects())
	}
	if err := e.ready(); err != nil {
		unavailable(t, e, err)
	}
	name := newName()
	if err := e.create(e.admin, name); err != nil {
		t.Fatalf("testdb: create a %s database: %v", dialect, err)
	}
	t.Cleanup(func() {
		if err := e.drop(e.admin, name); err != nil {
			t.Errorf("testdb: drop the %s database %s: %v", dialect, name, err)
		}
	})
	return DB{Dialect: dialect, Driver: e.driver, DSN: e.named(e.dsn, name)}
}

// Main runs the tests, stops the private servers, removes their folders and returns
// the exit code. It is for packages with a TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
// Packages without it lose nothing but the tidiness: their servers die with the
// process, and the folders are removed by the next start.
func Main(m *testing.M) int {
	code := m.Run()
	var wait sync.WaitGroup
	for _, e := range engines {
		wait.Go(e.stop)
	}
	wait.Wait()
	return code
}

// unavailable ends the test. A server that somebody named must answer, and under CI
// nothing may go untested unnoticed; a developer without the packages sees a skip.
func unavailable(t testing.TB, e *engine, err error) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv(e.env) != "" {
		t.Fatalf("testdb: no %s: %v", e.title, err)
	}
	t.Skipf("\n*** NOT TESTED on %s: %v\n*** or name a server in %s", e.title, err, e.env)
}
