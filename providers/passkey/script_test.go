package passkey_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/testdb/server"
)

// script is torii.js as it is served.
func script(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("torii.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// node runs Node, which takes the place of a browser here.
func node(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := server.Program("Node 20 or later, to test torii.js,", "nodejs", "node")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	version, err := exec.CommandContext(ctx, path, "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, _ := strconv.Atoi(major); err != nil || n < 20 {
		t.Fatalf("torii.js is tested with Node 20 or later, and %s is %s", path, version)
	}
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	return string(out), err
}

// What torii.js does, with a browser and a site made up in testdata/page.mjs.
func TestScriptInNode(t *testing.T) {
	files, err := filepath.Glob("testdata/*_test.mjs")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files of tests: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			// Without --test, which starts processes that outlive a test that hangs.
			out, err := node(t, "--test-reporter=tap", file)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			tests, passed := tapCount(t, out, "tests"), tapCount(t, out, "pass")
			if tests < 20 || passed != tests {
				t.Errorf("%d of %d tests passed", passed, tests)
			}
		})
	}
}

// tapCount reads a line of what Node says at the end.
func tapCount(t *testing.T, out, word string) int {
	t.Helper()
	m := regexp.MustCompile(`(?m)^# ` + word + ` (\d+)$`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no count of %s:\n%s", word, out)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScriptParses(t *testing.T) {
	// As a module, whatever Node takes a .js file for.
	file := filepath.Join(t.TempDir(), "torii.mjs")
	if err := os.WriteFile(file, []byte(script(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := node(t, "--check", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// A strict Content-Security-Policy lets it run, it needs no other file, and it is small.
func TestScriptStandsAlone(t *testing.T) {
	text := script(t)
	for _, word := range []string{
		"import ", "import(", "eval", "innerHTML", "outerHTML", "document.write", "new Function", "localStorage", "sessionStorage", "console.",
	} {
		if strings.Contains(text, word) {
			t.Errorf("it has %q", word)
		}
	}
	if n := len(text); n >= 17<<10 {
		t.Errorf("%d bytes, want less than %d", n, 17<<10)
	}
	if n := strings.Count(text, "\n"); n >= 400 {
		t.Errorf("%d lines, want less than 400", n)
	}
	for i, line := range strings.Split(text, "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("line %d has %d characters", i+1, len([]rune(line)))
		}
	}
	for _, name := range []string{
		"function supported(", "async function autofillSupported(", "function parseCreationOptions(", "function parseRequestOptions(",
		"function toJSON(", "class ToriiError ", "class Torii ",
	} {
		if strings.Count(text, "\nexport "+name) != 1 {
			t.Errorf("it does not export %q", name)
		}
	}
}
