package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestMain makes this test program the command itself when TestRun asks for it.
func TestMain(m *testing.M) {
	if os.Getenv("WITHDB_CHILD") != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		name   string
		args   []string
		code   int
		output string
	}{
		{"the exit code is the command's", []string{"--", "sh", "-c", "exit 7"}, 7, ""},
		{"the servers are named to the command", []string{"sh", "-c", "echo $TEST_POSTGRES_DSN $TEST_MYSQL_DSN"}, 0, "pg my\n"},
		{"a command that is not there is 127", []string{"--", "no-such-command-anywhere"}, 127, ""},
		{"nothing to run is an error", nil, 2, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			cmd := child(row.args...)
			out, _ := cmd.Output()
			if got := cmd.ProcessState.ExitCode(); got != row.code {
				t.Errorf("got exit code %d, want %d", got, row.code)
			}
			if row.output != "" && string(out) != row.output {
				t.Errorf("got output %q, want %q", out, row.output)
			}
		})
	}
}

func TestSignalIsForwarded(t *testing.T) {
	cmd := child("sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the code is what counts
	if got := cmd.ProcessState.ExitCode(); got != 9 {
		t.Errorf("got exit code %d, want the 9 of the command's own handler", got)
	}
}

// child is withdb with servers that it need not start.
func child(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "WITHDB_CHILD=1", "TEST_POSTGRES_DSN=pg", "TEST_MYSQL_DSN=my", "TEST_ORACLE_MYSQL_DSN=off")
	cmd.Stderr = &strings.Builder{}
	return cmd
}
