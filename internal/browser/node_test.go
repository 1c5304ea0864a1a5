package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/browser"
)

// Whoever has a Node.js of their distribution's is told what is wrong with it.
func TestOldNodeIsRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	for version, want := range map[string]string{
		"v18.20.4": "18.20.4, is too old", "v20.0.0": "", "v24.1.0": "", "nothing": "too old",
	} {
		script := "#!/bin/sh\necho " + version + "\n"
		if err := os.WriteFile(filepath.Join(dir, "node"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := browser.FindNode()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", version, err, want)
		}
	}
}
