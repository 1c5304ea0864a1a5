package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"github.com/torii-go/torii/migrate"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	client, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	plan, err := migrate.Plan(ctx, client)
	fmt.Printf("left to do: %q, error: %v\n", plan, err)
	_, err = migrate.Open(ctx, "sqlite3", "file:app.db?_foreign_keys=off")
	fmt.Println(err)
	// Output:
	// left to do: "", error: <nil>
	// migrate: sqlite3 DSN: _foreign_keys=off: without foreign keys the sessions of a deleted user stay; remove it
}

// Sessions in a database of their own.
func ExampleSessionsOnly() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	users, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer users.Close()
	sessions, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "sessions.db"), migrate.SessionsOnly())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sessions.Close()

	fmt.Println("sessions:", sessions.Session.Query().CountX(ctx))
	_, err = sessions.User.Query().Count(ctx)
	fmt.Println("users beside them:", err == nil)
	_, err = migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "sessions.db"))
	fmt.Println("opened without the option:", err)
	// Output:
	// sessions: 0
	// users beside them: false
	// opened without the option: migrate: the option SessionsOnly does not fit the database: the database was made for sessions only; nothing was changed. Open it with migrate.SessionsOnly(), or name the database that holds the users
}
