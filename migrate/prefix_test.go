package migrate_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// Two prefixes and the tables without one live beside each other, each with an auth_meta
// of its own.
func TestPrefix(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		prefixes := []string{"", "torii_", "a"}
		var clients []*ent.Client
		for _, prefix := range prefixes {
			var opts []migrate.Option
			if prefix != "" {
				opts = append(opts, migrate.Prefix(prefix))
			}
			client := open(t, db, opts...)
			hash := addSession(t, client, 1)
			for range 3 { // the third comes from a kept statement
				if s, err := client.Session.ByTokenHash(ctx, hash); err != nil || s.Edges.User.Email != "1@example.org" {
					t.Errorf("%q: the session: %v, %v", prefix, s, err)
				}
			}
			clients = append(clients, client)
		}
		addUser(t, clients[1], "ann@example.org")
		for i, client := range clients {
			prefix := prefixes[i]
			if err := errors.Join(migrate.Up(ctx, client), migrate.Verify(ctx, client)); err != nil {
				t.Errorf("%q: %v", prefix, err)
			}
			if plan, err := migrate.Plan(ctx, client); err != nil || plan != "" {
				t.Errorf("%q: %q, %v", prefix, plan, err)
			}
			want := []string{"1@example.org"}
			if prefix == "torii_" {
				want = append(want, "ann@example.org")
			}
			if got := client.User.Query().Order(user.ByEmail()).Select(user.FieldEmail).StringsX(ctx); !slices.Equal(got, want) {
				t.Errorf("%q: got users %v, want %v", prefix, got, want)
			}
			tables := fmt.Sprintf("SELECT count(*) FROM %sauth_meta WHERE id LIKE 'table:%%'", prefix)
			own := fmt.Sprintf("SELECT count(*) FROM %sauth_meta WHERE id LIKE 'table:%susers'", prefix, prefix)
			if got, own := text(t, client, tables), text(t, client, own); got != fmt.Sprint(len(migrate.Desired())) || own != "1" {
				t.Errorf("%q: auth_meta lists %s tables, and %s of them is its users", prefix, got, own)
			}
			if _, err := client.ExecContext(ctx, fmt.Sprintf("DELETE FROM %susers WHERE email = '1@example.org'", prefix)); err != nil {
				t.Error(err)
			}
			if n := client.Session.Query().CountX(ctx); n != 0 {
				t.Errorf("%q: %d sessions of a user who was deleted", prefix, n)
			}
		}
		if kept, hits := migrate.Statements(clients[1]); kept == 0 || kept > 0 && hits == 0 {
			t.Errorf("%d statements are kept, used %d times", kept, hits)
		}
	})
}

func TestPrefixIsChecked(t *testing.T) {
	for _, text := range []string{"", "T", "Torii_", "_x", "1x", "to-rii", "x\"", "torii.", "ä", "x ", "x\n", strings.Repeat("x", 17)} {
		_, err := migrate.Open(t.Context(), "sqlite3", "file:never.db", migrate.Prefix(text))
		if err == nil || !strings.Contains(err.Error(), "Prefix(") || !strings.Contains(err.Error(), "torii_") {
			t.Errorf("%q: got %v, want an error that says what is right", text, err)
		}
	}
	longest := strings.Repeat("x", 16)
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.Prefix(longest))
		addUser(t, client, "ann@example.org")
		if plan, err := migrate.Plan(t.Context(), client); err != nil || plan != "" {
			t.Errorf("%q, %v", plan, err)
		}
	})
}

