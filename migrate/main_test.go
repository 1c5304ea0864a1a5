package migrate_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// TestMain runs the tests, or, started again by one of them, does what a program does
// at its start.
func TestMain(m *testing.M) {
	if dsn := os.Getenv("MIGRATE_TEST_START"); dsn != "" {
		os.Exit(start(os.Getenv("MIGRATE_TEST_DRIVER"), dsn))
	}
	os.Exit(testdb.Main(m))
}

func start(driver, dsn string) int {
	ctx := context.Background()
	fmt.Println("ready")
	fmt.Scanln() // until all of them are ready
	client, err := migrate.Open(ctx, driver, dsn)
	if err != nil {
		fmt.Println("Open:", err)
		return 1
	}
	defer client.Close()
	if err := client.User.Create().SetEmail(fmt.Sprintf("%d@example.org", os.Getpid())).Exec(ctx); err != nil {
		fmt.Println("create:", err)
		return 1
	}
	return 0
}
