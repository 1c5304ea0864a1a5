// Todos is a list for everybody who signs up: a small site of pages without JavaScript,
// whose accounts are Torii's and whose lists are in a table of its own.
//
//	go run ./examples/todos
//
// and then open http://localhost:8080 in a browser.
//
// # Where things are
//
//	server.go    which address is answered by what
//	enter.go     the pages that let people in, and the way out
//	list.go      the page with the list, and what its forms do
//	todo.go      the table of todos
//	database.go  the pool, and how SQL differs
//	page.go      rendering; templates/ and static/ are what it renders
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/torii-go/torii/auth"
)

// stopWithin is how long requests may take to finish after a signal.
const stopWithin = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal(err)
	}
}

// run is the program: it serves until ctx ends and has closed everything when it
// returns.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	fs := flag.NewFlagSet("todos", flag.ContinueOnError)
	addr := fs.String("addr", "localhost:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	driver := fs.String("driver", "sqlite3", "database: sqlite3, postgres or mysql")
	dsn := fs.String("dsn", defaultDSN, "data source `NAME`, options included: mysql needs parseTime=true")
	if err := fs.Parse(args); err != nil {
		return err
	}
	db, err := openDatabase(*driver, *dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	baseURL, err := origin(*addr, listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s, err := newSite(ctx, db, auth.Config{BaseURL: baseURL})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, closeWithin(ctx, s.auth.Close)) }()
	fmt.Fprintln(stdout, baseURL)
	return serve(ctx, listener, s.handler())
}

// origin is the address as browsers on this machine see it.
func origin(asked string, bound net.Addr) (string, error) {
	host, _, err := net.SplitHostPort(asked)
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(bound.String())
	return "http://" + net.JoinHostPort(host, port), err
}

// serve answers until ctx ends, and then lets the requests finish that are under way.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- closeWithin(ctx, srv.Shutdown) })
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// closeWithin calls f with a moment of time, though ctx has ended.
func closeWithin(ctx context.Context, f func(context.Context) error) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return f(last)
}
