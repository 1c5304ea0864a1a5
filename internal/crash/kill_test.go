package crash_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/testdb"
)

const (
	rounds = 5
	// operations is how many calls a child makes if nobody kills it.
	operations = 200
)

// patience bounds one life of a child.
const patience = 20 * time.Second

// kill starts a child, kills it when it has acknowledged a random number of operations,
// most at most, and returns everything that it has acknowledged. Most is well below
// operations, so that some stay undone however late we are told.
func kill(t *testing.T, j job, most int) []ack {
	t.Helper()
	after := 1 + rand.IntN(most)
	line, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	acks, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer acks.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience) // its end kills as well
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.ExtraFiles = []*os.File{theirs}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stderr, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	if _, err := stdin.Write(append(line, '\n')); err != nil {
		t.Error(err)
	}

	var list []ack
	for lines := bufio.NewScanner(acks); lines.Scan(); {
		var a ack
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Errorf("the child said %q: %v", lines.Text(), err)
		}
		if a.Err != "" {
			t.Errorf("before it was killed: %s", a.Err)
			cancel()
		}
		if list = append(list, a); len(list) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	err = cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if status, isUnix := sysStatus(exit); !ok || !isUnix || status.Signal() != syscall.SIGKILL || ctx.Err() != nil {
		t.Fatalf("killed after %d of %d: %v, %v\n%s", len(list), after, err, ctx.Err(), stderr.String())
	}
	t.Logf("killed after %d of %d acknowledgements, %d in all", after, operations, len(list))
	return list
}

func sysStatus(exit *exec.ExitError) (syscall.WaitStatus, bool) {
	if exit == nil {
		return 0, false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return status, ok
}

// again starts the application on a database, and stops it with the test.
func again(t *testing.T, db testdb.DB) *site {
	t.Helper()
	s, err := start(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { s.client.Close() })
	return s
}

// afterKill starts the application at once, as a supervisor does, and once more when the
// server has noticed that the child is gone: until then its last COMMIT may be on the
// way.
func afterKill(t *testing.T, db testdb.DB) *site {
	t.Helper()
	again(t, db).client.Close()
	settle(t, db)
	return again(t, db)
}

// others counts the connections to this very database but for the one that asks.
var others = map[string]string{
	"postgres": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
	"mysql":    "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}

func settle(t *testing.T, db testdb.DB) {
	t.Helper()
	query, isServer := others[db.Dialect]
	if !isServer {
		return // the file's locks have died with the process
	}
	conn, err := sql.Open(db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetMaxOpenConns(1)
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		n := -1
		// MySQL cannot list a statement that holds bytes (error 3854); the next look can.
		if err := conn.QueryRowContext(t.Context(), query).Scan(&n); err != nil && !strings.Contains(err.Error(), "3854") {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d connections of a dead process are still open", n)
		}
	}
}

// eachRound runs f several times on one database of each kind, one after the other.
func eachRound(t *testing.T, f func(t *testing.T, db testdb.DB, round int)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		for round := range rounds {
			t.Run(fmt.Sprint(round), func(t *testing.T) { f(t, db, round) })
		}
	})
}
