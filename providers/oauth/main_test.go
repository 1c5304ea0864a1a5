package oauth_test

import (
	"context"
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// count asks a query for its number of rows.
func count(t testing.TB, query func(context.Context) (int, error)) int {
	t.Helper()
	n, err := query(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
