package auth_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
)

// A user in the same transaction as the application's own rows: both are there, or
// neither.
func ExampleAuth_InTx() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "app.db")+"?_foreign_keys=on&_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client, err := migrate.OpenDB(ctx, "sqlite3", db)
	if err != nil {
		log.Fatal(err)
	}
	a, err := auth.New(client, auth.Config{BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	u, err := a.InTx(tx).CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	fmt.Println(u.Email, err)
	if err := tx.Rollback(); err != nil { // the application has changed its mind
		log.Fatal(err)
	}
	_, err = a.UserByEmail(ctx, "ann@example.com")
	fmt.Println(errors.Is(err, auth.ErrNotFound))
	// Output:
	// ann@example.com <nil>
	// true
}
