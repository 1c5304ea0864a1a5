package password_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
)

// openExample opens a database for an example, and returns what deletes it.
func openExample() (*ent.Client, func()) {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		panic(err)
	}
	client, err := migrate.Open(context.Background(), "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		panic(err)
	}
	return client, func() { client.Close(); os.RemoveAll(dir) }
}

// example is an Auth with one provider, for the examples that are about something else.
func example(p auth.Provider) (*auth.Auth, *ent.Client, func()) {
	client, closeDB := openExample()
	a, err := auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Providers: []auth.Provider{p},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return a, client, func() { a.Close(context.Background()); closeDB() }
}
