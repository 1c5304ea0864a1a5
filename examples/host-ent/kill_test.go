package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent/credential"
	"github.com/torii-go/torii/examples/host-ent/ent/team"
	"github.com/torii-go/torii/examples/host-ent/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// openAgain starts the application on a database, and stops it with the test.
func openAgain(t *testing.T, db testdb.DB) *app {
	t.Helper()
	a, err := open(t.Context(), db.Driver, db.DSN, auth.Config{BaseURL: "http://localhost:8080", Hash: cheap, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		if err := a.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// people are n addresses that nobody else in the test has.
func people(who string, n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%s%d@example.org", who, i))
	}
	return list
}

// The application is killed (SIGKILL) amid fifty registrations, several times on one
// database: whoever is there has a team and a password, and no team is nobody's.
func TestKilledRegistrationsAreWhole(t *testing.T) {
	const rounds, registrations = 5, 50
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		for round := range rounds {
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				who := fmt.Sprint("r", round, "p")
				acked := kill(t, db, people(who, registrations), 1+rand.IntN(registrations*3/5))
				a := openAgain(t, db)
				halves(t, a)
				for _, email := range acked {
					if n := a.client.User.Query().Where(user.Email(email)).CountX(everybody(t)); n != 1 {
						t.Errorf("%s was registered, and %d are there", email, n)
					}
				}
				n := a.client.User.Query().Where(user.EmailHasPrefix(who)).CountX(everybody(t))
				t.Logf("killed after %d of %d registrations, %d are there", len(acked), registrations, n)
				if n == registrations {
					t.Errorf("all %d registrations are there: nothing was interrupted", n)
				}
				if err := register(t.Context(), a, fmt.Sprintf("new%d@example.org", round)); err != nil {
					t.Errorf("a registration after the kill: %v", err)
				}
			})
		}
	})
}

// halves fails the test if anything is half there.
func halves(t *testing.T, a *app) {
	t.Helper()
	for _, wrong := range findHalves(t, a) {
		t.Error(wrong)
	}
}

func findHalves(t *testing.T, a *app) (wrong []string) {
	t.Helper()
	ctx, c := everybody(t), a.client
	users := c.User.Query().CountX(ctx)
	for what, n := range map[string]int{
		"users without a team":     c.User.Query().Where(user.Not(user.HasTeam())).CountX(ctx),
		"users without a password": c.User.Query().Where(user.Not(user.HasCredentials())).CountX(ctx),
		"teams of nobody":          c.Team.Query().Where(team.Not(team.HasMembers())).CountX(ctx),
		"passwords of nobody":      c.Credential.Query().Where(credential.Not(credential.HasUser())).CountX(ctx),
		"teams too many":           c.Team.Query().CountX(ctx) - users,
		"passwords too many":       c.Credential.Query().CountX(ctx) - users,
	} {
		if n != 0 {
			wrong = append(wrong, fmt.Sprint(n, " ", what))
		}
	}
	return wrong
}

func TestHalvesAreNoticed(t *testing.T) {
	for name, spoil := range map[string]func(a *app) error{
		"a team of nobody": func(a *app) error { return a.client.Team.Create().SetName("x").Exec(everybody(t)) },
		"a user without a team": func(a *app) error {
			return a.client.User.Update().ClearTeam().Exec(everybody(t))
		},
		"a user without a password": func(a *app) error {
			_, err := a.auth.CreateUser(t.Context(), auth.NewUser{Email: "bob@example.org", Fields: map[string]any{"locale": "en"}})
			return err
		},
	} {
		a := openAgain(t, testdb.New(t, "sqlite3"))
		if err := register(t.Context(), a, "ada@example.org"); err != nil {
			t.Fatal(err)
		}
		if wrong := findHalves(t, a); len(wrong) > 0 {
			t.Fatalf("complains about what is whole: %q", wrong)
		}
		if err := spoil(a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(findHalves(t, a)) == 0 {
			t.Errorf("%s is not noticed", name)
		}
	}
}

// kill starts the application as a process, kills it when it has acknowledged so many
// registrations, and returns all that it has acknowledged.
func kill(t *testing.T, db testdb.DB, everyone []string, after int) (acked []string) {
	t.Helper()
	p := startChild(t)
	if err := p.give(db, everyone, true); err != nil {
		t.Fatal(err)
	}
	for p.out.Scan() {
		if strings.HasPrefix(p.out.Text(), "error:") {
			t.Errorf("before it was killed: %s", p.out.Text())
		} else if acked = append(acked, p.out.Text()); len(acked) == after {
			if err := p.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	exit, ok := errors.AsType[*exec.ExitError](p.Wait())
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("after %d registrations it ended by itself: %v", len(acked), exit)
	}
	settle(t, db)
	return acked
}

// settle waits until the server has noticed that a process is gone: its last COMMIT may
// be on the way. The locks of SQLite's file have died with it.
func settle(t *testing.T, db testdb.DB) {
	t.Helper()
	query, isServer := map[string]string{
		"postgres": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
		"mysql":    "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
	}[db.Dialect]
	if !isServer {
		return
	}
	conn := pool(t, db)
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var n int
		err := conn.QueryRowContext(t.Context(), query).Scan(&n)
		if err == nil && n == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d connections of a dead process are still open, %v", n, err)
		}
	}
}

// Thirty instances start at once on an empty database, and each registers somebody.
func TestThirtyStartsAtOnce(t *testing.T) {
	const instances = 30
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		running := make([]*process, instances)
		for i := range running {
			running[i] = startChild(t)
		}
		for i, p := range running {
			if err := p.give(db, people(fmt.Sprint("i", i, "p"), 1), false); err != nil {
				t.Error(err)
			}
		}
		for i, p := range running {
			var said []string
			for p.out.Scan() {
				said = append(said, p.out.Text())
			}
			if err := p.Wait(); err != nil {
				t.Errorf("instance %d: %v, %q", i, err, said)
			}
		}
		a := openAgain(t, db)
		halves(t, a)
		if n := a.client.User.Query().CountX(everybody(t)); n != instances {
			t.Errorf("%d users, want %d", n, instances)
		}
		if plan, err := migrate.Plan(t.Context(), toriis(t, db)); err != nil || plan != "" {
			t.Errorf("left to do: %q, %v", plan, err)
		}
	})
}
