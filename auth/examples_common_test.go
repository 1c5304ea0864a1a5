package auth_test

import (
	"cmp"
	"context"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

// newExample returns an Auth on a database that others may use too; in development mode,
// unless the configuration has a BaseURL.
func newExample(client *ent.Client, cfg auth.Config) *auth.Auth {
	cfg.BaseURL = cmp.Or(cfg.BaseURL, "http://localhost:8080")
	cfg.Logger = slog.New(slog.DiscardHandler)
	a, err := auth.New(client, cfg)
	if err != nil {
		log.Fatal(err)
	}
	return a
}

// startExample returns an Auth on a database of its own, with one user; done closes both.
func startExample(ctx context.Context, cfg auth.Config) (a *auth.Auth, ann *ent.User, done func()) {
	client, closeClient := openExample(ctx)
	a = newExample(client, cfg)
	ann, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com", Name: "Ann"})
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

// getMe is the status of a request with a token, to a page for signed-in users.
func getMe(a *auth.Auth, token string) int {
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code
}
