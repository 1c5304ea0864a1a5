package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// result is what a run of the program left behind.
type result struct {
	code           int
	stdout, stderr string
}

// program runs torii with an environment of its own: "NAME=value" before the arguments.
func program(t *testing.T, args ...string) result {
	t.Helper()
	env := map[string]string{}
	for len(args) > 0 && strings.HasPrefix(args[0], databaseURL+"=") {
		name, value, _ := strings.Cut(args[0], "=")
		env[name], args = value, args[1:]
	}
	var out, err strings.Builder
	code := run(t.Context(), args, &out, &err, func(name string) string { return env[name] })
	return result{code, out.String(), err.String()}
}

// wants fails the test unless the program ended so. stdout is the whole text, "*" for any.
func (r result) wants(t *testing.T, code int, stdout string) {
	t.Helper()
	if r.code != code || stdout != "*" && r.stdout != stdout {
		t.Fatalf("exit code %d, want %d; stdout:\n%s\nwant:\n%s\nstderr:\n%s", r.code, code, r.stdout, stdout, r.stderr)
	}
}

// fails fails the test unless the program ended with the code and said the text.
func (r result) fails(t *testing.T, code int, text string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.stderr, text) {
		t.Fatalf("exit code %d, want %d; stderr:\n%s\nwant in it:\n%s\nstdout:\n%s", r.code, code, r.stderr, text, r.stdout)
	}
}

// migrateOn runs "torii migrate WORD" on a database.
func migrateOn(t *testing.T, word string, db testdb.DB, more ...string) result {
	t.Helper()
	return program(t, append([]string{"migrate", word, "-driver", db.Driver, "-dsn", db.DSN}, more...)...)
}

// raw is a pool that no package of ours has touched.
func raw(t *testing.T, db testdb.DB) *sql.DB {
	t.Helper()
	dsn := db.DSN
	if db.Dialect == "mysql" { // golang-migrate sends whole files
		dsn += "?multiStatements=true"
		if strings.Contains(db.DSN, "?") {
			dsn = db.DSN + "&multiStatements=true"
		}
	}
	pool, err := sql.Open(db.Driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	pool.SetMaxOpenConns(1)
	return pool
}

func exec(t *testing.T, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := pool.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
}

// look opens a database as it is.
func look(t *testing.T, db testdb.DB, opts ...migrate.Option) *ent.Client {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN, append(opts, migrate.SkipMigration())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}
