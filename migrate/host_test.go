package migrate_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// What a host has added to users, and how to see that it is still there. Each check
// gives one value.
type addition struct {
	name       string
	statements []string
	check      string
	want       string
}

func additions(dialectName string) []addition {
	list := []addition{
		{"a column with data", []string{"ALTER TABLE users ADD COLUMN plan varchar(20)", "UPDATE users SET plan = 'gold'"},
			"SELECT plan FROM users WHERE email = 'ann@example.org'", "gold"},
		{"a foreign key to a table of the host with data", []string{
			"CREATE TABLE teams (id bigint PRIMARY KEY)", "INSERT INTO teams VALUES (7)",
			map[string]string{
				dialect.SQLite:   "ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams (id)",
				dialect.Postgres: "ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams (id)",
				dialect.MySQL:    "ALTER TABLE users ADD COLUMN team_id bigint, ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id)",
			}[dialectName],
			"UPDATE users SET team_id = 7"},
			"SELECT team_id FROM users WHERE email = 'ann@example.org'", "7"},
		{"an index", []string{"CREATE INDEX users_plan ON users (plan)"}, count(dialectName, "users_plan"), "1"},
		{"a unique index", []string{"CREATE UNIQUE INDEX users_plan_email ON users (plan, email)"}, count(dialectName, "users_plan_email"), "1"},
	}
	switch dialectName {
	case dialect.SQLite:
		list = append(list, addition{"a trigger", []string{"CREATE TABLE log (email text)",
			"CREATE TRIGGER users_log AFTER INSERT ON users BEGIN INSERT INTO log VALUES (NEW.email); END"},
			"SELECT count(*) FROM sqlite_master WHERE name = 'users_log'", "1"})
	case dialect.Postgres:
		list = append(list,
			addition{"a check", []string{"ALTER TABLE users ADD CONSTRAINT users_plan_known CHECK (plan <> 'lead')"},
				"SELECT count(*) FROM pg_constraint WHERE conname = 'users_plan_known'", "1"},
			addition{"a wider type", []string{"ALTER TABLE users ALTER COLUMN email TYPE text"},
				"SELECT data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'users' AND column_name = 'email'", "text"},
			addition{"a column made nullable", []string{"ALTER TABLE users ALTER COLUMN email_entered DROP NOT NULL"},
				"SELECT is_nullable FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'users' AND column_name = 'email_entered'", "YES"})
	case dialect.MySQL:
		list = append(list,
			addition{"a check", []string{"ALTER TABLE users ADD CONSTRAINT users_plan_known CHECK (plan <> 'lead')"},
				"SELECT count(*) FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND constraint_name = 'users_plan_known'", "1"},
			addition{"a wider type", []string{"ALTER TABLE users MODIFY email varchar(320) NOT NULL"},
				"SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'email'", "varchar(320)"})
	}
	return list
}

func count(dialectName, index string) string {
	return fmt.Sprintf(map[string]string{
		dialect.SQLite:   "SELECT count(*) FROM sqlite_master WHERE name = '%s'",
		dialect.Postgres: "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() AND indexname = '%s'",
		dialect.MySQL:    "SELECT count(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = '%s'",
	}[dialectName], index)
}

// nextRelease is Torii with more columns, of the kinds that may come.
func nextRelease() []*schema.Table {
	tables := migrate.Desired()
	for _, t := range tables {
		if t.Name != "users" {
			continue
		}
		unique := &schema.Column{Name: "handle", Type: field.TypeString, Size: 64, Nullable: true, Unique: true}
		t.Columns = append(t.Columns,
			&schema.Column{Name: "locale", Type: field.TypeString, Size: 16, Default: "it's en"},
			&schema.Column{Name: "logins", Type: field.TypeInt, Default: 3},
			&schema.Column{Name: "trusted", Type: field.TypeBool, Default: false},
			&schema.Column{Name: "seen_at", Type: field.TypeTime, Nullable: true, SchemaType: map[string]string{dialect.MySQL: "datetime(6)"}},
			unique)
		t.Indexes = append(t.Indexes, &schema.Index{Name: "users_locale", Columns: t.Columns[len(t.Columns)-5 : len(t.Columns)-4]})
	}
	more := &schema.Column{Name: "id", Type: field.TypeString, Size: 64}
	return append(tables, &schema.Table{Name: "auth_later", Columns: []*schema.Column{more}, PrimaryKey: []*schema.Column{more}})
}

