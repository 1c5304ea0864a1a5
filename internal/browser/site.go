package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Site is the demonstration site, running.
type Site struct {
	// Origin is where browsers find it: "http://localhost:40000".
	Origin string
	// Database is the file of its SQLite.
	Database string
	// Mail is the folder of the mails that it sends, one .eml file each.
	Mail string

	process *process
}

// StartSite builds the demonstration site, once, and starts it on a free port with a
// database of its own; the arguments are more of its flags. It ends with the test.
func StartSite(t testing.TB, args ...string) *Site {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &Site{Database: filepath.Join(dir, "site.db"), Mail: filepath.Join(dir, "mail")}
	cmd := exec.Command(program, append([]string{ // #nosec G204 -- what was built below
		"-addr", "127.0.0.1:0", "-dsn", "file:" + s.Database, "-mail", s.Mail,
	}, args...)...)
	s.process = launch(t, cmd)
	s.Origin, _, _ = strings.Cut(s.process.says("Torii demo: "), " ")
	return s
}

// URL is the address of one of its pages: "/login".
func (s *Site) URL(path string) string { return s.Origin + path }

// Log is what the site has written to its log so far.
func (s *Site) Log() string { return s.process.log.String() }

// builtIn is the folder of the program, "" before there is one.
var builtIn string

// build makes the program from the checkout that the tests are in.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "torii-site")
	if err != nil {
		return "", err
	}
	builtIn = dir
	// go test remembers a result by what the tests have read, of files in their own module
	// and of the environment. The site is in another; make sets this to something new.
	_ = os.Getenv("TORII_FRESH")
	program := filepath.Join(dir, "site")
	// A checkout owned by somebody else is no reason to fail.
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./examples/site") // #nosec G204 -- a folder of ours
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build the site: %w", err), errors.New(string(out)))
	}
	return program, nil
})
