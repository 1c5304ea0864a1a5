package oauth_test

import (
	"context"
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// childEnv is set for a process that a test starts.
const childEnv = "TORII_TEST_OAUTH"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	os.Exit(testdb.Main(m))
}

// count asks a query for its number of rows.
func count(t testing.TB, query func(context.Context) (int, error)) int {
	t.Helper()
	n, err := query(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
