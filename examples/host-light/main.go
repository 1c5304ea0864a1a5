// Host-light is an application with Ent whose graph has a type Session of its own: a
// yoga studio, where a session is an hour that people book. It takes Torii's users into
// its graph and none of Torii's other types; Torii keeps those tables itself.
//
//	go run .
//	curl -s localhost:8080/signup -H 'Content-Type: application/json' \
//		-d '{"email":"ada@example.org","password":"a long and lovely password","session":1}'
//	curl -s localhost:8080/auth/login -H 'Content-Type: application/json' -c jar \
//		-d '{"email":"ada@example.org","password":"a long and lovely password"}'
//	curl -s localhost:8080/bookings -b jar
//
// It is a module of its own, as an application is: run it in this folder.
//
// # Where things are
//
//	ent/schema  users, sessions, bookings; the rest of ent/ is generated
//	studio.go   opening the database, and Torii on it
//	booking.go  the application's own transaction, with an account and a booking in it
//	server.go   addresses, JSON in and out
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

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"

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
	fs := flag.NewFlagSet("host-light", flag.ContinueOnError)
	addr := fs.String("addr", "localhost:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	driver := fs.String("driver", "sqlite3", "database: sqlite3, postgres or mysql")
	dsn := fs.String("dsn", "file:host-light.db", "data source `NAME`")
	if err := fs.Parse(args); err != nil {
		return err
	}
	client, err := open(ctx, *driver, *dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := plan(ctx, client); err != nil {
		return err
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	baseURL, err := origin(*addr, listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s, err := newStudio(client, auth.Config{BaseURL: baseURL})
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
