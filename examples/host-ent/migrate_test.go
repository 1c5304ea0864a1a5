package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	toriient "github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// pool is a connection for statements of the test's own.
func pool(t *testing.T, db testdb.DB) *sql.DB {
	t.Helper()
	conn, err := sql.Open(db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetMaxOpenConns(1)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// hosts is the application's client, and toriis one of Torii's on the same driver; none
// has migrated.
func hosts(t *testing.T, db testdb.DB) *ent.Client {
	t.Helper()
	drv, err := migrate.Driver(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(drv))
	t.Cleanup(func() { client.Close() })
	return client
}

func toriis(t *testing.T, db testdb.DB) *toriient.Client {
	t.Helper()
	drv, err := migrate.Driver(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	client, err := migrate.Client(drv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// The application was there first: Torii's own migration does not touch its tables, the
// common one takes them over, and nothing is lost. It is not parallel: Ent's own
// Schema.Create writes into variables of the process.
func TestTheApplicationWasFirst(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx, client := everybody(t), hosts(t, db)
		if err := client.Schema.Create(ctx); err != nil {
			t.Fatal(err)
		}
		crew := client.Team.Create().SetName("Crew").SaveX(ctx)
		// Not by the hook, for whom nobody signs up here.
		ann := client.User.Create().SetEmail("ann@example.org").SetLocale("fr").SetPlan(user.PlanPro).SetUsername("ann").SetTeam(crew).SaveX(ctx)
		client.Post.Create().SetTitle("Old").SetBody("Text.").SetAuthor(ann).SaveX(ctx)

		before, made := dump(t, db), schemaOf(t, db)
		if err := migrate.Up(ctx, toriis(t, db)); !errors.Is(err, migrate.ErrForeignTable) {
			t.Errorf("Torii alone: %v, want ErrForeignTable", err)
		}
		if after := schemaOf(t, db); after != made {
			t.Errorf("Torii alone has changed the schema:\n%s\nit was\n%s", after, made)
		}
		settled(t, db, client, before)
		a := openAgain(t, db)
		if err := a.pw.Set(ctx, ann.ID, phrase); err != nil {
			t.Fatal(err)
		}
		if _, err := a.pw.SignIn(ctx, password.Credentials{Email: "ann@example.org", Password: phrase}, auth.Client{}); err != nil {
			t.Errorf("somebody of before signs in: %v", err)
		}
	})
}

// Torii was there first, by itself and with users: they get what the application's
// schema says, and lose nothing.
func TestToriiWasFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		ctx := t.Context()
		alone := toriis(t, db)
		if err := migrate.Up(ctx, alone); err != nil {
			t.Fatal(err)
		}
		pw := password.New(password.Config{})
		old, err := auth.New(alone, auth.Config{
			BaseURL: "http://localhost:8080", Hash: cheap, Providers: []auth.Provider{pw}, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		var tokens []string
		for _, email := range people("old", 20) {
			res, err := pw.Register(ctx, password.Registration{Email: email, Password: phrase, Name: "Old"}, auth.Client{})
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, res.Token.Reveal())
			alone.OAuthAccount.Create().SetUserID(res.User.ID).SetProvider("x").SetIssuer("https://x.example").SetSubject(email).
				SetSubjectHash([]byte(fmt.Sprintf("%032s", email))).ExecX(ctx)
		}
		before := dump(t, db)
		settled(t, db, hosts(t, db), before)

		a := openAgain(t, db)
		n := a.client.User.Query().Where(user.Locale("en"), user.PlanEQ(user.PlanFree), user.UsernameIsNil(), user.TeamIDIsNil(), user.HasOauthAccounts()).CountX(everybody(t))
		if n != len(tokens) {
			t.Errorf("%d users have the defaults, want %d", n, len(tokens))
		}
		for _, token := range tokens {
			if _, _, err := a.auth.Session(ctx, token); err != nil {
				t.Fatalf("a session of before: %v", err)
			}
		}
		if err := register(ctx, a, "new@example.org"); err != nil {
			t.Errorf("a registration: %v", err)
		}
		// The program of before goes on beside the new one.
		if _, err := pw.SignIn(ctx, password.Credentials{Email: "new@example.org", Password: phrase}, auth.Client{}); err != nil {
			t.Errorf("the old program: %v", err)
		}
		if err := errors.Join(migrate.Up(ctx, alone), old.Close(context.WithoutCancel(ctx))); err != nil {
			t.Errorf("the old program migrates: %v", err)
		}
	})
}

// settled migrates together, twice: all rows of before are there, nothing is left to do,
// and the second time changes nothing.
func settled(t *testing.T, db testdb.DB, client *ent.Client, before map[string][]map[string]string) {
	t.Helper()
	var made string
	for try := range 2 {
		if err := client.MigrateAuth(t.Context()); err != nil {
			t.Fatalf("MigrateAuth, time %d: %v", try+1, err)
		}
		lost(t, before, dump(t, db))
		if plan, err := migrate.Plan(t.Context(), toriis(t, db)); err != nil || plan != "" {
			t.Errorf("left to do: %q, %v", plan, err)
		}
		if err := migrate.Up(t.Context(), toriis(t, db)); err != nil {
			t.Errorf("Torii's own migration afterwards: %v", err)
		}
		now := schemaOf(t, db)
		if try > 0 && now != made {
			t.Errorf("the second time has changed the schema:\n%s\nit was\n%s", now, made)
		}
		made = now
	}
	if !strings.Contains(made, "team_id") || !strings.Contains(made, "author_id") {
		t.Errorf("the snapshot sees nothing:\n%s", made)
	}
}

// lost compares all columns of before.
func lost(t *testing.T, before, after map[string][]map[string]string) {
	t.Helper()
	if len(before["users"]) == 0 {
		t.Fatal("there is nothing to lose")
	}
	for table, rows := range before {
		if len(after[table]) != len(rows) {
			t.Errorf("%s: %d rows, there were %d", table, len(after[table]), len(rows))
			continue
		}
		for i, row := range rows {
			for column, v := range row {
				if got, ok := after[table][i][column]; !ok || got != v {
					t.Errorf("%s.%s: %q, it was %q", table, column, got, v)
				}
			}
		}
	}
}

// tablesOf lists the tables of a database, without Torii's own account of them.
func tablesOf(t *testing.T, db testdb.DB) []string {
	t.Helper()
	query := map[string]string{
		"sqlite3":  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
		"postgres": "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
		"mysql":    "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
	}[db.Dialect]
	var names []string
	for _, row := range ask(t, db, query) {
		for _, name := range row {
			if name != "auth_meta" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// dump reads all rows of all tables.
func dump(t *testing.T, db testdb.DB) map[string][]map[string]string {
	t.Helper()
	all := map[string][]map[string]string{}
	for _, table := range tablesOf(t, db) {
		all[table] = ask(t, db, "SELECT * FROM "+table+" ORDER BY id")
	}
	return all
}

var counter = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// schemaOf is all that a database says of its tables.
func schemaOf(t *testing.T, db testdb.DB) string {
	t.Helper()
	var rows []map[string]string
	switch db.Dialect {
	case "sqlite3":
		rows = ask(t, db, "SELECT type, name, sql FROM sqlite_master")
	case "postgres":
		for _, query := range []string{
			`SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = current_schema()`,
			`SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()`,
			`SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace`,
		} {
			rows = append(rows, ask(t, db, query)...)
		}
	default:
		for _, table := range tablesOf(t, db) {
			rows = append(rows, ask(t, db, "SHOW CREATE TABLE "+table)...)
		}
	}
	var lines []string
	for _, row := range rows {
		var line []string
		for _, column := range slices.Sorted(maps.Keys(row)) {
			line = append(line, counter.ReplaceAllString(row[column], ""))
		}
		lines = append(lines, strings.Join(line, " | "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// ask returns rows as text, by column.
func ask(t *testing.T, db testdb.DB, query string) (list []map[string]string) {
	t.Helper()
	rows, err := pool(t, db).QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, v := range values {
			row[columns[i]] = string(v)
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
