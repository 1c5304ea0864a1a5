package entauth_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What "ent new User" writes.
var entNew = map[string]string{
	"ent/generate.go": "package ent\n\n//go:generate go run -mod=mod entgo.io/ent/cmd/ent generate ./schema\n",
	"ent/schema/user.go": `package schema

import "entgo.io/ent"

// User holds the schema definition for the User entity.
type User struct {
	ent.Schema
}

// Fields of the User.
func (User) Fields() []ent.Field {
	return nil
}

// Edges of the User.
func (User) Edges() []ent.Edge {
	return nil
}
`,
}

// project is the one that the guide is read with.
type project struct {
	dir, addr string
	// held keeps the address while the program does not run.
	held *net.Listener
}

func newProject(t *testing.T) project {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := project{t.TempDir(), "localhost:" + port, &l}
	t.Cleanup(func() { (*p.held).Close() })
	return p
}

func (p project) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOSUMDB=off", "GOWORK=off", "TORII_SECRET=")
	return cmd
}

func (p project) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	begin := time.Now()
	out, err := p.command(t.Context(), "go", args...).CombinedOutput()
	t.Logf("go %s: %.1f s", strings.Join(args, " "), time.Since(begin).Seconds())
	return string(out), err
}

func (p project) must(t *testing.T, args ...string) {
	t.Helper()
	if out, err := p.try(t, args...); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// put writes files of the guide, which has another port.
func (p project) put(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "localhost:8080", p.addr)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// begin is a module with Ent and "ent new User", and the "go get" of the guide. Torii is
// this checkout, and the versions are those that it names, so that they need no network.
func (p project) begin(t *testing.T, packages []string) {
	t.Helper()
	gomod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	gosum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p.must(t, "mod", "init", "example.com/notes")
	p.must(t, "mod", "edit", "-require=entgo.io/ent@"+versionIn(string(gomod), "entgo.io/ent"),
		"-require=github.com/torii-go/torii@v0.0.0", "-replace=github.com/torii-go/torii="+root)
	p.put(t, map[string]string{"go.sum": string(gosum)})
	// Ent's command has dependencies that Torii has not. Where they cannot be had, what
	// it would have written is known.
	if out, err := p.try(t, "run", "-mod=mod", "entgo.io/ent/cmd/ent", "new", "User"); err != nil {
		t.Logf("ent new: %v; writing its files instead\n%s", err, out)
		p.put(t, entNew)
	}
	for name, want := range entNew {
		if got, err := os.ReadFile(filepath.Join(p.dir, name)); err != nil || string(got) != want {
			t.Errorf("ent new has written %s: %v\n%s", name, err, got)
		}
	}
	p.get(t, packages...)
}

// versionIn is what a go.mod requires; Torii's own has none.
func versionIn(gomod, module string) string {
	m := regexp.MustCompile(`(?m)^\t` + regexp.QuoteMeta(module) + ` (v\S+)`).FindStringSubmatch(gomod)
	if m == nil {
		return "v0.0.0"
	}
	return m[1]
}

// get is go get, of versions that need no network.
func (p project) get(t *testing.T, args ...string) {
	t.Helper()
	gomod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	command := []string{"get"}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			arg += "@" + versionIn(string(gomod), arg)
		}
		command = append(command, arg)
	}
	cmd := p.command(t.Context(), "go", command...)
	cmd.Env = append(cmd.Env, "GOPROXY="+p.proxy(t, string(gomod)))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

// proxy is a module proxy that knows Torii, and what has been downloaded before.
func (p project) proxy(t *testing.T, gomod string) string {
	t.Helper()
	dir := t.TempDir()
	versions := filepath.Join(dir, "github.com/torii-go/torii/@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": "v0.0.0\n", "v0.0.0.info": `{"Version":"v0.0.0"}`, "v0.0.0.mod": gomod} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cache, err := p.command(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(dir) + ",file://" + filepath.ToSlash(strings.TrimSpace(string(cache))) + "/cache/download"
}

// serve builds the program and runs it until the test ends or stop is called.
func (p project) serve(t *testing.T) (stop func()) {
	t.Helper()
	// In place of go mod tidy, which wants what the tests of other modules import.
	p.must(t, "build", "-mod=mod", "-o", "app", ".")
	ctx, cancel := context.WithCancel(t.Context())
	cmd := p.command(ctx, filepath.Join(p.dir, "app"))
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := (*p.held).Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.addr)
		if err == nil {
			conn.Close()
			break
		}
		select {
		case err := <-ended:
			cancel()
			t.Fatalf("the program ended: %v\n%s", err, &log)
		default:
		}
		if time.Since(begin) > 20*time.Second {
			cancel()
			t.Fatalf("the program does not answer: %v, it ended with %v", err, <-ended)
		}
	}
	return func() {
		cancel()
		<-ended
		l, err := net.Listen("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		*p.held = l
		if t.Failed() {
			t.Logf("the program said:\n%s", &log)
		}
	}
}

// ask is one request, as curl with a jar of cookies would send it.
func (p project) ask(t *testing.T, jar http.CookieJar, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := (&http.Client{Jar: jar, Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func (p project) want(t *testing.T, jar http.CookieJar, method, path, body string, status int, text string) {
	t.Helper()
	if code, got := p.ask(t, jar, method, path, body); code != status || !strings.Contains(got, text) {
		t.Errorf("%s %s: %d %s, want %d with %q", method, path, code, got, status, text)
	}
}

func newJar(t *testing.T) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}
