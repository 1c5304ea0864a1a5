package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authmeta"
	entmigrate "github.com/torii-go/torii/ent/migrate"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// addOrphan adds a session of somebody whom its database need not know.
func addOrphan(client *ent.Client, userID string, n byte) error {
	end := time.Now().Add(time.Hour)
	return client.Session.Create().SetUserID(userID).SetTokenHash(make32(n)).
		SetExpiresAt(end).SetAbsoluteExpiresAt(end).Exec(context.Background())
}

// tables lists those of Torii's tables that exist.
func tables(t *testing.T, client *ent.Client) []string {
	t.Helper()
	var names []string
	for _, table := range migrate.Desired() {
		rows, err := client.QueryContext(t.Context(), "SELECT count(*) FROM "+table.Name)
		if err != nil {
			continue
		}
		rows.Close()
		names = append(names, table.Name)
	}
	slices.Sort(names)
	return names
}

// state is what a refusal may not change: the tables, and each row of auth_meta.
func state(t *testing.T, client *ent.Client) string {
	t.Helper()
	names := tables(t, client)
	lines := slices.Clone(names)
	if slices.Contains(names, authmeta.Table) {
		for _, row := range client.AuthMeta.Query().Order(ent.Asc(authmeta.FieldID)).AllX(t.Context()) {
			lines = append(lines, row.String())
		}
	}
	return strings.Join(lines, "\n")
}

func TestSessionsOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db, migrate.SessionsOnly())
		if got := tables(t, client); !slices.Equal(got, []string{"auth_meta", "auth_sessions"}) {
			t.Errorf("got the tables %v", got)
		}
		if err := addOrphan(client, "usr_unknown", 1); err != nil {
			t.Errorf("a session of an unknown user: %v", err)
		}
		if err := addOrphan(client, "usr_unknown", 1); !ent.IsConstraintError(err) {
			t.Errorf("the same token twice: got %v, want a constraint error", err)
		}
		for _, index := range []string{"session_user_id", "session_expires_at"} {
			if got := text(t, client, count(db.Dialect, index)); got != "1" {
				t.Errorf("%d of the index %s", len(got), index)
			}
		}
		if got := text(t, client, "SELECT value FROM auth_meta WHERE id = 'sessions_only'"); got != "1" {
			t.Errorf("auth_meta records %q", got)
		}
		before := state(t, client)
		for what, c := range map[string]*ent.Client{"the client": client, "its Debug": client.Debug(), "a second one": open(t, db, migrate.SessionsOnly())} {
			if err := errors.Join(migrate.Up(ctx, c), migrate.Verify(ctx, c), migrate.Adopt(ctx, c)); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if plan, err := migrate.Plan(ctx, c); err != nil || plan != "" {
				t.Errorf("%s: still a plan: %q, %v", what, plan, err)
			}
		}
		if got := state(t, client); got != before {
			t.Errorf("nothing was to be done, and yet it was\n%s\nnow\n%s", before, got)
		}
		if n := client.Session.Query().CountX(ctx); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
	})
}

func TestSessionsOnlyLeavesTheSharedTables(t *testing.T) {
	for what, list := range map[string][]*schema.Table{"Ent's": entmigrate.Tables, "Up's": migrate.Desired()} {
		for _, table := range list {
			if table.Name == "auth_sessions" && (len(table.ForeignKeys) != 1 || table.ForeignKeys[0].RefTable.Name != "users") {
				t.Errorf("%s auth_sessions has lost its foreign key", what)
			}
		}
	}
}

