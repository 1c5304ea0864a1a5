package browser

import (
	"fmt"
	"os"
	"testing"
)

// Main runs a package's tests, ends the browser that they shared, and removes the site
// that was built for them. It is for TestMain, and returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	endChromium()
	if builtIn != "" {
		if err := os.RemoveAll(builtIn); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, "browser:", err)
			code = 1
		}
	}
	return code
}
