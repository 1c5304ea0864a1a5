package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/torii-go/torii/migrate"
)

// An application has a users table already, so Torii's get a prefix.
func ExamplePrefix() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	client, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"), migrate.Prefix("torii_"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, err = client.ExecContext(ctx, "CREATE TABLE users (id integer)") // the application's
	fmt.Println("beside Torii's:", err)
	n, err := client.User.Query().Count(ctx) // of torii_users
	fmt.Println(n, "users of Torii's,", err)
	_, err = migrate.Open(ctx, "sqlite3", "file:app.db", migrate.Prefix("Torii-"))
	fmt.Println(err)
	// Output:
	// beside Torii's: <nil>
	// 0 users of Torii's, <nil>
	// migrate: Prefix("Torii-"): a to z, then at most 15 of a to z, 0 to 9 and _, as in "torii_"
}

// One pool for an application's Ent client and Torii's.
func ExampleDriver() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	drv, err := migrate.Driver(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer drv.Close() // the pools

	// hostent.NewClient(hostent.Driver(drv)) is the application's own.
	client, err := migrate.Client(drv)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("migrated:", migrate.Verify(ctx, client) == nil)
	fmt.Println(migrate.Up(ctx, client))
	fmt.Println("migrated:", migrate.Verify(ctx, client) == nil)
	// Output:
	// migrated: false
	// <nil>
	// migrated: true
}

// An application whose own Ent schema adds a column to users.
func ExampleHost() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	drv, err := migrate.Driver(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer drv.Close()

	err = migrate.Host(ctx, drv, func(ctx context.Context, d dialect.Driver) error {
		return hostSchemaCreate(ctx, d) // hostent.NewClient(hostent.Driver(d)).Schema.Create(ctx)
	})
	fmt.Println(err)

	client, err := migrate.Client(drv)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := migrate.Plan(ctx, client)
	fmt.Printf("left to do: %q, error: %v\n", plan, err)
	_, err = client.ExecContext(ctx, "UPDATE users SET plan = 'gold'")
	fmt.Println("the application's column:", err)
	// Output:
	// <nil>
	// left to do: "", error: <nil>
	// the application's column: <nil>
}

// hostSchemaCreate stands for what Ent generates from such a schema.
func hostSchemaCreate(ctx context.Context, d dialect.Driver) error {
	m, err := schema.NewMigrate(d)
	if err != nil {
		return err
	}
	tables := graph(migrate.Desired())
	plan := &schema.Column{Name: "plan", Type: field.TypeString, Default: "free"}
	tables[0].Columns = append(tables[0].Columns, plan)
	return m.Create(ctx, tables...)
}
