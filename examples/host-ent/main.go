// Host-ent is an application with an Ent schema of its own that takes Torii in: its User
// is Torii's with a plan, a locale, posts and a team, under the application's privacy
// policy, and a registration is one transaction with the application's rows.
//
//	cd examples/host-ent && go run .
//	curl -s localhost:8080/auth/register -H 'Content-Type: application/json' -c jar \
//		-d '{"email":"ada@example.org","password":"a long and lovely password","locale":"en-GB"}'
//	curl -s localhost:8080/posts -H 'Content-Type: application/json' -H 'Sec-Fetch-Site: same-origin' -b jar \
//		-d '{"title":"Notes","body":"On the engine."}'
//	curl -s localhost:8080/blog -b jar
//
// It is a module of its own, as an application is.
//
// # Where things are
//
//	ent/schema    the application's types; User has Torii's as a mixin
//	ent/entc.go   the generator, with the extension entauth
//	server.go     one driver, the application's client, Torii on it; addresses
//	blog.go       what the application does with its client
//	answer.go     JSON in and out
//	ent/...       the rest is generated
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
	fs := flag.NewFlagSet("host-ent", flag.ContinueOnError)
	addr := fs.String("addr", "localhost:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	driver := fs.String("driver", "sqlite3", "database: sqlite3, postgres or mysql")
	dsn := fs.String("dsn", "file:host-ent.db", "data source `NAME`")
	if err := fs.Parse(args); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	defer listener.Close() // Serve has closed it, if it came so far
	host, _, err := net.SplitHostPort(*addr)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	baseURL := "http://" + net.JoinHostPort(host, port) // as browsers on this machine see it

	a, err := open(ctx, *driver, *dsn, auth.Config{BaseURL: baseURL})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close(ctx)) }()
	fmt.Fprintln(stdout, baseURL)
	return serve(ctx, listener, a.handler())
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