func TestHostsAdditionsSurvive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db)
		addUser(t, client, "ann@example.org")
		u := addUser(t, client, "ben@example.org")
		client.Session.Create().SetUserID(u.ID).SetTokenHash(make32(1)).SetExpiresAt(u.CreatedAt).SetAbsoluteExpiresAt(u.CreatedAt).ExecX(ctx)
		for _, a := range additions(db.Dialect) {
			run(t, client, a.statements...)
		}
		survived := func(when string) {
			t.Helper()
			for _, a := range additions(db.Dialect) {
				if got := text(t, client, a.check); got != a.want {
					t.Errorf("%s: %s: got %q, want %q", when, a.name, got, a.want)
				}
			}
			if got := client.User.Query().CountX(ctx); got != 2 {
				t.Errorf("%s: %d users, want 2", when, got)
			}
			if got := client.Session.Query().CountX(ctx); got != 1 {
				t.Errorf("%s: %d sessions, want 1", when, got)
			}
		}
		for range 2 {
			if plan, err := migrate.Plan(ctx, client); err != nil || plan != "" {
				t.Errorf("Plan on a wider table: %q, %v", plan, err)
			}
			if err := migrate.Up(ctx, client); err != nil {
				t.Fatal(err)
			}
			survived("after Up")
		}
		if err := migrate.Verify(ctx, client); err != nil {
			t.Error(err)
		}
		plan, err := migrate.PlanTo(ctx, client, nextRelease(), 2)
		if err != nil || !strings.Contains(plan, "handle") || strings.Contains(plan, "DROP") {
			t.Errorf("the plan of the next release: %v\n%s", err, plan)
		}
		if err := migrate.UpTo(ctx, client, nextRelease(), 2); err != nil {
			t.Fatal(err)
		}
		survived("after an upgrade")
		if got := text(t, client, "SELECT locale FROM users WHERE email = 'ann@example.org'"); got != "it's en" {
			t.Errorf("the default of a new column: got %q", got)
		}
		if got := text(t, client, count(db.Dialect, "users_locale")); got != "1" {
			t.Errorf("the index of a new column is missing")
		}
		if plan, err := migrate.PlanTo(ctx, client, nextRelease(), 2); err != nil || plan != "" {
			t.Errorf("after the upgrade there is still a plan: %q, %v", plan, err)
		}
		// The previous release on the new schema.
		if err := migrate.Up(ctx, client); err != nil {
			t.Errorf("the previous release: %v", err)
		}
		addUser(t, client, "cy@example.org")
		if got := text(t, client, "SELECT value FROM auth_meta WHERE id = 'schema_version'"); got != "2" {
			t.Errorf("the previous release has set the version to %s", got)
		}
	})
}

func TestPreviousReleaseNeedsItsColumns(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		run(t, client, "UPDATE auth_meta SET value = '99' WHERE id = 'schema_version'", "ALTER TABLE users DROP COLUMN picture")
		var verify *migrate.VerifyError
		if err := migrate.Up(t.Context(), client); !errors.As(err, &verify) || verify.Findings[0].Name != "picture" {
			t.Errorf("got %v, want the missing column", err)
		}
		if plan, err := migrate.Plan(t.Context(), client); err == nil || plan != "" {
			t.Errorf("got a plan for a database of a later release: %q, %v", plan, err)
		}
	})
}