// A host has tables of the same names, with other columns, and puts its own beside ours.
func TestPrefixBesideAStrangersTables(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		pool := hostPool(t, db)
		for _, s := range []string{"CREATE TABLE users (id integer, email varchar(20))", "INSERT INTO users VALUES (1, 'host')", "CREATE TABLE auth_meta (k integer)"} {
			if _, err := pool.ExecContext(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		_, err := migrate.OpenDB(ctx, db.Dialect, pool)
		if !errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), "migrate.Prefix") || !strings.Contains(err.Error(), "migrate.Host") {
			t.Errorf("without a prefix: got %v, want ErrForeignTable with its cures", err)
		}
		client, err := migrate.OpenDB(ctx, db.Dialect, pool, migrate.Prefix("torii_"))
		if err != nil {
			t.Fatal(err)
		}
		addUser(t, client, "ann@example.org")
		if got := text(t, client, "SELECT email FROM users"); got != "host" {
			t.Errorf("an unquoted name: got %q, want the host's row", got)
		}
		quoted := map[string]string{dialect.MySQL: "`users`"}[db.Dialect]
		if quoted == "" {
			quoted = `"users"`
		}
		if got := text(t, client, "SELECT email FROM "+quoted); got != "ann@example.org" {
			t.Errorf("a quoted name: got %q, want Torii's row", got)
		}
		var got string
		if err := pool.QueryRowContext(ctx, "SELECT email FROM torii_users").Scan(&got); err != nil || got != "ann@example.org" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// Everything that a client hands out knows the prefix.
func TestPrefixInTransactions(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db, migrate.Prefix("torii_"))
		quote := map[string]string{dialect.MySQL: "`"}[db.Dialect]
		if quote == "" {
			quote = `"`
		}
		users := quote + "users" + quote
		for name, begin := range map[string]func() (*ent.Tx, error){
			"Tx":       func() (*ent.Tx, error) { return client.Tx(ctx) },
			"BeginTx":  func() (*ent.Tx, error) { return client.BeginTx(ctx, &entsql.TxOptions{}) },
			"Debug":    func() (*ent.Tx, error) { return quiet(client).Tx(ctx) },
			"ReadOnly": func() (*ent.Tx, error) { return client.BeginTx(ctx, &entsql.TxOptions{ReadOnly: true}) },
		} {
			tx, err := begin()
			if err != nil {
				t.Fatal(err)
			}
			if name != "ReadOnly" {
				tx.User.Create().SetEmail("ann@example.org").ExecX(ctx)
				if _, err := tx.ExecContext(ctx, "UPDATE "+users+" SET name = 'Ann'"); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			rows, err := tx.QueryContext(ctx, "SELECT id FROM "+users)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if err := rows.Close(); err != nil {
				t.Error(err)
			}
			tx.User.Query().CountX(ctx)
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
		if _, err := client.ExecContext(ctx, "DELETE FROM "+users); err != nil {
			t.Error(err)
		}
		rewrite := client.Driver().(interface{ Rewrite(string) string }).Rewrite
		if got, want := rewrite("SELECT "+users), "SELECT "+quote+"torii_users"+quote; got != want {
			t.Errorf("Rewrite: got %s, want %s", got, want)
		}
		plain := open(t, testdb.New(t, db.Name)).Driver().(interface{ Rewrite(string) string }).Rewrite
		if got := plain("SELECT " + users); got != "SELECT "+users {
			t.Errorf("Rewrite without a prefix: got %s", got)
		}
	})
}

