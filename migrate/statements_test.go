package migrate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// ask runs a query as Ent does and returns its columns and the first row.
func ask(ctx context.Context, q dialect.ExecQuerier, query string, args ...any) (columns, row []string, err error) {
	if args == nil {
		args = []any{}
	}
	var rows entsql.Rows
	if err := q.Query(ctx, query, args, &rows); err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	if rows.Next() {
		values := make([]any, len(columns))
		row = make([]string, len(columns))
		for i := range values {
			values[i] = &row[i]
		}
		if err := rows.Scan(values...); err != nil {
			return nil, nil, err
		}
	}
	return columns, row, rows.Err()
}

// addSession adds a user with a session and returns the hash of its token.
func addSession(t testing.TB, client *ent.Client, i int) []byte {
	t.Helper()
	hash := make([]byte, 32)
	hash[0], hash[1] = byte(i), byte(i>>8)
	u := addUser(t, client, fmt.Sprintf("%d@example.org", i))
	client.Session.Create().SetID(fmt.Sprint("ses_", i)).SetUserID(u.ID).SetTokenHash(hash).
		SetExpiresAt(time.Now().Add(time.Hour)).SetAbsoluteExpiresAt(time.Now().Add(time.Hour)).SaveX(t.Context())
	return hash
}

func TestStatementsAreKept(t *testing.T) {
	// What the server itself has to say, on the one connection.
	served := map[string]string{
		"postgres": "SELECT CAST(coalesce(sum(generic_plans + custom_plans), 0) AS bigint) FROM pg_prepared_statements WHERE statement LIKE '%token_hash%'",
		"mysql":    "SHOW SESSION STATUS LIKE 'Com_stmt_execute'",
	}
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.MaxConns(1))
		hash := addSession(t, client, 1)
		count := func() (n int) {
			t.Helper()
			if served[db.Dialect] == "" {
				return 0
			}
			rows, err := client.QueryContext(t.Context(), served[db.Dialect])
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			rows.Next()
			values := []any{&n}
			if columns, _ := rows.Columns(); len(columns) == 2 {
				values = []any{new(string), &n}
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		for i := range 10 {
			if s, err := client.Session.ByTokenHash(t.Context(), hash); err != nil || s.ID != "ses_1" {
				t.Fatalf("look-up %d: got %v, %v", i, s, err)
			}
		}
		_, hits := migrate.Statements(client)
		if hits != 8 { // the first is text, the second prepares
			t.Errorf("%d of 10 look-ups met a kept statement, want 8", hits)
		}
		if got := count() - before; served[db.Dialect] != "" && got != 9 {
			t.Errorf("the server has run a prepared statement %d times, want 9", got)
		}

		tx, err := client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Session.ByTokenHash(t.Context(), hash); err != nil {
			t.Error(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		if _, after := migrate.Statements(client); after != hits {
			t.Error("a query in a transaction has used a kept statement")
		}
		if kept, _ := migrate.Statements(open(t, db, migrate.SkipStatementCache())); kept != -1 {
			t.Error("SkipStatementCache is not heeded")
		}
		onHosts, err := migrate.OpenDB(t.Context(), db.Dialect, hostPool(t, db))
		if err != nil {
			t.Fatal(err)
		}
		if kept, _ := migrate.Statements(onHosts); kept != -1 {
			t.Error("OpenDB keeps statements on a pool that is not ours")
		}
	})
}

func TestStatementsAreBounded(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				for range 250 {
					n := rand.N(migrate.MaxStatements + 100)
					_, row, err := ask(t.Context(), client.Driver(), fmt.Sprintf("SELECT %d + 0", n))
					if err != nil || len(row) != 1 || row[0] != fmt.Sprint(n) {
						t.Errorf("got %v, %v, want %d", row, err, n)
						return
					}
				}
			})
		}
		wait.Wait()
		for range 2 {
			for n := range migrate.MaxStatements + 10 {
				if _, _, err := ask(t.Context(), client.Driver(), fmt.Sprintf("SELECT %d + 1", n)); err != nil {
					t.Fatal(err)
				}
			}
		}
		kept, hits := migrate.Statements(client)
		if kept > migrate.MaxStatements || kept == 0 || hits == 0 {
			t.Errorf("%d statements are kept and were used %d times, want at most %d and some uses", kept, hits, migrate.MaxStatements)
		}
		before := kept
		long := "SELECT 1 + 0 -- " + strings.Repeat("x", 5000) + "\n"
		for range 3 {
			if _, row, err := ask(t.Context(), client.Driver(), long); err != nil || row[0] != "1" {
				t.Fatalf("got %v, %v", row, err)
			}
		}
		if kept, after := migrate.Statements(client); kept != before || after != hits {
			t.Error("a statement of 5,000 bytes is kept")
		}
	})
}