// The SQL of Plan, run by hand, leaves nothing for Up.
func TestSessionsOnlyPlan(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db, migrate.SessionsOnly(), migrate.SkipMigration())
		var verify *migrate.VerifyError
		if err := migrate.Verify(ctx, client); !errors.As(err, &verify) {
			t.Fatalf("Verify of an empty database: %v", err)
		}
		var missing []string
		for _, f := range verify.Findings {
			missing = append(missing, fmt.Sprint(f.Kind, " ", f.Table))
		}
		slices.Sort(missing)
		if !slices.Equal(missing, []string{"missing table auth_meta", "missing table auth_sessions"}) {
			t.Errorf("got %v", verify.Findings)
		}
		plan, err := migrate.Plan(ctx, client)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"'sessions_only', '1'", "'table:auth_sessions'", "'table:auth_meta'", "schema_version"} {
			if !strings.Contains(plan, part) {
				t.Errorf("the plan lacks %s:\n%s", part, plan)
			}
		}
		if n := strings.Count(plan, "CREATE TABLE"); n != 2 || strings.Contains(plan, "REFERENCES") || strings.Contains(plan, "users") {
			t.Errorf("the plan makes %d tables, or a foreign key:\n%s", n, plan)
		}
		if got := tables(t, client); len(got) > 0 {
			t.Errorf("Plan has made %v", got)
		}
		for statement := range strings.SplitSeq(strings.TrimSuffix(plan, ";\n"), ";\n") {
			run(t, client, statement)
		}
		if plan, err := migrate.Plan(ctx, client); err != nil || plan != "" {
			t.Errorf("there is still a plan: %q, %v", plan, err)
		}
		if err := errors.Join(migrate.Verify(ctx, client), migrate.Up(ctx, client), addOrphan(client, "usr_unknown", 1)); err != nil {
			t.Error(err)
		}
	})
}

func TestSessionsOnlyRefusals(t *testing.T) {
	for _, row := range []struct {
		name       string
		made, then []migrate.Option
		want       string
	}{
		{"sessions only, opened without the option", []migrate.Option{migrate.SessionsOnly()}, nil, "Open it with migrate.SessionsOnly()"},
		{"with users, opened with the option", nil, []migrate.Option{migrate.SessionsOnly()}, "leave out migrate.SessionsOnly()"},
	} {
		t.Run(row.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				ctx := t.Context()
				owner := open(t, db, row.made...)
				wrong := open(t, db, append(row.then, migrate.SkipMigration())...)
				before := state(t, owner)
				for call, f := range map[string]func() error{
					"Up":     func() error { return migrate.Up(ctx, wrong) },
					"Adopt":  func() error { return migrate.Adopt(ctx, wrong) },
					"Plan":   func() error { _, err := migrate.Plan(ctx, wrong); return err },
					"Verify": func() error { return migrate.Verify(ctx, wrong) },
					"Open":   func() error { _, err := migrate.Open(ctx, db.Driver, db.DSN, row.then...); return err },
					"OpenDB": func() error { return openDB(t, db, row.then...) },
				} {
					err := f()
					if !errors.Is(err, migrate.ErrSessionsOnly) || !strings.Contains(err.Error(), row.want) {
						t.Errorf("%s: got %v, want ErrSessionsOnly with %q", call, err, row.want)
					}
				}
				if got := state(t, owner); got != before {
					t.Errorf("before\n%s\nafter\n%s", before, got)
				}
				if err := errors.Join(migrate.Up(ctx, owner), migrate.Verify(ctx, owner)); err != nil {
					t.Errorf("the right client: %v", err)
				}
				if err := addOrphan(owner, "usr_unknown", 1); (err == nil) != (row.made != nil) {
					t.Errorf("a session of an unknown user: %v", err)
				}
			})
		})
	}
}

// openDB opens a pool of a host's and closes it again.
func openDB(t *testing.T, db testdb.DB, opts ...migrate.Option) error {
	t.Helper()
	params := map[string]string{dialect.SQLite: "_fk=1", dialect.MySQL: "parseTime=true"}[db.Dialect]
	if params != "" {
		params = separator(db.DSN) + params
	}
	pool, err := sql.Open(db.Driver, db.DSN+params)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = migrate.OpenDB(t.Context(), db.Dialect, pool, opts...)
	return err
}

func TestSessionsOnlyOpenDB(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for range 2 {
			if err := openDB(t, db, migrate.SessionsOnly()); err != nil {
				t.Fatal(err)
			}
		}
		if got := tables(t, open(t, db, migrate.SessionsOnly())); !slices.Equal(got, []string{"auth_meta", "auth_sessions"}) {
			t.Errorf("got the tables %v", got)
		}
	})
}