// What the migration says and does with a prefix: by hand, by adoption, by the next
// release, in a database for sessions only.
func TestPrefixInMigrations(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db, migrate.Prefix("torii_"), migrate.SkipMigration())
		plan, err := migrate.Plan(ctx, client)
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(strings.TrimSuffix(plan, ";\n"), ";\n") {
			run(t, client, statement)
		}
		if plan, err := migrate.Plan(ctx, client); err != nil || plan != "" {
			t.Errorf("after the plan by hand: %q, %v", plan, err)
		}
		addUser(t, client, "ann@example.org")
		run(t, client, "DROP TABLE torii_auth_meta", "DROP TABLE torii_auth_outbox")
		if err := migrate.Up(ctx, client); !errors.Is(err, migrate.ErrForeignTable) || !strings.Contains(err.Error(), "torii_users exists") ||
			!strings.Contains(err.Error(), "torii_auth_meta does not list it") {
			t.Errorf("without auth_meta: got %v", err)
		}
		if err := migrate.Adopt(ctx, client); err != nil {
			t.Fatal(err)
		}
		if err := migrate.UpTo(ctx, client, nextRelease(), 2); err != nil {
			t.Fatal(err)
		}
		if plan, err := migrate.PlanTo(ctx, client, nextRelease(), 2); err != nil || plan != "" {
			t.Errorf("after the next release: %q, %v", plan, err)
		}
		if got := text(t, client, count(db.Dialect, "torii_users_locale")); got != "1" {
			t.Errorf("the index torii_users_locale: %s", got)
		}
		var verify *migrate.VerifyError
		run(t, client, "ALTER TABLE torii_auth_sessions DROP COLUMN ip")
		if err := migrate.Verify(ctx, client); !errors.As(err, &verify) || verify.Findings[0].Table != "torii_auth_sessions" || verify.Findings[0].Name != "ip" {
			t.Errorf("Verify: got %v, want the missing column", err)
		}
		sessions := open(t, db, migrate.Prefix("s_"), migrate.SessionsOnly())
		if err := errors.Join(migrate.Up(ctx, sessions), migrate.Verify(ctx, sessions)); err != nil {
			t.Error(err)
		}
		if _, err := migrate.Open(ctx, db.Driver, db.DSN, migrate.Prefix("s_")); !errors.Is(err, migrate.ErrSessionsOnly) {
			t.Errorf("without SessionsOnly: got %v, want ErrSessionsOnly", err)
		}
		if _, err := migrate.Open(ctx, db.Driver, db.DSN, migrate.Prefix("torii_"), migrate.SessionsOnly()); !errors.Is(err, migrate.ErrSessionsOnly) {
			t.Errorf("with SessionsOnly: got %v, want ErrSessionsOnly", err)
		}
	})
}

// What the rewriting of names rests on.
func TestNamesFitAPrefix(t *testing.T) {
	var names, tables []string
	for _, table := range migrate.Desired() {
		tables = append(tables, table.Name)
		names = append(names, table.Name)
		for _, i := range table.Indexes {
			names = append(names, i.Name)
		}
		for _, fk := range table.ForeignKeys {
			names = append(names, fk.Symbol)
		}
	}
	longest := migrate.NewRewriter(strings.Repeat("x", 16), dialect.Postgres)
	for _, table := range migrate.Desired() {
		for _, c := range table.Columns {
			if slices.Contains(tables, c.Name) {
				t.Errorf("the column %s.%s is named like a table", table.Name, c.Name)
			}
			// Ent's name of a unique column's index.
			if name := longest.Name(table.Name) + "_" + c.Name + "_key"; c.Unique && len(name) > 63 {
				t.Errorf("%s has %d characters, want at most 63", name, len(name))
			}
		}
		if key := migrate.TableKey + longest.Name(table.Name); len(key) > 64 {
			t.Errorf("%s does not fit into auth_meta", key)
		}
	}
	if !regexp.MustCompile(`^[a-z_]+$`).MatchString(strings.Join(tables, "")) {
		t.Errorf("a table's name needs quotes in migrate/meta.go: %v", tables)
	}
	for _, name := range names {
		for _, other := range names {
			if name != other && strings.HasSuffix(name, other) {
				t.Errorf("%s ends in %s: with a prefix one may become the other", name, other)
			}
		}
	}
	long := strings.Repeat("long_", 20)
	one, two := longest.Name(long+"1"), longest.Name(long+"2")
	if len(one) != 63 && len(one) != 62 || one == two || one != longest.Name(long+"1") {
		t.Errorf("long names become %s and %s", one, two)
	}
	if got := longest.Name(strings.Repeat("y", 47)); got != strings.Repeat("x", 16)+strings.Repeat("y", 47) {
		t.Errorf("a name of 63 characters becomes %s", got)
	}
}
