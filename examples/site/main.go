// Site is the demonstration: a whole web site with accounts on top of Torii, to click
// through, to read, and to test against.
//
//	go run ./examples/site
//
// It serves the HTTP contract below /auth/, pages for people on /, and /me, which only
// signed-in users can see. The pages are plain forms: they call the same methods that
// are behind the contract, and need no JavaScript, but for passkeys.
//
// # Where things are
//
//	flags.go     the command line
//	ways.go      how people sign in, by the flags: -demo-idp, -oidc
//	server.go    which address is answered by what, and what all answers have in common
//	page.go      rendering; templates/ and static/ are what it renders
//	form.go      a form as a value: its fields, what was typed, what is wrong with it
//	register.go, login.go, bymail.go, forgot.go, account.go, address.go, session.go,
//	delete.go, home.go, me.go
//	             the pages, a noun each
//	elsewhere.go accounts elsewhere: the buttons, and what follows if one tells too little
//	linked.go    which of them open an account here
//	passkey.go   passkeys: the buttons, and the list on the account's page;
//	             static/passkeys.js does what they say
//	sent.go      "check your mail", with a code to type or without
//	stepup.go, again.go
//	             who does something of weight shows who they are once more
//	mailbox.go, letter.go
//	             the mails of -mail, for who develops
//	local.go     what is only for who sits at this machine
//	words.go     user agents and times in words
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
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
	"github.com/torii-go/torii/migrate"
)

// stopWithin is how long requests may take to finish after a signal.
const stopWithin = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once, should the first take too long.
	context.AfterFunc(ctx, stop)
	os.Exit(exit(run(ctx, os.Args[1:], os.Stdout), os.Stderr))
}

// exit says what went wrong and returns the exit code: 2 for a command line that cannot
// be understood, as package flag does.
func exit(err error, stderr io.Writer) int {
	var usage *usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "site: %v\nsite: -h lists the flags\n", err)
		return 2
	default:
		fmt.Fprintf(stderr, "site: %v\n", err)
		return 1
	}
}

// run is the program: it serves until ctx ends and has closed everything when it
// returns.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	o, err := parseFlags(args, stdout)
	if err != nil {
		return err
	}
	client, err := migrate.Open(ctx, o.driver, o.dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()

	// Listening comes before New, which has to know the port if the flag leaves it open.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	baseURL := o.origin(listener.Addr())

	if err := o.allowDemo(baseURL, listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	w := o.ways(baseURL)
	a, err := auth.New(client, o.config(baseURL, w.providers()...))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, closeWithin(ctx, a.Close)) }()

	h, err := newServer(client, a, w, baseURL, o.mailDir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(stdout, "Torii demo: %s (listening on %s; %s; %s; %s; %s)\n", baseURL, listener.Addr(), o.database(), o.mails(baseURL), passkeys(baseURL), o.elsewhere())
	a.Start() // mails may wait from last time
	return serve(ctx, listener, h)
}

// serve answers until ctx ends, and then lets the requests finish that are under way.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
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
