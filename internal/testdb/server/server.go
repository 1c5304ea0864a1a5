// Package server starts private PostgreSQL and MariaDB servers for tests: in a
// temporary folder, on a free loopback port, with a random password, tuned for speed
// and against durability. A server is a child of the calling process and dies with
// it, killed or not; its folder is removed by Stop, or by the next start on the
// machine when the process had no time for that.
//
// A missing server is installed from Debian's packages when the caller is root;
// otherwise the error says what to install.
package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	attempts = 5                // a free port may be taken before the server gets to it
	starting = 90 * time.Second // a busy machine with a cold disk needs some of it
)

// Server is one running private server.
type Server struct {
	// DSN is for the driver (lib/pq or go-sql-driver/mysql), as an account that may
	// create databases.
	DSN string

	dir  *folder
	proc *process
	quit syscall.Signal
	once sync.Once
}

// Stop ends the server without ceremony, since nothing in it is worth keeping, and
// removes its folder. It may be called more than once.
func (s *Server) Stop() {
	s.once.Do(func() {
		s.proc.end(s.quit)
		s.dir.remove()
	})
}

// plan says how to run one kind of server.
type plan struct {
	kind    string // names the folder inside ours
	account string // the system account to run as when we are root
	quit    syscall.Signal
	// prepare makes the data in dir.
	prepare func(dir, password string, as *account) error
	// command serves what prepare has made.
	command func(dir string, port int) *exec.Cmd
	driver  string
	dsn     func(port int, password string) string
	// whose asks a server for its data folder, which is how we know it to be ours. It is
	// empty where an answer is proof enough.
	whose string
}

// start carries the plan out.
func (p plan) start(password string) (*Server, error) {
	as, err := accountFor(p.account)
	if err != nil {
		return nil, err
	}
	dir, err := newFolder()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir.path, p.kind)
	if err := as.mkdir(home); err != nil {
		dir.remove()
		return nil, err
	}
	if err := p.prepare(home, password, as); err != nil {
		dir.remove()
		return nil, fmt.Errorf("prepare a private %s: %w", p.kind, err)
	}
	var failures []error
	for range attempts {
		proc, dsn, err := p.serve(home, password, as)
		if err == nil {
			return &Server{DSN: dsn, dir: dir, proc: proc, quit: p.quit}, nil
		}
		failures = append(failures, err)
	}
	dir.remove()
	return nil, fmt.Errorf("start a private %s: %w", p.kind, errors.Join(failures...))
}

// serve starts the server once and waits until it answers.
func (p plan) serve(home, password string, as *account) (*process, string, error) {
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	logPath := filepath.Join(home, "log")
	log, err := os.Create(logPath)
	if err != nil {
		return nil, "", err
	}
	defer log.Close()
	cmd := p.command(home, port)
	cmd.Stdout, cmd.Stderr = log, log
	as.dress(cmd, home, p.quit)
	proc, err := spawn(cmd)
	if err != nil {
		return nil, "", err
	}
	dsn := p.dsn(port, password)
	if err := p.await(proc, dsn, home); err != nil {
		proc.end(p.quit)
		text, _ := os.ReadFile(logPath)
		return nil, "", fmt.Errorf("%w\n%s", err, tail(text))
	}
	return proc, dsn, nil
}

// await returns when the server answers, has died, or takes too long.
func (p plan) await(proc *process, dsn, home string) error {
	db, err := sql.Open(p.driver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), starting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var data string
		var err error
		if p.whose == "" {
			err = db.PingContext(ctx)
		} else {
			err = db.QueryRowContext(ctx, p.whose).Scan(&data)
		}
		if err == nil && p.whose != "" && !inside(data, home) {
			return fmt.Errorf("another server answers on our port")
		}
		if err == nil {
			return nil
		}
		select {
		case <-proc.done:
			return fmt.Errorf("it ended at once: %w", errors.Join(proc.err, err))
		case <-ctx.Done():
			return fmt.Errorf("no answer in %v: %w", starting, err)
		case <-tick.C:
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// inside reports whether path lies in dir, whatever links lead there.
func inside(path, dir string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

func tail(text []byte) []byte {
	const most = 4 << 10
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return text
}
