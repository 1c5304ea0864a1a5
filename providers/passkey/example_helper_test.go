package passkey_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/migrate"
)

// example is an Auth with one provider on a new database, and a phone for its pages.
func example(p auth.Provider) (*auth.Auth, *authtest.Authenticator, func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		panic(err)
	}
	client, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		panic(err)
	}
	a, err := auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Providers: []auth.Provider{p},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	phone := authtest.NewAuthenticator()
	phone.Origin = "http://localhost:8080"
	return a, phone, func() { a.Close(ctx); client.Close(); os.RemoveAll(dir) }
}

// browser is what a page does with options: navigator.credentials.create or get.
func browser(do func(options []byte) ([]byte, error), o []byte) []byte {
	answer, err := do([]byte(`{"publicKey":` + string(o) + `}`))
	if err != nil {
		panic(err)
	}
	return answer
}
