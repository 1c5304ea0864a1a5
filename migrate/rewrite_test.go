package migrate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/migrate"
)

func TestRewrite(t *testing.T) {
	const s, p, m = dialect.SQLite, dialect.Postgres, dialect.MySQL
	for _, row := range []struct{ name, dialects, query, want string }{
		{"Ent's select", s + p, `SELECT "users"."id" FROM "users" WHERE "users"."email" = $1 LIMIT 2`,
			`SELECT "torii_users"."id" FROM "torii_users" WHERE "torii_users"."email" = $1 LIMIT 2`},
		{"Ent's select in backticks", s + m, "SELECT `users`.`id` FROM `users` JOIN `auth_sessions` AS `t1` ON `users`.`id` = `t1`.`user_id`",
			"SELECT `torii_users`.`id` FROM `torii_users` JOIN `torii_auth_sessions` AS `t1` ON `torii_users`.`id` = `t1`.`user_id`"},
		{"a name at each end", s + p, `"users" "auth_meta"`, `"torii_users" "torii_auth_meta"`},
		{"a schema before the name", p, `SELECT 1 FROM "public"."users"`, `SELECT 1 FROM "public"."torii_users"`},
		{"nothing of ours", s + p + m, "SELECT 1", "SELECT 1"},
		{"nothing at all", s + p + m, "", ""},
		{"an unquoted name", s + p + m, "UPDATE users SET name = 'x'", "UPDATE users SET name = 'x'"},
		{"names that merely contain one", s + p, `SELECT "users2", "my_users", "users ", " users", "Users"`, `SELECT "users2", "my_users", "users ", " users", "Users"`},
		{"a name that has been rewritten", s + p, `SELECT * FROM "torii_users"`, `SELECT * FROM "torii_users"`},
		{"a name with a quote in it", s + p, `SELECT "users""x", """users"""`, `SELECT "users""x", """users"""`},
		{"a backtick is no quote on PostgreSQL", p, "SELECT `users`", "SELECT `users`"},
		{"a text on MySQL", m, `SELECT "users"`, `SELECT "users"`},
		{"a text", s + p + m, `SELECT '"users"', '` + "`users`" + `'`, `SELECT '"users"', '` + "`users`" + `'`},
		{"a text with a quote in it", s + p, `SELECT 'it''s "users"', "users"`, `SELECT 'it''s "users"', "torii_users"`},
		{"a backslash ends no text", s + p, `SELECT '\', "users", ' "users"'`, `SELECT '\', "torii_users", ' "users"'`},
		{"a backslash escapes on MySQL", m, "SELECT 'it\\'s `users`', `users`", "SELECT 'it\\'s `users`', `torii_users`"},
		{"a backslash escapes after an E", p, `SELECT E'it\'s "users"', e'\\', "users"`, `SELECT E'it\'s "users"', e'\\', "torii_users"`},
		{"an E that ends a word does not escape", p, `SELECT * FROM "users" WHERE name LIKE'\' AND "users".id = 1`, `SELECT * FROM "torii_users" WHERE name LIKE'\' AND "torii_users".id = 1`},
		{"a line's comment", s + p + m, "SELECT 1 -- don't\n FROM `x`", "SELECT 1 -- don't\n FROM `x`"},
		{"a name after a comment", s + p, "SELECT 1 -- don't \"users\"\n FROM \"users\"", "SELECT 1 -- don't \"users\"\n FROM \"torii_users\""},
		{"two dashes without a blank are none on MySQL", m, "SELECT 1--1 FROM `users`", "SELECT 1--1 FROM `torii_users`"},
		{"a hash on MySQL", m, "SELECT 1 # it's\n FROM `users`", "SELECT 1 # it's\n FROM `torii_users`"},
		{"a hash elsewhere", p, `SELECT a # 'x' FROM "users"`, `SELECT a # 'x' FROM "torii_users"`},
		{"a comment", s + p + m, "SELECT 1 /* it's `users` \"users\" */, 'x'", "SELECT 1 /* it's `users` \"users\" */, 'x'"},
		{"a name after it", s, "SELECT 1 /* it's /* */ FROM `users`", "SELECT 1 /* it's /* */ FROM `torii_users`"},
		{"comments in comments", p, `/* /* ' */ ' */ SELECT * FROM "users" /*`, `/* /* ' */ ' */ SELECT * FROM "torii_users" /*`},
		{"a text in dollars", p, `SELECT $$it's "users"$$, $a$ $$ "users" $a$, "users", $1`, `SELECT $$it's "users"$$, $a$ $$ "users" $a$, "torii_users", $1`},
		{"numbered arguments", p, `SELECT $1, "users"."id", $2$`, `SELECT $1, "torii_users"."id", $2$`},
		{"a dollar within a name", p, `SELECT a$b$, "users", c$b$`, `SELECT a$b$, "torii_users", c$b$`},
		{"brackets", s, `SELECT [it's "users"] FROM "users"`, `SELECT [it's "users"] FROM "torii_users"`},
		{"brackets of an array", p, `SELECT a['x'] FROM "users" WHERE b = ARRAY["users"."id"]`, `SELECT a['x'] FROM "torii_users" WHERE b = ARRAY["torii_users"."id"]`},
		{"quotes that do not end", s + p, `SELECT "users`, `SELECT "users`},
		{"a text that does not end", s + p, `SELECT 'x "users"`, `SELECT 'x "users"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, d := range []string{s, p, m} {
				if !strings.Contains(row.dialects, d) {
					continue
				}
				rewrite := migrate.NewRewriter("torii_", d).Rewrite
				for _, when := range []string{"at first", "again"} {
					if got := rewrite(row.query); got != row.want {
						t.Errorf("%s, %s:\ngot  %s\nwant %s", d, when, got, row.want)
					}
				}
				if got := rewrite(row.want); got != row.want {
					t.Errorf("%s: rewriting twice gives %s", d, got)
				}
			}
		})
	}
}

// Whatever the quotes, only the marks that stand for a name are replaced, and nothing is lost.
func FuzzRewrite(f *testing.F) {
	f.Add(`SELECT "users"."id", 'a''"users"' FROM "users" -- "users"`)
	f.Add("E'\\' $a$ `users` $a$ /* /* # */ [users] \"users\"")
	f.Fuzz(func(t *testing.T, query string) {
		for _, d := range []string{dialect.SQLite, dialect.Postgres, dialect.MySQL} {
			got := migrate.NewRewriter("torii_", d).Rewrite(query)
			if strings.Contains(query, "torii_") {
				continue
			}
			if back := strings.ReplaceAll(got, "torii_", ""); back != query {
				t.Errorf("%s: %q became %q", d, query, got)
			}
			if again := migrate.NewRewriter("torii_", d).Rewrite(got); again != got {
				t.Errorf("%s: %q became %q, and that %q", d, query, got, again)
			}
		}
	})
}

func TestRewrittenTextsAreBounded(t *testing.T) {
	r := migrate.NewRewriter("torii_", dialect.SQLite)
	for i := range 3 * migrate.MostTexts {
		query := fmt.Sprintf("SELECT %d FROM `users`", i)
		if got := r.Rewrite(query); got != fmt.Sprintf("SELECT %d FROM `torii_users`", i) {
			t.Fatalf("got %s", got)
		}
		if n := r.Kept(); n < 1 || n > migrate.MostTexts {
			t.Fatalf("%d texts are kept, want 1 to %d", n, migrate.MostTexts)
		}
	}
}

func TestRewriteByManyAtOnce(t *testing.T) {
	r := migrate.NewRewriter("torii_", dialect.SQLite)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range migrate.MostTexts + 100 {
				if got, want := r.Rewrite(fmt.Sprintf("SELECT %d FROM `users`", i)), fmt.Sprintf("SELECT %d FROM `torii_users`", i); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wait.Wait()
}

func TestRewriteAllocatesNothingAgain(t *testing.T) {
	rewrite := migrate.NewRewriter("torii_", dialect.Postgres).Rewrite
	query := `SELECT "users"."id" FROM "users" WHERE "users"."email" = $1 LIMIT 2`
	rewrite(query)
	if n := testing.AllocsPerRun(100, func() { rewrite(query) }); n != 0 {
		t.Errorf("%v allocations for a statement that is known, want 0", n)
	}
}

func BenchmarkRewrite(b *testing.B) {
	rewrite := migrate.NewRewriter("torii_", dialect.Postgres).Rewrite
	query := strings.Clone(`SELECT "users"."id", "users"."email", "users"."name" FROM "users" WHERE "users"."email" = $1 LIMIT 2`)
	rewrite(strings.Clone(query))
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			rewrite(query)
		}
	})
	b.Run("again by many", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				rewrite(query)
			}
		})
	})
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		r := migrate.NewRewriter("torii_", dialect.Postgres)
		for b.Loop() {
			r.Scan(query)
		}
	})
}
