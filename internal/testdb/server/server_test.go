package server_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/testdb/server"
)

var kinds = map[string]func() (*server.Server, error){
	"postgres": server.Postgres,
	"mysql":    server.MySQL,
}

var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

func TestStop(t *testing.T) {
	for kind, start := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := must(t, start)
			answers(t, s.DSN, true)
			s.Stop()
			s.Stop()
			answers(t, s.DSN, false)
			if left := folders(t, os.Getpid()); len(left) > 0 {
				t.Errorf("folders left after Stop: %q", left)
			}
		})
	}
}

// TestKilledOwner kills a process that has a server: the server dies, and the next
// start removes what it left.
func TestKilledOwner(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child that its parent has died")
	}
	for kind, start := range kinds {
		t.Run(kind, func(t *testing.T) {
			must(t, start).Stop() // skips where there is no such server
			cmd := exec.Command(os.Args[0], "-test.run=^TestOwner$", "-test.v")
			cmd.Env = append(os.Environ(), "TESTDB_OWNER="+kind)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var dsn string
			for lines := bufio.NewScanner(out); dsn == "" && lines.Scan(); {
				dsn = address.FindString(lines.Text())
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // says that it was killed
			if dsn == "" {
				t.Fatal("the owner started no server")
			}
			answers(t, dsn, false)
			if left := folders(t, cmd.Process.Pid); len(left) != 1 {
				t.Fatalf("the killed owner left %q, want one folder", left)
			}
			must(t, start).Stop()
			if left := folders(t, cmd.Process.Pid); len(left) > 0 {
				t.Errorf("the next start left %q of a killed owner", left)
			}
		})
	}
}

// TestOwner is the process that TestKilledOwner kills.
func TestOwner(t *testing.T) {
	start, ok := kinds[os.Getenv("TESTDB_OWNER")]
	if !ok {
		return
	}
	s := must(t, start)
	defer s.Stop()
	fmt.Println(s.DSN)
	<-time.After(time.Minute)
	t.Error("nobody killed the owner")
}

func must(t *testing.T, start func() (*server.Server, error)) *server.Server {
	t.Helper()
	s, err := start()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answers waits until something listens at the DSN's address, or nothing does.
func answers(t *testing.T, dsn string, want bool) {
	t.Helper()
	var got bool
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address.FindString(dsn))
		if err == nil {
			conn.Close()
		}
		if got = err == nil; got == want {
			return
		}
	}
	t.Errorf("something listens: %v, want %v", got, want)
}

func folders(t *testing.T, pid int) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(server.TempDir(), fmt.Sprintf("torii-testdb-%d-*", pid)))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
