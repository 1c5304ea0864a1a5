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
// A fourth one is MySQL of Oracle's making, called mysql9: only where a server is named
// in TEST_ORACLE_MYSQL_DSN, as internal/testdb/cmd/withdb does when one can be had.
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
	Name    string // for New: the dialect, or "mysql9"
	Dialect string // "sqlite3", "postgres" or "mysql": Ent's names
	Driver  string // the database/sql driver's name
	DSN     string // without any of the options that the library's own Open adds
}

// Dialects returns the dialects in the order in which Each runs them.
func Dialects() []string { return []string{"sqlite3", "postgres", "mysql"} }

// Names returns the databases in the order in which Each runs them: the dialects, and
// mysql9 if there is one.
func Names() []string {
	names := Dialects()
	if dsn := os.Getenv(engines[oracle].env); dsn != "" && dsn != "off" {
		names = append(names, oracle)
	}
	return names
}

// Each runs f as one subtest for each database, named as Names has them, each with a
// database of its own. f may call t.Parallel.
func Each(t *testing.T, f func(t *testing.T, db DB)) {
	t.Helper()
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) { f(t, New(t, name)) })
	}
}

// New returns a fresh database of a dialect or of mysql9, which is dropped when t ends,
// open connections or not. It is safe for concurrent use.
func New(t testing.TB, name string) DB {
	t.Helper()
	if name == "sqlite3" {
		return DB{Name: name, Dialect: name, Driver: "sqlite3", DSN: sqliteDSN(filepath.Join(t.TempDir(), "x.db"))}
	}
	e, ok := engines[name]
	if !ok {
		t.Fatalf("testdb: database %q is none of %q", name, Names())
	}
	if err := e.ready(); err != nil {
		unavailable(t, e, err)
	}
	unique := newName()
	if err := e.create(e.admin, unique); err != nil {
		t.Fatalf("testdb: create a %s database: %v", name, err)
	}
	t.Cleanup(func() {
		if err := e.drop(e.admin, unique); err != nil {
			t.Errorf("testdb: drop the %s database %s: %v", name, unique, err)
		}
	})
	// The drivers of servers are called as Ent calls the dialects.
	return DB{Name: name, Dialect: e.driver, Driver: e.driver, DSN: e.named(e.dsn, unique)}
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
