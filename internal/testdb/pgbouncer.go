package testdb

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb/server"
)

// PgBouncer returns the same PostgreSQL database through a private PgBouncer in
// transaction mode with four sessions, which ends with the test. Settings are further
// lines of its configuration. When it cannot be had, the test fails under CI and is
// skipped, loudly, otherwise.
func PgBouncer(t testing.TB, db DB, settings ...string) DB {
	t.Helper()
	s, err := server.PgBouncer(db.DSN, 4, settings...)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("\n*** NOT TESTED behind PgBouncer: %v", err)
	}
	if err != nil {
		t.Fatalf("testdb: no PgBouncer: %v", err)
	}
	t.Cleanup(s.Stop)
	db.DSN = s.DSN
	return db
}
