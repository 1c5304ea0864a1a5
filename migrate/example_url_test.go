package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/migrate"
)

// The database is named by one setting, a URL that says what it is: sqlite:app.db,
// postgres://… or mysql://…
func ExampleOpen_url() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	url := "sqlite:" + filepath.Join(dir, "production.db") // os.Getenv("DATABASE_URL")
	client, err := migrate.Open(ctx, "", url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	n, err := client.User.Query().Count(ctx)
	fmt.Println(n, "users,", err)

	_, err = migrate.Open(ctx, "", "production.db")
	fmt.Println(err)
	_, err = migrate.Open(ctx, "sqlite3", "postgres://db.example/app")
	fmt.Println(err)
	// Output:
	// 0 users, <nil>
	// migrate: no driver is named and the DSN is not a URL (sqlite:, file:, postgres://, postgresql://, mysql:// or mariadb://)
	// migrate: driver "sqlite3" cannot open a URL for postgres
}
