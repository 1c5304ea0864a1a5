package server_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb/server"
)

func TestOracleMySQL(t *testing.T) {
	if os.Getenv("TEST_ORACLE_MYSQL_DSN") == "off" {
		t.Skip("TEST_ORACLE_MYSQL_DSN=off")
	}
	s, err := server.OracleMySQL()
	if err != nil {
		t.Skipf("\n*** NOT TESTED on Oracle MySQL: %v", err) // in CI too: a mirror decides
	}
	defer s.Stop()
	db, err := sql.Open("mysql", s.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version, comment string
	if err := db.QueryRow("SELECT version(), @@version_comment").Scan(&version, &comment); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(version+comment, "MariaDB") {
		t.Errorf("it is a MariaDB: %s, %s", version, comment)
	}
	t.Logf("MySQL %s, %s", version, comment)
}

// A machine without apt has no such server, and says so.
func TestOracleMySQLNotToBeHad(t *testing.T) {
	cache, err := os.MkdirTemp("/tmp", "torii-cache-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(cache) })
	if err := os.Chmod(cache, 0o755); err != nil { // passable for every account
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("PATH", t.TempDir())
	if s, err := server.OracleMySQL(); err == nil || !strings.Contains(err.Error(), "Debian") {
		if err == nil {
			s.Stop()
		}
		t.Errorf("got %v, want an error that says what is missing", err)
	}
}
