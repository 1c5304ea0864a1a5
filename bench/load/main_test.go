// Package load_test signs in many people at once over TCP and measures what that costs
// the server, which runs in a process of its own so that its memory is its own, and
// what everybody else notices. What it found is in docs/performance.md.
//
// It is a package of tests alone: a benchmark has a database of its own, and its
// figures are summarised like all others.
package load_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// serverEnv is set for the process that serves.
const serverEnv = "TORII_TEST_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" {
		if err := serve(); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(testdb.Main(m))
}
