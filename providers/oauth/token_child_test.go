package oauth_test

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
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// job is the line that a child reads: which user's token to get, and how many times at once.
type job struct {
	Driver, DSN string
	Issuer      string
	Secret      []byte
	UserID      string
	Now         time.Time // its clock stands still
	Times       int
}

// done is the line that a child writes: "ready", and after the word to go what it got.
type done struct {
	Ready  bool
	Tokens map[string]int
	Err    string
}

// child is another instance of the application. It ends when the test that started it does.
func child() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.NewFile(3, "done"))
	say := func(d done) { _ = out.Encode(d) } // nobody reads it: then nobody is waiting for it
	p, j, err := instance(in)
	if err != nil {
		say(done{Err: err.Error()})
		return
	}
	say(done{Ready: true})
	if _, err := in.ReadBytes('\n'); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		os.Exit(1)
	}()
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		d    = done{Tokens: map[string]int{}} // guarded by mu
	)
	for range j.Times {
		wait.Go(func() {
			token, err := p.Token(context.Background(), j.UserID, "demo")
			mu.Lock()
			defer mu.Unlock()
			if d.Tokens[token]++; err != nil {
				d.Err = err.Error()
			}
		})
	}
	wait.Wait()
	say(d)
	select {}
}

func instance(in *bufio.Reader) (*oauth.Provider, job, error) {
	var j job
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, j, err
	}
	if err := json.Unmarshal(line, &j); err != nil {
		return nil, j, err
	}
	client, err := migrate.Open(context.Background(), j.Driver, j.DSN)
	if err != nil {
		return nil, j, fmt.Errorf("open: %w", err)
	}
	how := oauth.OpenID("demo", "The demo", j.Issuer, "client", "s3cret of the client")
	how.KeepTokens = true
	p := oauth.New(how)
	_, err = auth.New(client, auth.Config{
		BaseURL: "https://app.example", Secrets: [][]byte{j.Secret}, Providers: []auth.Provider{p},
		Now: func() time.Time { return j.Now }, Logger: slog.New(slog.DiscardHandler), SkipEmailVerification: true,
	})
	return p, j, err
}

// process is a child that is ready.
type process struct {
	cmd  *exec.Cmd
	in   io.Writer
	dec  *json.Decoder
	stop func()
}

func (s *shared) startChild(t *testing.T, db testdb.DB, times int) *process {
	t.Helper()
	line, err := json.Marshal(job{
		Driver: db.Driver, DSN: db.DSN, Issuer: s.idp.Issuer(), Secret: s.secret, UserID: s.userID, Now: s.Clock.Now(), Times: times,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // its end kills
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	p := &process{cmd: cmd, in: in, dec: json.NewDecoder(out)}
	p.stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait() // killed, or else it has ended
		out.Close()
	})
	t.Cleanup(p.stop)
	if _, err := in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if d := p.read(t); !d.Ready {
		t.Fatalf("the child: %+v", d)
	}
	return p
}

func (p *process) goOn(t *testing.T) {
	t.Helper()
	if _, err := p.in.Write([]byte("go\n")); err != nil {
		t.Fatal(err)
	}
}

func (p *process) read(t *testing.T) done {
	t.Helper()
	var d done
	if err := p.dec.Decode(&d); err != nil {
		t.Fatalf("the child has ended: %v", err)
	}
	return d
}
