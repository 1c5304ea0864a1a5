package password_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// An account and the application's own row are made together, or not at all.
func ExampleProvider_In() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "torii")
	defer os.RemoveAll(dir)
	db, _ := sql.Open("sqlite3", "file:"+filepath.Join(dir, "app.db")+"?_foreign_keys=on&_txlock=immediate&_busy_timeout=5000")
	defer db.Close()
	client, err := migrate.OpenDB(ctx, "sqlite3", db)
	if err != nil {
		fmt.Println(err)
		return
	}
	pw := password.New(password.Config{})
	a, err := auth.New(client, auth.Config{
		BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler), Providers: []auth.Provider{pw},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close(ctx)
	_, _ = db.ExecContext(ctx, "CREATE TABLE teams (owner TEXT)")

	found := func(email string, commit bool) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer tx.Rollback() // does nothing after Commit
		u, err := pw.In(a.InTx(tx)).Register(ctx, password.Registration{Email: email, Password: "a long pass phrase"})
		if err != nil {
			fmt.Println(err)
			return
		}
		_, _ = tx.ExecContext(ctx, "INSERT INTO teams VALUES (?)", u.ID)
		if commit {
			_ = tx.Commit()
		}
	}
	found("ann@example.com", true)
	found("bob@example.com", false)

	for _, email := range []string{"ann@example.com", "bob@example.com"} {
		_, err := pw.SignIn(ctx, password.Credentials{Email: email, Password: "a long pass phrase"}, auth.Client{})
		fmt.Println(email, err)
	}
	// Output:
	// ann@example.com <nil>
	// bob@example.com auth: invalid_credentials
}
