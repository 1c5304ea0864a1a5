package crash_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// childEnv is set for the process that is to be killed.
const childEnv = "TORII_TEST_CRASH"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	os.Exit(testdb.Main(m))
}
