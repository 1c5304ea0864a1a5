// Package timing_test measures whether the time of an answer tells who has an account:
// people sign in over TCP with what cannot be right, and ask for mails, at accounts of
// several kinds and at none, in random order, and the kinds are compared by statistics.
// What it found is in docs/timing.md.
//
// It is a package of tests alone. Speed is measured by its benchmarks and asserted by
// nobody; that all kinds get the same answer at the same number of hashes is a test.
package timing_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
