package testdb_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestEach(t *testing.T) {
	var seen []string
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		seen = append(seen, db.Name)
		if want := "TestEach/" + db.Name; t.Name() != want {
			t.Errorf("the subtest is called %q, want %q", t.Name(), want)
		}
		conn := open(t, db)
		mustExec(t, conn, "CREATE TABLE shrine (name VARCHAR(20) NOT NULL)")
		mustExec(t, conn, "INSERT INTO shrine VALUES ('⛩ Itsukushima')")
		var got string
		if err := conn.QueryRow("SELECT name FROM shrine").Scan(&got); err != nil || got != "⛩ Itsukushima" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	if got, want := fmt.Sprint(seen), fmt.Sprint(testdb.Names()); got != want {
		t.Errorf("ran %s, want %s", got, want)
	}
}

func TestNames(t *testing.T) {
	for dsn, want := range map[string]string{
		"":                            "[sqlite3 postgres mysql]",
		"off":                         "[sqlite3 postgres mysql]",
		"torii@tcp(127.0.0.1:33060)/": "[sqlite3 postgres mysql mysql9]",
	} {
		t.Setenv("TEST_ORACLE_MYSQL_DSN", dsn)
		if got := fmt.Sprint(testdb.Names()); got != want {
			t.Errorf("with %q: got %s, want %s", dsn, got, want)
		}
	}
}

func TestDatabasesAreApart(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		other := testdb.New(t, db.Name)
		if db.DSN == other.DSN {
			t.Fatalf("two databases have one name: %s", db.DSN)
		}
		mustExec(t, open(t, db), "CREATE TABLE shrine (name VARCHAR(20))")
		if _, err := open(t, other).Exec("SELECT * FROM shrine"); err == nil {
			t.Error("a table of one database is seen in the other")
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				mustExec(t, open(t, testdb.New(t, db.Name)), "CREATE TABLE shrine (name VARCHAR(20))")
			})
		}
	})
}

func TestEndOfTestDropsTheDatabase(t *testing.T) {
	existing := map[string]string{
		"postgres": "SELECT count(*) FROM pg_database WHERE datname = '%s'",
		"mysql":    "SELECT count(*) FROM information_schema.schemata WHERE schema_name = '%s'",
	}
	for dialect, query := range existing {
		t.Run(dialect, func(t *testing.T) {
			watcher := open(t, testdb.New(t, dialect))
			count := func(name string) (n int) {
				t.Helper()
				if err := watcher.QueryRow(fmt.Sprintf(query, name)).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			var name string
			t.Run("with a transaction left open", func(t *testing.T) {
				db := testdb.New(t, dialect)
				conn, err := sql.Open(db.Driver, db.DSN)
				if err != nil {
					t.Fatal(err)
				}
				mustExec(t, conn, "CREATE TABLE shrine (name VARCHAR(20))")
				tx, err := conn.Begin()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := tx.Exec("INSERT INTO shrine VALUES ('Meiji')"); err != nil {
					t.Fatal(err)
				}
				name = nameOf(t, db)
				if got := count(name); got != 1 {
					t.Fatalf("during the test %d databases are called %s, want 1", got, name)
				}
			})
			if got := count(name); got != 0 {
				t.Errorf("after the test the database %s is still there", name)
			}
		})
	}
}

// TestOverride runs this program again with the variables set to a server that is
// there, and to one that is not.
func TestOverride(t *testing.T) {
	for dialect, env := range map[string]string{"postgres": "TEST_POSTGRES_DSN", "mysql": "TEST_MYSQL_DSN"} {
		t.Run(dialect, func(t *testing.T) {
			db := testdb.New(t, dialect)
			out, err := again(dialect, env+"="+db.DSN)
			if err != nil {
				t.Fatalf("with a server named: %v\n%s", err, out)
			}
			_, got, ok := strings.Cut(out, "child: ")
			if !ok {
				t.Fatalf("the child printed no DSN:\n%s", out)
			}
			got, _, _ = strings.Cut(got, "\n")
			server, _, _ := strings.Cut(db.DSN, "torii_test_")
			if !strings.HasPrefix(got, server+"torii_test_") || got == db.DSN {
				t.Errorf("with the server of %s named, the database is %s", db.DSN, got)
			}

			dead := map[string]string{"postgres": "postgres://127.0.0.1:1/x?sslmode=disable", "mysql": "root@tcp(127.0.0.1:1)/"}
			out, err = again(dialect, env+"="+dead[dialect])
			if err == nil || !strings.Contains(out, "--- FAIL") {
				t.Errorf("with a dead server named, want a failure, got %v\n%s", err, out)
			}
		})
	}
}

// again runs TestChild in a new process, outside of CI.
func again(dialect, env string) (string, error) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(os.Environ(), "CI=", "TESTDB_CHILD="+dialect, env)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// TestChild does something only when TestOverride runs it.
func TestChild(t *testing.T) {
	dialect := os.Getenv("TESTDB_CHILD")
	if dialect == "" {
		return
	}
	db := testdb.New(t, dialect)
	open(t, db)
	fmt.Println("child: " + db.DSN)
}

func open(t *testing.T, db testdb.DB) *sql.DB {
	t.Helper()
	conn, err := sql.Open(db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Ping(); err != nil {
		t.Fatalf("%s does not answer: %v", db.Dialect, err)
	}
	return conn
}

func mustExec(t *testing.T, conn *sql.DB, query string) {
	t.Helper()
	if _, err := conn.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func nameOf(t *testing.T, db testdb.DB) string {
	t.Helper()
	_, rest, ok := strings.Cut(db.DSN, "torii_test_")
	if !ok {
		t.Fatalf("the database's name does not begin with torii_test_: %s", db.DSN)
	}
	chance, _, _ := strings.Cut(rest, "?")
	return "torii_test_" + chance
}
