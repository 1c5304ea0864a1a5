package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/testdb"
)

const phrase = "a long and lovely password"

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// eachSite runs f against the program on every kind of database.
func eachSite(t *testing.T, f func(t *testing.T, base string)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, d testdb.DB) {
		t.Parallel()
		f(t, start(t, "-driver", d.Driver, "-dsn", withOptions(d)))
	})
}

// withOptions is a DSN as the application's operator would write it.
func withOptions(d testdb.DB) string {
	options := map[string]string{
		"sqlite3": strings.SplitN(defaultDSN, "?", 2)[1],
		"mysql":   "parseTime=true",
	}[d.Dialect]
	if options == "" {
		return d.DSN
	}
	if strings.Contains(d.DSN, "?") {
		return d.DSN + "&" + options
	}
	return d.DSN + "?" + options
}

// start runs the program in this process on a free port until the test ends, and
// returns its origin.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "localhost:0"}, args...), write)
		_ = write.CloseWithError(errors.Join(err, io.EOF)) // always nil
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the site ended with %v", err)
		}
	})
	return said(t, read)
}

// said reads the line that the program prints when it listens.
func said(t *testing.T, stdout io.Reader) string {
	t.Helper()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the program says %q, %v; want its origin", line, err)
	}
	return strings.TrimSpace(line)
}

// browser keeps cookies, says where its requests come from, and follows no redirect.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	site string // Sec-Fetch-Site
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: base, site: "same-origin", http: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

// post sends a form; names and values alternate.
func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) do(method, path string, body io.Reader) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Sec-Fetch-Site", b.site)
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// signUp makes an account and its browser.
func signUp(t *testing.T, base, email string) *browser {
	t.Helper()
	b := newBrowser(t, base)
	wantRedirect(t, "sign up", b.post("/register", "email", email, "password", phrase), "/")
	return b
}

// want fails the test unless an answer has a status, and a body with all of the words.
func want(t *testing.T, what string, got answer, status int, words ...string) {
	t.Helper()
	if got.status != status {
		t.Fatalf("%s: %d, want %d\n%s", what, got.status, status, got.body)
	}
	for _, w := range words {
		if !strings.Contains(got.body, w) {
			t.Errorf("%s: %q is not in the answer\n%s", what, w, got.body)
		}
	}
}

// wantRedirect fails the test unless an answer is a 303 to a place.
func wantRedirect(t *testing.T, what string, got answer, place string) {
	t.Helper()
	if l := got.header.Get("Location"); got.status != http.StatusSeeOther || l != place {
		t.Fatalf("%s: %d to %q, want 303 to %q\n%s", what, got.status, l, place, got.body)
	}
}

// The program as it is deployed: built, started, asked, and stopped by a signal. The
// list is still there when it is started again.
func TestSignal(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "todos")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, again := range []bool{false, true} {
		cmd := exec.CommandContext(t.Context(), binary, "-addr", "localhost:0") // and todos.db, in its folder
		cmd.Dir = dir
		var log bytes.Buffer
		cmd.Stderr = &log
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t, said(t, stdout))
		if !again {
			b = signUp(t, b.base, "ada@example.org")
			wantRedirect(t, "add", b.post("/todos", "words", "Buy milk"), "/")
		} else {
			wantRedirect(t, "sign in", b.post("/login", "email", "ada@example.org", "password", phrase), "/")
		}
		want(t, "the list", b.get("/"), http.StatusOK, "Buy milk")
		began := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v, want exit code 0\n%s", err, &log)
		}
		if took := time.Since(began); took >= stopWithin {
			t.Errorf("took %v to stop with nothing under way", took)
		}
	}
}

func TestWhatRunRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		text string
	}{
		{"an unknown driver", []string{"-driver", "oracle"}, `driver "oracle" is not known`},
		{"a pool of SQLite's without foreign keys", []string{"-addr", "localhost:0", "-dsn", "file:" + t.TempDir() + "/x.db"}, "foreign keys are off"},
		{"an address that is none", []string{"-addr", "nowhere", "-dsn", "file:" + t.TempDir() + "/x.db"}, "nowhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := run(t.Context(), row.args, io.Discard); err == nil || !strings.Contains(err.Error(), row.text) {
				t.Errorf("%v, want %q in it", err, row.text)
			}
		})
	}
}
