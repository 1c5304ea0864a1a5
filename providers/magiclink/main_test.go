package magiclink_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
