package auth_test

import (
	"context"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
)

// openExample opens a database that done deletes.
func openExample(ctx context.Context) (client *ent.Client, done func()) {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	client, err = migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		log.Fatal(err)
	}
	return client, func() {
		client.Close()
		os.RemoveAll(dir)
	}
}

// startExample returns an Auth in development mode, with one user; done closes it.
func startExample(ctx context.Context, cfg auth.Config) (a *auth.Auth, ann *ent.User, done func()) {
	client, closeClient := openExample(ctx)
	cfg.BaseURL = "http://localhost:8080"
	cfg.Logger = slog.New(slog.DiscardHandler)
	a, err := auth.New(client, cfg)
	if err != nil {
		log.Fatal(err)
	}
	ann, err = a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com", Name: "Ann"})
	if err != nil {
		log.Fatal(err)
	}
	return a, ann, func() {
		a.Close(ctx)
		closeClient()
	}
}

// exampleClock is a clock for examples in which time passes.
type exampleClock struct{ now time.Time }

func (c *exampleClock) Now() time.Time          { return c.now }
func (c *exampleClock) Advance(d time.Duration) { c.now = c.now.Add(d) }
