package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/providers/password"
)

// childEnv is set for a process that this test binary starts: "main" for the program,
// "child" for the application without a listener.
const childEnv = "TORII_TEST_HOST_ENT"

// workers is how many goroutines of a child register people.
const workers = 4

// job is the line that a child reads: whom to register when it has started.
type job struct {
	Driver, DSN string
	People      []string
	Waits       bool // to be killed, when it is done
}

// child does its job and writes an address for everybody who is registered.
func child() {
	in := bufio.NewReader(os.Stdin)
	fmt.Println("ready")
	line, err := in.ReadBytes('\n')
	if err != nil {
		os.Exit(1)
	}
	go func() { // it ends when the test that started it does
		_, _ = io.Copy(io.Discard, in)
		os.Exit(1)
	}()
	var j job
	if err = json.Unmarshal(line, &j); err == nil {
		err = j.do(context.Background())
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	if j.Waits {
		select {}
	}
	os.Exit(0)
}

func (j job) do(ctx context.Context) error {
	a, err := open(ctx, j.Driver, j.DSN, auth.Config{BaseURL: "http://localhost:8080", Hash: cheap, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	var (
		wait   sync.WaitGroup
		failed = make(chan error, workers)
	)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(j.People); i += workers {
				if err := register(ctx, a, j.People[i]); err != nil {
					failed <- fmt.Errorf("register: %w", err)
					return
				}
				fmt.Println(j.People[i])
			}
		})
	}
	wait.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return a.close(ctx)
	}
}

func register(ctx context.Context, a *app, email string) error {
	_, err := a.pw.Register(ctx, password.Registration{Email: email, Password: phrase, Fields: map[string]any{"locale": "en"}}, auth.Client{})
	return err
}

// process is a child that runs.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startChild returns when the child is ready for its job.
func startChild(t *testing.T) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(os.Environ(), childEnv+"=child")
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() || p.out.Text() != "ready" {
		t.Fatalf("a child says %q", p.out.Text())
	}
	return p
}

// give sends the job.
func (p *process) give(db testdb.DB, people []string, waits bool) error {
	line, err := json.Marshal(job{db.Driver, db.DSN, people, waits})
	if err != nil {
		return err
	}
	_, err = p.in.Write(append(line, '\n'))
	return err
}