func TestStrangersTableIsLeftAlone(t *testing.T) {
	for _, row := range []struct{ name, create, insert, table string }{
		{"a users table", "CREATE TABLE users (id integer PRIMARY KEY, name varchar(20))", "INSERT INTO users VALUES (1, 'Ann')", "users"},
		{"a view", "CREATE VIEW auth_sessions AS SELECT 1 AS id", "", "auth_sessions"},
		{"an auth_meta with other columns", "CREATE TABLE auth_meta (k integer)", "INSERT INTO auth_meta VALUES (1)", "auth_meta"},
		{"an auth_meta with other rows", "CREATE TABLE auth_meta (id varchar(64), value varchar(64), updated_at integer)", "INSERT INTO auth_meta VALUES ('a', 'b', 1)", "auth_meta"},
	} {
		t.Run(row.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				client := open(t, db, migrate.SkipMigration())
				run(t, client, row.create)
				if row.insert != "" {
					run(t, client, row.insert)
				}
				for call, f := range map[string]func() error{
					"Up":    func() error { return migrate.Up(t.Context(), client) },
					"Adopt": func() error { return migrate.Adopt(t.Context(), client) },
					"Plan":  func() error { _, err := migrate.Plan(t.Context(), client); return err },
					"Open":  func() error { _, err := migrate.Open(t.Context(), db.Driver, db.DSN); return err },
				} {
					err := f()
					if !errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), row.table+" exists") {
						t.Errorf("%s: got %v, want ErrForeignTable for %s", call, err, row.table)
					}
				}
				if row.insert != "" && text(t, client, "SELECT count(*) FROM "+row.table) != "1" {
					t.Error("the stranger's row is gone")
				}
				for _, other := range []string{"auth_credentials", "auth_rate_limits"} {
					if _, err := client.ExecContext(t.Context(), "DROP TABLE "+other); err == nil {
						t.Errorf("%s has been created", other)
					}
				}
			})
		})
	}
}

func TestAdopt(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		addUser(t, client, "ann@example.org")
		run(t, client, "DROP TABLE auth_meta", "DROP TABLE auth_outbox", "ALTER TABLE users ADD COLUMN plan varchar(20)")
		if err := migrate.Up(t.Context(), client); !errors.Is(err, migrate.ErrForeignTable) {
			t.Fatalf("without auth_meta: got %v, want ErrForeignTable", err)
		}
		if err := migrate.Adopt(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Error(err)
		}
		if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
			t.Errorf("after Adopt there is a plan: %q, %v", plan, err)
		}
		if got := client.User.Query().CountX(t.Context()); got != 1 {
			t.Errorf("%d users, want 1", got)
		}
	})
}

// On MySQL a program can die between two CREATE TABLEs, or before the first row of
// auth_meta.
func TestCreationThatWasCutOff(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, cut := range [][]string{
			{"DROP TABLE auth_sessions", "DROP TABLE auth_oauth_accounts", "DELETE FROM auth_meta WHERE id = 'schema_version'"},
			{"DROP TABLE auth_sessions", "DROP TABLE auth_credentials", "DROP TABLE auth_magic_tokens", "DROP TABLE auth_oauth_accounts",
				"DROP TABLE users", "DROP TABLE auth_events", "DROP TABLE auth_challenges", "DROP TABLE auth_outbox",
				"DROP TABLE auth_rate_limits", "DROP TABLE auth_signing_keys", "DELETE FROM auth_meta"},
		} {
			client := open(t, db)
			run(t, client, cut...)
			if err := migrate.Up(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if err := migrate.Verify(t.Context(), client); err != nil {
				t.Error(err)
			}
			if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
				t.Errorf("there is still a plan: %q, %v", plan, err)
			}
		}
	})
}

// The SQL of Plan, run by hand, leaves nothing for Up.
func TestPlanByHand(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.SkipMigration())
		plan, err := migrate.Plan(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(strings.TrimSuffix(plan, ";\n"), ";\n") {
			run(t, client, statement)
		}
		if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
			t.Errorf("there is still a plan: %q, %v", plan, err)
		}
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Error(err)
		}
		if err := migrate.Up(t.Context(), client); err != nil {
			t.Error(err)
		}
		addUser(t, client, "ann@example.org")
	})
}

