package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "main":
		main()
		return
	case "child":
		child()
		return
	}
	os.Exit(testdb.Main(m))
}

// The program as it is started: twice on one database, and ended by SIGTERM.
func TestRun(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		for _, status := range []int{http.StatusCreated, http.StatusConflict} {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "localhost:0", "-driver", db.Driver, "-dsn", db.DSN)
			cmd.Env = append(os.Environ(), childEnv+"=main")
			var log bytes.Buffer
			cmd.Stderr = &log
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("the program says %q, %v; it ended with %v\n%s", line, err, cmd.Wait(), &log)
			}
			b := (&host{base: strings.TrimSpace(line)}).browser(t)
			if got := b.register("ada@example.org", "locale", "en"); got.status != status {
				t.Errorf("sign-up: %d %s, want %d", got.status, got.body, status)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("after SIGTERM: %v\n%s", err, &log)
			}
		}
	})
}

func TestWhatRunRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		text string
	}{
		{"an unknown driver", []string{"-addr", "localhost:0", "-driver", "oracle"}, "oracle"},
		{"an address that is none", []string{"-addr", "nowhere"}, "nowhere"},
		{"a database that is not there", []string{"-addr", "localhost:0", "-dsn", "file:/nowhere/at/all.db"}, "does not exist"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := run(t.Context(), row.args, io.Discard); err == nil || !strings.Contains(err.Error(), row.text) {
				t.Errorf("%v, want %q in it", err, row.text)
			}
		})
	}
}
