package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/internal/testdb"
)

// onServers runs f on the databases that need -dev.
func onServers(t *testing.T, f func(t *testing.T, db testdb.DB)) {
	t.Helper()
	for _, name := range testdb.Names()[1:] {
		t.Run(name, func(t *testing.T) { f(t, testdb.New(t, name)) })
	}
}

func diffOn(t *testing.T, dev testdb.DB, path string, more ...string) result {
	t.Helper()
	return program(t, append([]string{"migrate", "diff", "-dir", path, "-format", "golang-migrate", "-dialect", dev.Dialect, "-dev", dev.DSN}, more...)...)
}

func TestDevThatIsNotEmptyIsRefused(t *testing.T) {
	onServers(t, func(t *testing.T, db testdb.DB) {
		things := map[string][2]string{
			"a table": {"CREATE TABLE shrine (id INT)", "DROP TABLE shrine"},
			"a view":  {"CREATE VIEW shrine AS SELECT 1 AS id", "DROP VIEW shrine"},
		}
		if db.Dialect == dialect.Postgres {
			things["a sequence"] = [2]string{"CREATE SEQUENCE shrine", "DROP SEQUENCE shrine"}
			things["a type"] = [2]string{"CREATE TYPE shrine AS ENUM ('a')", "DROP TYPE shrine"}
			things["a routine"] = [2]string{"CREATE FUNCTION shrine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION shrine"}
			things["a table of another schema"] = [2]string{"CREATE SCHEMA other; CREATE TABLE other.shrine (id INT)", "DROP SCHEMA other CASCADE"}
		} else {
			things["a routine"] = [2]string{"CREATE PROCEDURE shrine() SELECT 1", "DROP PROCEDURE shrine"}
		}
		pool := raw(t, db)
		for name, statements := range things {
			path := t.TempDir()
			exec(t, pool, statements[0])
			got := diffOn(t, db, path)
			got.fails(t, exitError, "is not empty")
			if !strings.Contains(got.stderr, "shrine") {
				t.Errorf("%s is not named: %s", name, got.stderr)
			}
			if found, err := os.ReadDir(path); err != nil || len(found) > 0 {
				t.Errorf("%s: wrote %v, %v", name, found, err)
			}
			exec(t, pool, statements[1]) // fails if diff has dropped it
		}
		diffOn(t, db, t.TempDir()).wants(t, 0, "*")
	})
}

// What a host's files make is gone afterwards, whatever it is, and whether they work.
func TestDevIsLeftAsItWas(t *testing.T) {
	onServers(t, func(t *testing.T, db testdb.DB) {
		host := "CREATE TABLE shrines (id INT PRIMARY KEY, parent INT REFERENCES shrines (id));\n" +
			"CREATE TABLE `gates \"x` (id INT PRIMARY KEY, shrine INT, FOREIGN KEY (shrine) REFERENCES shrines (id));\n" +
			"CREATE VIEW all_shrines AS SELECT id FROM shrines;\n" +
			"CREATE PROCEDURE pray() BEGIN SELECT 1; SELECT 2; END;\nCREATE FUNCTION bow() RETURNS INT DETERMINISTIC RETURN 1;\n" +
			"CREATE EVENT festival ON SCHEDULE EVERY 1 DAY DO SELECT 1;\n" +
			"CREATE TRIGGER ring BEFORE INSERT ON shrines FOR EACH ROW SET NEW.id = NEW.id + 1;\n" +
			"START TRANSACTION;\nINSERT INTO shrines (id) VALUES (1);\n"
		pool := raw(t, db)
		if db.Dialect == dialect.Postgres {
			exec(t, pool, "CREATE SCHEMA furniture", "CREATE EXTENSION citext") // stay
			host = "CREATE EXTENSION hstore;\nCREATE SCHEMA hosts;\n" +
				"CREATE TYPE mood AS ENUM ('calm', 'wild');\nCREATE DOMAIN age AS int CHECK (VALUE > 0);\nCREATE TYPE pair AS (a int, b mood);\n" +
				"CREATE TYPE span AS RANGE (subtype = int);\n" +
				"CREATE TABLE hosts.shrines (id serial PRIMARY KEY, m mood, a age, p pair, h hstore, c citext);\n" +
				"CREATE TABLE \"Gates \"\"x\" (id int GENERATED ALWAYS AS IDENTITY, shrine int REFERENCES hosts.shrines (id)) PARTITION BY RANGE (id);\n" +
				"CREATE TABLE gates_1 PARTITION OF \"Gates \"\"x\" FOR VALUES FROM (1) TO (9);\n" +
				"CREATE VIEW all_shrines AS SELECT id FROM hosts.shrines;\nCREATE MATERIALIZED VIEW few AS SELECT * FROM all_shrines;\n" +
				"CREATE FUNCTION pray(m mood, n int DEFAULT 1) RETURNS mood LANGUAGE plpgsql AS $$ BEGIN RETURN m; END; $$;\n" +
				"CREATE PROCEDURE bow() LANGUAGE sql AS 'SELECT 1';\nCREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);\n" +
				"CREATE TABLE furniture.lamp (id int);\n" +
				"CREATE INDEX CONCURRENTLY shrines_m ON hosts.shrines (m);\n" +
				"SELECT pg_catalog.set_config('search_path', '', false);\nBEGIN;\nCREATE TABLE public.open (id int);\n"
		}
		before := found(t, db)

		path := t.TempDir()
		write(t, path, "1_host.up.sql", host)
		diffOn(t, db, path).wants(t, 0, "*")
		glob(t, path, "2_torii.up.sql")
		if after := found(t, db); !slices.Equal(after, before) {
			t.Errorf("before: %v\nafter:  %v", before, after)
		}
		diffOn(t, db, path).wants(t, 0, nothingToWrite(path))

		bad := t.TempDir()
		write(t, bad, "1_host.up.sql", host, "2_bad.up.sql", "CREATE TABLE late (id INT);\nCREATE TABLE nonsense (;\n", "3_good.up.sql", "CREATE TABLE later (id INT);\n")
		diffOn(t, db, bad).fails(t, exitError, "2_bad.up.sql")
		write(t, bad, "2_bad.up.sql", "COMMIT;\nCREATE TABLE late (id INT);\nCREATE TABLE late (id INT);\n")
		diffOn(t, db, bad).fails(t, exitError, "replay 2_bad.up.sql: statement 3 (CREATE TABLE late (id INT))")
		if after := found(t, db); !slices.Equal(after, before) {
			t.Errorf("before: %v\nafter a failure: %v", before, after)
		}
	})
}