func TestVerify(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		dropIndex := "DROP INDEX session_expires_at"
		if db.Dialect == dialect.MySQL {
			dropIndex += " ON auth_sessions"
		}
		for _, row := range []struct {
			name       string
			statements []string
			want       migrate.Finding
		}{
			{"a table is gone", []string{"DROP TABLE auth_outbox"}, migrate.Finding{Kind: migrate.MissingTable, Table: "auth_outbox"}},
			{"a column is gone", []string{"ALTER TABLE users DROP COLUMN picture"}, migrate.Finding{Kind: migrate.MissingColumn, Table: "users", Name: "picture"}},
			{"an index is gone", []string{dropIndex}, migrate.Finding{Kind: migrate.MissingIndex, Table: "auth_sessions", Name: "session_expires_at"}},
			{"a host's column is required", hostRequired(db.Dialect), migrate.Finding{Kind: migrate.RequiredColumn, Table: "auth_outbox", Name: "shard"}},
			{"a foreign key is gone", noForeignKey(db.Dialect), migrate.Finding{Kind: migrate.MissingForeignKey, Table: "auth_sessions", Name: "auth_sessions_users_sessions"}},
		} {
			t.Run(row.name, func(t *testing.T) {
				client := open(t, testdb.New(t, db.Dialect))
				if err := migrate.Verify(t.Context(), client); err != nil {
					t.Fatalf("before: %v", err)
				}
				run(t, client, row.statements...)
				var verify *migrate.VerifyError
				if err := migrate.Verify(t.Context(), client); !errors.As(err, &verify) {
					t.Fatalf("got %v, want a VerifyError", err)
				}
				got := verify.Findings[0]
				if cure := got.Cure; cure == "" || !strings.Contains(verify.Error(), cure) {
					t.Errorf("no cure in %v", verify)
				}
				if got.Cure = ""; len(verify.Findings) != 1 || got != row.want {
					t.Errorf("got %v, want %v", verify.Findings, row.want)
				}
			})
		}
	})
}

// hostRequired makes a column that Torii's inserts do not know. SQLite adds none to a
// table that exists, so the host rebuilds it.
func hostRequired(dialectName string) []string {
	if dialectName != dialect.SQLite {
		return []string{"ALTER TABLE auth_outbox ADD COLUMN shard int NOT NULL", "ALTER TABLE auth_outbox ADD COLUMN fine int NOT NULL DEFAULT 4"}
	}
	return []string{"PRAGMA writable_schema = 1",
		"UPDATE sqlite_master SET sql = replace(sql, 'PRIMARY KEY', 'shard int NOT NULL, fine int NOT NULL DEFAULT 4, PRIMARY KEY') WHERE name = 'auth_outbox'",
		"PRAGMA writable_schema = RESET"}
}

// noForeignKey takes the key away from the sessions.
func noForeignKey(dialectName string) []string {
	switch dialectName {
	case dialect.Postgres:
		return []string{"ALTER TABLE auth_sessions DROP CONSTRAINT auth_sessions_users_sessions"}
	case dialect.MySQL:
		return []string{"ALTER TABLE auth_sessions DROP FOREIGN KEY auth_sessions_users_sessions"}
	}
	return []string{"CREATE TABLE copy AS SELECT * FROM auth_sessions", "DROP TABLE auth_sessions", "ALTER TABLE copy RENAME TO auth_sessions",
		"CREATE UNIQUE INDEX auth_sessions_token_hash_key ON auth_sessions (token_hash)", "CREATE INDEX session_user_id ON auth_sessions (user_id)",
		"CREATE INDEX session_expires_at ON auth_sessions (expires_at)"}
}

func TestVerifySeesForeignKeysOff(t *testing.T) {
	db := testdb.New(t, dialect.SQLite)
	open(t, db)
	pool, err := sql.Open(db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	client, err := ent.Open(dialect.SQLite, db.DSN) // a host that does not use OpenDB
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var verify *migrate.VerifyError
	if err := migrate.Verify(t.Context(), client); !errors.As(err, &verify) || verify.Findings[0].Kind != migrate.ForeignKeysOff {
		t.Errorf("got %v, want foreign keys off", err)
	}
	if err := migrate.Up(t.Context(), client); err != nil {
		t.Errorf("Up on a plain Ent client: %v", err)
	}
}

func TestOnlyAdds(t *testing.T) {
	for statement, ok := range map[string]bool{
		"CREATE TABLE users (id text)":                    true,
		"ALTER TABLE users ADD COLUMN dropped_at text":    true,
		"DROP TABLE users":                                false,
		"ALTER TABLE users DROP COLUMN x":                 false,
		"ALTER TABLE `new_users` RENAME TO `users`":       false,
		"ALTER TABLE users ADD COLUMN x int, DROP COLUMN": false,
	} {
		if err := migrate.OnlyAdds(statement); (err == nil) != ok {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
