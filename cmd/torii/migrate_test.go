package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

const (
	fits     = "The database fits this release.\n"
	nothing  = "Nothing to do: the database fits this release.\n"
	upToDate = "Done: the database fits this release.\n"
)

func TestUpPlanVerify(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		exec(t, raw(t, db), "CREATE TABLE host (id INT PRIMARY KEY)") // plan looks at databases that exist
		before := migrateOn(t, "plan", db)
		before.wants(t, 0, "*")
		if !strings.Contains(before.stdout, "auth_sessions") || !strings.HasSuffix(before.stdout, ";\n") {
			t.Errorf("the plan for an empty database:\n%s", before.stdout)
		}
		migrateOn(t, "plan", db, "-exit-code").wants(t, exitPending, "*")
		lacks := migrateOn(t, "verify", db)
		lacks.wants(t, exitError, "*")
		if !strings.Contains(lacks.stdout, "missing table users: ") {
			t.Errorf("verify found:\n%s", lacks.stdout)
		}

		migrateOn(t, "up", db).wants(t, 0, upToDate)
		migrateOn(t, "up", db).wants(t, 0, nothing)
		migrateOn(t, "verify", db).wants(t, 0, fits)
		migrateOn(t, "plan", db).wants(t, 0, "")
		migrateOn(t, "plan", db, "-exit-code").wants(t, 0, "")
	})
}

// What plan prints does the same as up, when somebody else runs it.
func TestPlanIsAllThatUpDoes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		pool := raw(t, db)
		exec(t, pool, "CREATE TABLE host (id INT PRIMARY KEY)")
		exec(t, pool, migrateOn(t, "plan", db).stdout)
		migrateOn(t, "verify", db).wants(t, 0, fits)
		migrateOn(t, "up", db).wants(t, 0, nothing)
	})
}

func TestOptionsReachTheMigration(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, flags := range [][]string{{"-prefix", "torii_"}, {"-prefix", "s_", "-sessions-only"}} {
			migrateOn(t, "up", db, flags...).wants(t, 0, upToDate)
			migrateOn(t, "plan", db, flags...).wants(t, 0, "")
			migrateOn(t, "verify", db, flags...).wants(t, 0, fits)
		}
		if err := migrate.Verify(t.Context(), look(t, db, migrate.Prefix("torii_"))); err != nil {
			t.Error(err)
		}
		if err := migrate.Verify(t.Context(), look(t, db, migrate.Prefix("s_"), migrate.SessionsOnly())); err != nil {
			t.Error(err)
		}
		migrateOn(t, "verify", db, "-prefix", "s_").fails(t, exitError, "SessionsOnly")
		migrateOn(t, "up", db, "-prefix", "Bad-").fails(t, exitError, "Prefix")
	})
}

func TestVerifyAsksAuthMetaToo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		migrateOn(t, "up", db).wants(t, 0, upToDate)
		pool := raw(t, db)
		exec(t, pool, "DELETE FROM auth_meta WHERE id = 'schema_version'")
		got := migrateOn(t, "verify", db)
		got.wants(t, exitError, "*")
		if !strings.Contains(got.stdout, "auth_meta does not record everything") {
			t.Errorf("verify found:\n%s", got.stdout)
		}
		exec(t, pool, "DELETE FROM auth_meta", "DROP TABLE auth_meta")
		migrateOn(t, "up", db).fails(t, exitError, "auth_meta does not list it")
	})
}

func TestTheEnvironmentNamesTheDatabase(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "app.db")
	program(t, databaseURL+"="+dsn, "migrate", "up").wants(t, 0, upToDate)
	program(t, databaseURL+"="+dsn, "migrate", "verify").wants(t, 0, fits)
	other := "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	program(t, databaseURL+"="+other, "migrate", "verify", "-dsn", dsn).wants(t, 0, fits)
}

// To look is not to make: SQLite would create the file.
func TestLookingMakesNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, dsn := range []string{"sqlite:" + dir + "/a%20b.db", "file:" + dir + "/c.db?_fk=1", "sqlite3://" + dir + "/d.db"} {
		for _, word := range []string{"plan", "verify"} {
			program(t, "migrate", word, "-dsn", dsn).fails(t, exitError, "there is no database "+dir)
		}
	}
	program(t, "migrate", "plan", "-driver", "sqlite3", "-dsn", dir+"/e.db").fails(t, exitError, "there is no database")
	if found, err := filepath.Glob(dir + "/*"); err != nil || len(found) > 0 {
		t.Errorf("made %q, %v", found, err)
	}
	program(t, "migrate", "plan", "-dsn", "sqlite::memory:").wants(t, 0, "*")
}