func TestSessionsOnlyBesideStrangers(t *testing.T) {
	for _, row := range []struct{ name, create, table string }{
		{"a table of its name", "CREATE TABLE auth_sessions (id integer PRIMARY KEY)", "auth_sessions"},
		{"a view", "CREATE VIEW auth_sessions AS SELECT 1 AS id", "auth_sessions"},
		{"an auth_meta with other columns", "CREATE TABLE auth_meta (k integer)", "auth_meta"},
		{"users of the host's own", "CREATE TABLE users (id integer PRIMARY KEY)", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				client := open(t, db, migrate.SessionsOnly(), migrate.SkipMigration())
				run(t, client, row.create)
				before := tables(t, client)
				for call, f := range map[string]func(context.Context, *ent.Client) error{"Up": migrate.Up, "Adopt": migrate.Adopt} {
					err := f(t.Context(), client)
					if row.table == "" && err != nil {
						t.Errorf("%s: %v", call, err)
					}
					if row.table != "" && (!errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), row.table+" exists")) {
						t.Errorf("%s: got %v, want ErrForeignTable for %s", call, err, row.table)
					}
				}
				if got := tables(t, client); row.table != "" && !slices.Equal(got, before) {
					t.Errorf("there were %v, now %v", before, got)
				}
			})
		})
	}
}

func TestSessionsOnlyKeepsHostsColumns(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db, migrate.SessionsOnly())
		if err := addOrphan(client, "usr_unknown", 1); err != nil {
			t.Fatal(err)
		}
		run(t, client, "ALTER TABLE auth_sessions ADD COLUMN device varchar(20)", "UPDATE auth_sessions SET device = 'tablet'")
		if plan, err := migrate.Plan(ctx, client); err != nil || plan != "" {
			t.Errorf("Plan on a wider table: %q, %v", plan, err)
		}
		later := migrate.SessionTables()
		for _, table := range later {
			if table.Name == "auth_sessions" {
				table.Columns = append(table.Columns, &schema.Column{Name: "locale", Type: field.TypeString, Size: 16, Default: "en"})
			}
		}
		err := errors.Join(migrate.Up(ctx, client), migrate.Verify(ctx, client), migrate.UpTo(ctx, client, later, 2), migrate.Up(ctx, client))
		if err != nil {
			t.Error(err)
		}
		if got := text(t, client, "SELECT device FROM auth_sessions") + " " + text(t, client, "SELECT locale FROM auth_sessions"); got != "tablet en" {
			t.Errorf("got %q", got)
		}
		if _, err := migrate.Open(ctx, db.Driver, db.DSN); !errors.Is(err, migrate.ErrSessionsOnly) {
			t.Errorf("after the upgrade, without the option: %v", err)
		}
	})
}

// Eight start at once on an empty database, and then eight that do not agree: whoever
// is first decides.
func TestSessionsOnlyConcurrentStarts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for name, options := range map[string]func(i int) []migrate.Option{
			"all alike": func(int) []migrate.Option { return []migrate.Option{migrate.SessionsOnly()} },
			"at odds":   func(i int) []migrate.Option { return []migrate.Option{migrate.SessionsOnly()}[:i%2] },
		} {
			t.Run(name, func(t *testing.T) {
				db := testdb.New(t, db.Name)
				var wait sync.WaitGroup
				errs := make([]error, 8)
				for i := range errs {
					wait.Go(func() {
						client, err := migrate.Open(t.Context(), db.Driver, db.DSN, options(i)...)
						if errs[i] = err; err == nil {
							errs[i] = client.Close()
						}
					})
				}
				wait.Wait()
				only := name == "all alike" || errs[1] == nil
				for i, err := range errs {
					if fits := (len(options(i)) > 0) == only; fits && err != nil || !fits && !errors.Is(err, migrate.ErrSessionsOnly) {
						t.Errorf("start %d, sessions only %t: %v", i, only, err)
					}
				}
				want, opts := len(migrate.Desired()), []migrate.Option(nil)
				if only {
					want, opts = 2, []migrate.Option{migrate.SessionsOnly()}
				}
				if got := tables(t, open(t, db, opts...)); len(got) != want {
					t.Errorf("got the tables %v, want %d", got, want)
				}
			})
		}
	})
}
