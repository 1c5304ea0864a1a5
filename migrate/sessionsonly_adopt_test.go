package migrate_test

import (
	"errors"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// A dump that was restored without auth_meta does not say which kind it is.
func TestSessionsOnlyAdopt(t *testing.T) {
	for _, row := range []struct {
		name string
		only bool
	}{
		{"sessions only", true},
		{"with users", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				ctx := t.Context()
				right, wrong := []migrate.Option(nil), []migrate.Option{migrate.SessionsOnly()}
				if row.only {
					right, wrong = wrong, right
				}
				owner := open(t, db, right...)
				stray := open(t, db, append(wrong, migrate.SkipMigration())...)
				run(t, owner, "DROP TABLE auth_meta")
				for who, client := range map[string]*ent.Client{"the right client": owner, "the wrong one": stray} {
					if err := migrate.Up(ctx, client); !errors.Is(err, migrate.ErrForeignTable) {
						t.Errorf("%s: got %v, want ErrForeignTable", who, err)
					}
				}
				before := state(t, owner)
				if err := migrate.Adopt(ctx, stray); !errors.Is(err, migrate.ErrSessionsOnly) {
					t.Errorf("the wrong client adopts: %v", err)
				}
				if got := state(t, owner); got != before {
					t.Errorf("before\n%s\nafter\n%s", before, got)
				}
				if err := errors.Join(migrate.Adopt(ctx, owner), migrate.Verify(ctx, owner)); err != nil {
					t.Error(err)
				}
				if err := migrate.Adopt(ctx, stray); !errors.Is(err, migrate.ErrSessionsOnly) {
					t.Errorf("the wrong client, afterwards: %v", err)
				}
			})
		})
	}
}

// On MySQL a program can die before the first row of auth_meta, or before the table.
func TestSessionsOnlyCreationThatWasCutOff(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, cut := range [][]string{
			{"DROP TABLE auth_sessions", "DELETE FROM auth_meta WHERE id = 'schema_version'"},
			{"DROP TABLE auth_sessions", "DELETE FROM auth_meta"},
		} {
			client := open(t, db, migrate.SessionsOnly())
			run(t, client, cut...)
			if err := errors.Join(migrate.Up(t.Context(), client), migrate.Verify(t.Context(), client)); err != nil {
				t.Fatal(err)
			}
			if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
				t.Errorf("there is still a plan: %q, %v", plan, err)
			}
		}
	})
}

// Somebody, perhaps an Ent client, has added the key that the other kind has.
func TestSessionsOnlyVerifySeesTheKey(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.SessionsOnly())
		as := map[string]string{dialect.MySQL: " COLLATE utf8mb4_bin"}[db.Dialect] // as the columns that refer to them
		run(t, client, "CREATE TABLE users (id varchar(64) PRIMARY KEY)"+as, "CREATE TABLE teams (id varchar(64) PRIMARY KEY)"+as)
		if db.Dialect == dialect.SQLite {
			run(t, client, "ALTER TABLE auth_sessions ADD COLUMN team_id varchar(64) REFERENCES teams (id)")
		} else {
			run(t, client, "ALTER TABLE auth_sessions ADD COLUMN team_id varchar(64), ADD CONSTRAINT sessions_team FOREIGN KEY (team_id) REFERENCES teams (id)")
		}
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Errorf("a key of the host's on its own column: %v", err)
		}
		name := "auth_sessions_users_sessions"
		if db.Dialect == dialect.SQLite {
			name = "user_id"
			run(t, client, "PRAGMA writable_schema = 1",
				"UPDATE sqlite_master SET sql = substr(sql, 1, length(sql) - 1) || ', FOREIGN KEY (user_id) REFERENCES users (id))' WHERE name = 'auth_sessions'",
				"PRAGMA writable_schema = RESET")
		} else {
			run(t, client, "ALTER TABLE auth_sessions ADD CONSTRAINT "+name+" FOREIGN KEY (user_id) REFERENCES users (id)")
		}
		if err := addOrphan(client, "usr_unknown", 1); err == nil {
			t.Fatal("the key does not hold")
		}
		err := migrate.Verify(t.Context(), client)
		var verify *migrate.VerifyError
		if !errors.As(err, &verify) || len(verify.Findings) != 1 {
			t.Fatalf("got %v, want one finding", err)
		}
		got := verify.Findings[0]
		if got.Kind != migrate.UnwantedForeignKey || got.Table != "auth_sessions" || !strings.EqualFold(got.Name, name) || got.Cure == "" {
			t.Errorf("got %v", got)
		}
		if err := migrate.Adopt(t.Context(), client); !errors.Is(err, migrate.ErrSessionsOnly) {
			t.Errorf("Adopt: got %v, want ErrSessionsOnly", err)
		}
	})
}
