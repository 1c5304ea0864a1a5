package browser_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/internal/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }
