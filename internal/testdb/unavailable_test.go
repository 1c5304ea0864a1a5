package testdb

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestUnavailable(t *testing.T) {
	for _, row := range []struct {
		name, ci, dsn, want string
	}{
		{"a developer without the package sees a skip", "", "", "skip"},
		{"under CI it is a failure", "true", "", "fatal"},
		{"a server that was named must answer", "", "postgres://127.0.0.1:1/", "fatal"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("CI", row.ci)
			t.Setenv("TEST_POSTGRES_DSN", row.dsn)
			var tb recorder
			unavailable(&tb, engines["postgres"], errors.New("install postgresql"))
			if tb.did != row.want || !strings.Contains(tb.text, "install postgresql") {
				t.Errorf("got %s %q, want %s with the cure", tb.did, tb.text, row.want)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	for _, row := range []struct {
		name, got, want string
	}{
		{"a PostgreSQL URL keeps its options", postgresDSN("postgres://u:p@h:1/postgres?sslmode=disable", "x"), "postgres://u:p@h:1/x?sslmode=disable"},
		{"a PostgreSQL list gets a later dbname", postgresDSN("host=h dbname=postgres", "x"), "host=h dbname=postgres dbname=x"},
		{"a MySQL DSN keeps its options", mysqlDSN("u:p@tcp(h:1)/?tls=skip-verify", "x"), "u:p@tcp(h:1)/x?tls=skip-verify"},
		{"a SQLite path is escaped", sqliteDSN("/tmp/100% sure?/x.db"), "file:/tmp/100%25%20sure%3F/x.db"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.got != row.want {
				t.Errorf("got %s, want %s", row.got, row.want)
			}
		})
	}
}

// recorder remembers how a test would have ended: by the first call, since a real
// test does not come back from it.
type recorder struct {
	testing.TB
	did, text string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) { r.end("fatal", format, args) }

func (r *recorder) Skipf(format string, args ...any) { r.end("skip", format, args) }

func (r *recorder) end(did, format string, args []any) {
	if r.did == "" {
		r.did, r.text = did, fmt.Sprintf(format, args...)
	}
}
