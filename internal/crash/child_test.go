package crash_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/torii-go/torii/auth"
)

// workers is how many goroutines of the child do what is asked.
const workers = 4

// job is the line that the child reads.
type job struct {
	Work        string
	Driver, DSN string
	People      []person
}

// ack is a line that the child writes when a call has returned.
type ack struct {
	Person int
	Turn   int
	Token  string
	Err    string
}

// works are what a child can be asked for. Each of its goroutines calls one with the
// indexes of its own people.
var works = map[string]func(ctx context.Context, s *site, people []person, mine []int, done func(ack)) error{
	"register": register,
	"change":   change,
	"sign out": signOut,
}

// child does its job and then waits to be killed. It ends by itself when the test that
// started it does.
func child() {
	in, out := bufio.NewReader(os.Stdin), os.NewFile(3, "acks")
	line, err := in.ReadBytes('\n')
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		os.Exit(1)
	}()
	var mu sync.Mutex
	done := func(a ack) {
		text, _ := json.Marshal(a)
		mu.Lock()
		defer mu.Unlock()
		_, _ = out.Write(append(text, '\n')) // nobody reads it: then nobody is waiting for it
	}
	if err := perform(line, done); err != nil {
		done(ack{Err: err.Error()})
	}
	select {}
}

func perform(line []byte, done func(ack)) error {
	ctx := context.Background()
	var j job
	if err := json.Unmarshal(line, &j); err != nil {
		return err
	}
	s, err := start(ctx, j.Driver, j.DSN)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	run := func(f func() error) {
		wait.Go(func() {
			if err := f(); err != nil {
				done(ack{Err: err.Error()})
			}
		})
	}
	if j.Work == "sign out" { // beside two clean-ups, as on two instances
		for range 2 {
			run(func() error { _, err := s.auth.CleanUp(ctx); return err })
		}
	}
	for w := range workers {
		var mine []int
		for i := w; i < len(j.People); i += workers {
			mine = append(mine, i)
		}
		run(func() error { return works[j.Work](ctx, s, j.People, mine, done) })
	}
	wait.Wait()
	return nil
}

func register(ctx context.Context, s *site, people []person, mine []int, done func(ack)) error {
	for _, i := range mine {
		res, err := s.register(ctx, people[i])
		if err != nil {
			return fmt.Errorf("register: %w", err)
		}
		done(ack{Person: i, Token: res.Token.Reveal()})
	}
	return nil
}

// changes is how often each person changes the password.
const changes = 10

func change(ctx context.Context, s *site, people []person, mine []int, done func(ack)) error {
	for _, i := range mine {
		p := people[i]
		res, err := s.signIn(ctx, p, p.Turn)
		if err != nil {
			return fmt.Errorf("sign in before a change: %w", err)
		}
		for range changes {
			if res, err = s.pw.Change(ctx, res.Session, p.phrase(p.Turn), p.phrase(p.Turn+1), auth.Client{}); err != nil {
				return fmt.Errorf("change: %w", err)
			}
			p.Turn++
			done(ack{Person: i, Turn: p.Turn, Token: res.Token.Reveal()})
		}
	}
	return nil
}

func signOut(ctx context.Context, s *site, people []person, mine []int, done func(ack)) error {
	for _, i := range mine {
		if err := s.auth.SignOut(ctx, auth.Client{Sessions: []string{people[i].Token}}); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
		done(ack{Person: i})
	}
	return nil
}
