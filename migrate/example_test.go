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
