package migrate_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/lib/pq"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

func TestLookUpIsOneRoundTrip(t *testing.T) {
	for _, name := range []string{dialect.Postgres, dialect.MySQL} {
		t.Run(name, func(t *testing.T) {
			p, db := before(t, testdb.New(t, name))
			client := open(t, db, migrate.MaxConns(1))
			hash := addSession(t, client, 1)
			look := func() {
				if _, err := client.Session.ByTokenHash(t.Context(), hash); err != nil {
					t.Fatal(err)
				}
			}
			look()
			look()
			start := p.count()
			for range 10 {
				look()
			}
			if got := p.count() - start; got != 10 {
				t.Errorf("10 look-ups took %d round trips, want 10", got)
			}
		})
	}
}

// answers has 16 goroutines ask n questions of different kinds, each with an answer of
// its own, and counts what was wrong and what failed.
func answers(t *testing.T, n int, clients ...*ent.Client) (wrong, failed int64) {
	t.Helper()
	var w, f atomic.Int64
	var wait sync.WaitGroup
	for g := range 16 {
		wait.Go(func() {
			defer func() {
				if v := recover(); v != nil { // lib/pq, reading what was meant for another
					w.Add(1)
				}
			}()
			client := clients[g%len(clients)]
			for q := range n / 16 {
				i := (g*7 + q) % 64
				right, err := answer(t, client, i, q%3)
				switch {
				case err != nil:
					f.Add(1)
				case !right:
					w.Add(1)
				}
			}
		})
	}
	wait.Wait()
	return w.Load(), f.Load()
}

func answer(t *testing.T, client *ent.Client, i, kind int) (bool, error) {
	email := fmt.Sprintf("%d@example.org", i)
	switch kind {
	case 0:
		hash := make([]byte, 32)
		hash[0], hash[1] = byte(i), byte(i>>8)
		s, err := client.Session.ByTokenHash(t.Context(), hash)
		return err == nil && s.ID == fmt.Sprint("ses_", i) && s.Edges.User.Email == email, err
	case 1:
		u, err := client.User.Query().Where(user.Email(email)).Only(t.Context())
		return err == nil && u.Email == email, err
	}
	_, row, err := ask(t.Context(), client.Driver(), "SELECT email, 1 FROM users WHERE email = $1", email)
	return err == nil && len(row) == 2 && row[0] == email, err
}

// Two pools of eight connections share the four sessions of a PgBouncer.
func TestBehindPgBouncer(t *testing.T) {
	for _, row := range []struct{ name, setting string }{
		{"one that refuses the start-up option", "ignore_startup_parameters ="},
		{"one that hides the start-up option", "ignore_startup_parameters = options"},
	} {
		t.Run(row.name, func(t *testing.T) {
			db := testdb.New(t, dialect.Postgres)
			direct := open(t, db)
			for i := range 64 {
				addSession(t, direct, i)
			}
			db = testdb.PgBouncer(t, db, row.setting)
			one, two := open(t, db, migrate.MaxConns(8)), open(t, db, migrate.MaxConns(8))
			for _, client := range []*ent.Client{one, two} {
				if kept, _ := migrate.Statements(client); kept != -1 {
					t.Error("statements are kept behind a pooler")
				}
			}
			const questions = 4800
			if wrong, failed := answers(t, questions, one, two); wrong != 0 || failed != 0 {
				t.Errorf("of %d answers %d are wrong and %d failed", questions, wrong, failed)
			}
			if t.Failed() {
				return
			}
			migrate.KeepBlindly(one)
			migrate.KeepBlindly(two)
			wrong, failed := answers(t, questions, one, two)
			if wrong+failed == 0 {
				t.Error("with statements nothing goes wrong either: the test tests nothing")
			}
			t.Logf("of %d answers with statements kept blindly %d are wrong and %d failed", questions, wrong, failed)
		})
	}
}

// A pooler that comes between later ends the keeping of statements.
func TestServerMovesBehindPgBouncer(t *testing.T) {
	real := testdb.New(t, dialect.Postgres)
	p, db := before(t, real)
	one, two := open(t, db, migrate.MaxConns(8)), open(t, db, migrate.MaxConns(8))
	for i := range 64 {
		addSession(t, one, i)
	}
	if wrong, failed := answers(t, 1600, one, two); wrong != 0 || failed != 0 {
		t.Errorf("before: %d wrong, %d failed", wrong, failed)
	}
	if _, hits := migrate.Statements(one); hits == 0 {
		t.Fatal("no statement is kept before: the test tests nothing")
	}
	p.lead(t, testdb.PgBouncer(t, real, "ignore_startup_parameters = options"))
	p.cut()
	if wrong, _ := answers(t, 1600, one, two); wrong != 0 { // connections break: some may fail
		t.Errorf("while it moves: %d wrong", wrong)
	}
	if wrong, failed := answers(t, 3200, one, two); wrong != 0 || failed != 0 {
		t.Errorf("after: %d wrong, %d failed", wrong, failed)
	}
	if kept, _ := migrate.Statements(one); kept != -1 {
		t.Error("statements are still kept")
	}
}

func TestWithDirect(t *testing.T) {
	for _, row := range []struct{ name, env, dsn, want string }{
		{"a URL", "", "postgres://h/d", "postgres://h/d?" + pqAll + "&options=-c%20torii.direct%3Dx"},
		{"key=value", "", "host=h", "host=h " + pqKV + " options='-c torii.direct=x'"},
		{"options of the DSN stay", "", "host=h options='-c a=\\'b\\''", "host=h " + pqKV + ` options='-c a=\'b\' -c torii.direct=x'`},
		{"options of the URL stay", "", "postgres://h/d?options=-c%20a%3Db", "postgres://h/d?" + pqAll + "&options=-c%20a%3Db%20-c%20torii.direct%3Dx"},
		{"options of the environment stay", "-c a=b", "host=h", "host=h " + pqKV + " options='-c a=b -c torii.direct=x'"},
		{"a service file may have more", "", "service=s", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("PGOPTIONS", row.env)
			t.Setenv("PGSERVICE", "")
			if got := migrate.WithDirect(row.dsn, "x"); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestMayRefuseOption(t *testing.T) {
	for _, row := range []struct {
		name string
		err  error
		want bool
	}{
		{"PgBouncer's answer", &pq.Error{Code: "08P01", Message: "unsupported startup parameter: options"}, true},
		{"an unknown setting", &pq.Error{Code: "42704"}, true},
		{"a proxy that hangs up", io.ErrUnexpectedEOF, true},
		{"a wrong password is not sent twice", &pq.Error{Code: "28P01"}, false},
		{"a database that is not there", &pq.Error{Code: "3D000"}, false},
		{"a server that is full", &pq.Error{Code: "53300"}, false},
		{"a server that is starting", &pq.Error{Code: "57P03"}, false},
		{"a server that is not there", &net.OpError{Op: "dial", Err: io.EOF}, false},
		{"a server that says nothing", os.ErrDeadlineExceeded, false},
		{"a context that has ended", context.Canceled, false},
	} {
		if got := migrate.MayRefuseOption(fmt.Errorf("connect: %w", row.err)); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

func TestHostsOptionsReachTheServer(t *testing.T) {
	t.Setenv("PGOPTIONS", "-c work_mem=7777kB")
	client := open(t, testdb.New(t, dialect.Postgres))
	if got := text(t, client, "SHOW work_mem"); got != "7777kB" {
		t.Errorf("work_mem is %s: PGOPTIONS is lost", got)
	}
	if kept, _ := migrate.Statements(client); kept < 0 {
		t.Error("no statements are kept")
	}
}