// A signal in the middle leaves nothing either.
func TestDevIsLeftAsItWasAfterASignal(t *testing.T) {
	onServers(t, func(t *testing.T, db testdb.DB) {
		slow := map[string]string{dialect.Postgres: "SELECT pg_sleep(30);\n", dialect.MySQL: "SELECT SLEEP(30);\n"}[db.Dialect]
		path := t.TempDir()
		write(t, path, "1_host.up.sql", "CREATE TABLE shrines (id INT);\n"+slow)
		ctx, cancel := context.WithCancel(t.Context())
		var stderr strings.Builder
		done := make(chan int, 1)
		go func() {
			done <- run(ctx, []string{"migrate", "diff", "-dir", path, "-format", "golang-migrate", "-dialect", db.Dialect, "-dev", db.DSN},
				&strings.Builder{}, &stderr, func(string) string { return "" })
		}()
		pool := raw(t, db)
		for len(tables(t, pool, db.Dialect)) == 0 {
			select {
			case code := <-done:
				t.Fatalf("it ended by itself, with %d: %s", code, stderr.String())
			case <-time.After(20 * time.Millisecond):
			}
		}
		cancel()
		if code := <-done; code != exitError {
			t.Errorf("exit code %d: %s", code, stderr.String())
		}
		if left := tables(t, pool, db.Dialect); len(left) > 0 {
			t.Errorf("left: %q; %s", left, stderr.String())
		}
	})
}

// found counts what the server itself lists of a database, ours or not.
func found(t *testing.T, db testdb.DB) []int {
	t.Helper()
	queries := map[string][]string{
		dialect.Postgres: {"pg_class", "pg_type", "pg_proc", "pg_namespace", "pg_extension", "pg_constraint", "pg_trigger"},
		dialect.MySQL: {"information_schema.tables WHERE table_schema = DATABASE()", "information_schema.routines WHERE routine_schema = DATABASE()",
			"information_schema.events WHERE event_schema = DATABASE()", "information_schema.triggers WHERE trigger_schema = DATABASE()"},
	}[db.Dialect]
	pool := raw(t, db)
	defer pool.Close()
	counts := make([]int, len(queries))
	for i, query := range queries {
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM "+query).Scan(&counts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return counts
}

func TestSQLiteLeavesNoTemporaryFile(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, host := range []string{"CREATE TABLE shrines (id INT);\n", "CREATE TABLE nonsense (;\n"} {
		path := t.TempDir()
		write(t, path, "1_host.up.sql", host)
		program(t, "migrate", "diff", "-dir", path, "-format", "golang-migrate", "-dialect", "sqlite")
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
}
