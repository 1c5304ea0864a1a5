package main

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// A host that makes its users itself may require of them what it likes; of other tables it
// may not.
func TestAHostFillsItsOwnColumns(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		migrateOn(t, "up", db).wants(t, 0, upToDate)
		pool := raw(t, db)
		require := func(table string) {
			if db.Dialect != "sqlite3" {
				exec(t, pool, "ALTER TABLE "+table+" ADD COLUMN locale varchar(35) NOT NULL DEFAULT 'en'")
				exec(t, pool, "ALTER TABLE "+table+" ALTER COLUMN locale DROP DEFAULT")
				return
			}
			// SQLite adds no such column, but reads what stands in its catalogue.
			exec(t, pool, "ALTER TABLE "+table+" ADD COLUMN locale text NOT NULL DEFAULT 'en'")
			exec(t, pool, "PRAGMA writable_schema = 1;"+
				"UPDATE sqlite_schema SET sql = replace(sql, 'DEFAULT ''en''', '') WHERE name = '"+table+"';"+
				"PRAGMA writable_schema = RESET")
		}

		require("users")
		migrateOn(t, "verify", db).wants(t, exitError, "*")
		migrateOn(t, "verify", db, "-host").wants(t, 0, fits)
		migrateOn(t, "up", db, "-host").wants(t, 0, nothing)

		require("auth_sessions")
		found := migrateOn(t, "verify", db, "-host")
		found.wants(t, exitError, "*")
		if !strings.Contains(found.stdout, "auth_sessions.locale") || strings.Contains(found.stdout, "users.locale") {
			t.Errorf("verify -host found:\n%s", found.stdout)
		}
	})
}
