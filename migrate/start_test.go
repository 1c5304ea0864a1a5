package migrate_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// Thirty programs start at once on an empty database. Without the lock 5 to 25 of them
// fail, on every database.
func TestConcurrentFirstStarts(t *testing.T) {
	const programs = 30
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		type program struct {
			cmd    *exec.Cmd
			in     io.WriteCloser
			out    io.ReadCloser
			stderr bytes.Buffer
		}
		running := make([]*program, programs)
		for i := range running {
			p := &program{cmd: exec.Command(os.Args[0])}
			p.cmd.Env = append(os.Environ(), "MIGRATE_TEST_START="+db.DSN, "MIGRATE_TEST_DRIVER="+db.Driver)
			p.cmd.Stderr = &p.stderr
			var err error
			if p.in, err = p.cmd.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			if p.out, err = p.cmd.StdoutPipe(); err != nil {
				t.Fatal(err)
			}
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(p.out, make([]byte, len("ready\n"))); err != nil {
				t.Fatal(err)
			}
			running[i] = p
		}
		for _, p := range running {
			if _, err := p.in.Write([]byte("go\n")); err != nil {
				t.Error(err)
			}
		}
		for i, p := range running {
			out, _ := io.ReadAll(p.out)
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("program %d: %v\n%s%s", i, err, out, p.stderr.String())
			}
		}
		client := open(t, db)
		if got := client.User.Query().CountX(t.Context()); got != programs {
			t.Errorf("%d programs have written, want %d", got, programs)
		}
	})
}

// The same within one process, on one client, under the race detector.
func TestUpFromManyGoroutines(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db, migrate.SkipMigration())
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := migrate.Up(t.Context(), client); err != nil {
					t.Error(err)
				}
				if _, err := migrate.Plan(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if err := migrate.Verify(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}

// Sixteen goroutines read and then write in one transaction: the pattern that fails
// with "database is locked" on SQLite unless transactions are immediate.
func TestConcurrentWriters(t *testing.T) {
	db := testdb.New(t, dialect.SQLite)
	client := open(t, db)
	addUser(t, client, "ann@example.org")
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range 15 {
				tx, err := client.Tx(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				u := tx.User.Query().OnlyX(t.Context())
				if err := tx.User.UpdateOne(u).SetEmailEntered(u.EmailEntered + "x").Exec(t.Context()); err != nil {
					t.Error(err)
					return
				}
				if err := tx.Commit(); err != nil {
					t.Error(err)
					return
				}
				client.User.Query().CountX(t.Context())
			}
		})
	}
	wait.Wait()
	if got := len(client.User.Query().OnlyX(t.Context()).EmailEntered); got != 16*15 {
		t.Errorf("%d updates have been kept, want %d", got, 16*15)
	}
}
