package auth_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// TestMain runs the tests, or, started again by one of them in another time zone, lets
// a session expire there.
func TestMain(m *testing.M) {
	if dsn := os.Getenv(expireDSN); dsn != "" {
		os.Exit(expireHere(os.Getenv(expireDriver), dsn))
	}
	os.Exit(testdb.Main(m))
}
