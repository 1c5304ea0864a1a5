// Host-sql is an application on plain database/sql that takes Torii in: one pool, one
// database, the application's tables beside Torii's, and transactions that span both.
//
//	go run ./examples/host-sql
//	curl -s localhost:8080/signup -H 'Content-Type: application/json' \
//		-d '{"email":"ada@example.org","password":"a long and lovely password","project":"Difference engine"}'
//	curl -s localhost:8080/auth/login -H 'Content-Type: application/json' -c jar \
//		-d '{"email":"ada@example.org","password":"a long and lovely password"}'
//	curl -s localhost:8080/projects -b jar
//
// Somebody signs up together with a first project, in one transaction of the
// application's: an account without a project is never there, nor the other way round.
//
// # Where things are
//
//	database.go   the pool, the application's tables, its transactions
//	signup.go     the transaction that spans the application's tables and Torii's
//	allowance.go  a hook: a row of the application's for every new user
//	project.go    a table of the application's that refers to users
//	server.go     addresses, JSON in and out
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
	fs := flag.NewFlagSet("host-sql", flag.ContinueOnError)
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
	app, err := newApp(ctx, db, auth.Config{BaseURL: baseURL})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, closeWithin(ctx, app.auth.Close)) }()
	fmt.Fprintln(stdout, baseURL)
	return serve(ctx, listener, app.handler())
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
