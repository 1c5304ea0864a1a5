// Quickstart is a working site with users, in as little code as it takes:
//
//	go run ./examples/quickstart
//	curl -s localhost:8080/auth/register -H 'Content-Type: application/json' -H 'Torii-Transport: bearer' \
//		-d '{"email":"ada@example.org","password":"a long and lovely password"}'
//	curl -s localhost:8080/me -H 'Authorization: Bearer TOKEN-OF-THAT-ANSWER'
//
// Its users are in app.db, in the folder where it was started. The environment variable
// ADDR moves it from localhost:8080.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(os.Getenv("ADDR"), "localhost:8080")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr string) error {
	client, err := migrate.Open(ctx, "sqlite3", "file:app.db")
	if err != nil {
		return err
	}
	defer client.Close()

	a, err := auth.New(client, auth.Config{
		BaseURL: "http://" + addr,
		Providers: []auth.Provider{
			password.New(password.Config{}),
		},
	})
	if err != nil {
		return err
	}
	defer a.Close(context.Background())

	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	mux.Handle("GET /me", a.RequireUser(http.HandlerFunc(me)))
	return serve(ctx, addr, mux)
}

func me(w http.ResponseWriter, r *http.Request) {
	user, _ := auth.UserFrom(r.Context())
	fmt.Fprintf(w, "You are %s.\n", user.Email)
}

// serve answers until ctx ends, and then lets the requests finish that are under way.
func serve(ctx context.Context, addr string, h http.Handler) error {
	srv := &http.Server{Addr: addr, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(last)
	})
	log.Printf("http://%s", addr)
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
