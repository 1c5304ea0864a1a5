package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/torii-go/torii/migrate"
)

// An application that migrates when it is told to: its servers may not change the
// database, a command of its own may. Up may run as often as one likes.
func ExampleUp() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	client, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"), migrate.SkipMigration(), migrate.MaxConns(20))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	fmt.Println("fits:", migrate.Verify(ctx, client) == nil)
	plan, err := migrate.Plan(ctx, client)
	fmt.Println(strings.Contains(plan, "CREATE TABLE `users`"), err)
	fmt.Println(errors.Join(migrate.Up(ctx, client), migrate.Up(ctx, client)))
	fmt.Println("fits:", migrate.Verify(ctx, client) == nil)
	// Output:
	// fits: false
	// true <nil>
	// <nil>
	// fits: true
}
