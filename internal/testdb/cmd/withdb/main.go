// Withdb runs a command with a private PostgreSQL and a private MariaDB beside it,
// named to it in TEST_POSTGRES_DSN and TEST_MYSQL_DSN, and ends with its exit code:
//
//	withdb [--] CMD [ARGS...]
//	withdb -go-test [ARGS of go test...]
//
// One pair of servers then serves all packages, where plain go test starts a pair for
// each. A variable that is set already is left alone and its server not started.
//
// A MySQL of Oracle's making comes on top, in TEST_ORACLE_MYSQL_DSN, where it can be
// had. Where it cannot, one line says so, in CI too: it depends on what a mirror has
// today. TEST_ORACLE_MYSQL_DSN=off does without, silently.
//
// With -go-test the command is go test -json, printed for readers: every failure in
// full, every skip by name, a table of results by database, and last the line
//
//	N passed, N failed, N skipped
//
// which counts tests and subtests.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/torii-go/torii/internal/testdb/server"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	goTest := len(args) > 0 && args[0] == "-go-test"
	if goTest {
		args = args[1:]
	} else if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if !goTest && len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withdb [--] CMD [ARGS...] | withdb -go-test [ARGS of go test...]")
		return 2
	}

	// From here on a signal must not end us before the servers are gone.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)

	env, stop, untested, err := servers()
	defer stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\n*** %v\n\n", err)
		if os.Getenv("CI") != "" {
			return 1
		}
	}
	select {
	case <-signals:
		return 130
	default:
	}
	if goTest {
		return test(args, env, untested, signals)
	}
	if untested != "" {
		fmt.Fprintln(os.Stderr, untested)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	return finish(cmd, signals)
}

const oracleEnv = "TEST_ORACLE_MYSQL_DSN"

// servers starts what is not named yet, all at once. Its error says what could not
// be had; what could be had is in the environment nevertheless. untested is the line
// about what need not be had.
func servers() (env []string, stop func(), untested string, err error) {
	env = os.Environ()
	var (
		mu      sync.Mutex // guards the variables below
		running []*server.Server
		errs    []error
		wait    sync.WaitGroup
	)
	for name, start := range map[string]func() (*server.Server, error){
		"TEST_POSTGRES_DSN": server.Postgres,
		"TEST_MYSQL_DSN":    server.MySQL,
		oracleEnv:           server.OracleMySQL,
	} {
		if os.Getenv(name) != "" {
			continue
		}
		wait.Go(func() {
			s, err := start()
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && name == oracleEnv:
				untested = "*** NOT TESTED on Oracle MySQL: " + strings.Join(strings.Fields(err.Error()), " ")
				return
			case err != nil:
				errs = append(errs, err)
				return
			}
			running = append(running, s)
			env = append(env, name+"="+s.DSN)
		})
	}
	wait.Wait()
	stop = func() {
		for _, s := range running {
			s.Stop()
		}
	}
	return env, stop, untested, errors.Join(errs...)
}

// test runs go test -json and prints what it says.
func test(args, env []string, untested string, signals <-chan os.Signal) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	r := newReport(os.Stdout)
	r.untested = untested
	cmd.Stdout = r
	code := finish(cmd, signals)
	if !r.summary() && code == 0 {
		code = 1
	}
	return code
}

// finish runs cmd to its end, passing signals on, and returns its exit code.
func finish(cmd *exec.Cmd, signals <-chan os.Signal) int {
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "withdb:", err)
		return 127
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // an error means that it has ended
		case err := <-done:
			return exitCode(err)
		}
	}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		fmt.Fprintln(os.Stderr, "withdb:", err)
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