// A text that is used all the time stays, however many others come by.
func TestFloodOfTexts(t *testing.T) {
	client := open(t, testdb.New(t, dialect.SQLite))
	hash := addSession(t, client, 1)
	look := func() {
		if _, err := client.Session.ByTokenHash(t.Context(), hash); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	for n := range 2 * migrate.MaxStatements {
		if _, _, err := ask(t.Context(), client.Driver(), fmt.Sprintf("SELECT %d + 0", n)); err != nil {
			t.Fatal(err)
		}
	}
	_, before := migrate.Statements(client)
	look()
	if _, after := migrate.Statements(client); after != before+1 {
		t.Error("texts that were seen once have driven out the look-up")
	}
}

func TestStatementOutlivedByItsTable(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, conns := range []int{1, 4} {
			client, other := open(t, db, migrate.MaxConns(conns)), open(t, db)
			run(t, other, "CREATE TABLE shrine (id integer, name varchar(20))", "INSERT INTO shrine VALUES (1, 'Meiji')")
			want := func(what string, columns int, row ...string) {
				t.Helper()
				for range 2 * conns {
					got, values, err := ask(t.Context(), client.Driver(), "SELECT * FROM shrine WHERE id = 1")
					if err != nil || len(got) != columns || fmt.Sprint(values) != fmt.Sprint(row) {
						t.Errorf("%d connections, %s: got %q, %q, %v, want %q", conns, what, got, values, err, row)
					}
				}
			}
			want("before", 2, "1", "Meiji")
			want("prepared", 2, "1", "Meiji")
			run(t, other, "ALTER TABLE shrine ADD COLUMN gate varchar(20) DEFAULT 'red'")
			want("with a new column", 3, "1", "Meiji", "red")
			want("with a new column, again", 3, "1", "Meiji", "red")
			run(t, other, "DROP TABLE shrine", "CREATE TABLE shrine (name varchar(20), id bigint)", "INSERT INTO shrine VALUES ('Ise', 1)")
			want("made anew", 2, "Ise", "1")
			want("made anew, again", 2, "Ise", "1")
			run(t, other, "DROP TABLE shrine")
			if _, _, err := ask(t.Context(), client.Driver(), "SELECT * FROM shrine WHERE id = 1"); err == nil {
				t.Error("a table that is gone is read")
			}
		}
	})
}

func TestStatementThatTheServerForgot(t *testing.T) {
	client := open(t, testdb.New(t, dialect.Postgres), migrate.MaxConns(2))
	hash := addSession(t, client, 1)
	for range 5 {
		for range 6 {
			if _, err := client.Session.ByTokenHash(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
		}
		run(t, client, "DEALLOCATE ALL")
	}
	if _, hits := migrate.Statements(client); hits < 10 {
		t.Errorf("a kept statement was met %d times", hits)
	}
}

func TestContextEndsAKeptStatement(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		hash := addSession(t, client, 1)
		for range 3 {
			if _, err := client.Session.ByTokenHash(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := client.Session.ByTokenHash(ctx, hash); err == nil {
			t.Error("a look-up succeeds with a context that has ended")
		}
		if _, err := client.Session.ByTokenHash(t.Context(), hash); err != nil {
			t.Errorf("the look-up after it: %v", err)
		}
	})
}

// Session variables are set on a connection of their own, where no statement is.
func TestSessionVariables(t *testing.T) {
	client := open(t, testdb.New(t, dialect.Postgres))
	for i := range 5 {
		want := fmt.Sprint("tenant", i)
		ctx := entsql.WithVar(t.Context(), "torii.tenant", want)
		for range 2 {
			if _, row, err := ask(ctx, client.Driver(), "SELECT current_setting('torii.tenant', true)"); err != nil || row[0] != want {
				t.Errorf("got %q, %v, want %s", row, err, want)
			}
		}
	}
}
