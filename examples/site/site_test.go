package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// eachSite runs f against the program on every kind of database.
func eachSite(t *testing.T, f func(t *testing.T, base string)) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		f(t, start(t, "-driver", db.Driver, "-dsn", db.DSN))
	})
}

// start runs the program in this process on a free port until the test ends, and
// returns its origin, as it says it itself.
func start(t *testing.T, args ...string) (base string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), write)
		_ = write.CloseWithError(io.EOF) // always nil
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the site ended: %v", err)
		}
	})
	return saidOrigin(t, read)
}

// saidOrigin reads the line that the program prints when it listens.
func saidOrigin(t *testing.T, stdout io.Reader) string {
	t.Helper()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	base := regexp.MustCompile(`http://\S+`).FindString(line)
	if err != nil || base == "" {
		t.Fatalf("first line %q, %v; want it to name the origin", line, err)
	}
	return base
}

// browser keeps cookies, says where its requests come from, and follows no redirect,
// so that a test sees each.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	head map[string]string // sent with every request
}

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{
		t: t, base: base,
		http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		head: map[string]string{"User-Agent": firefox, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// JSON is the body of an answer of the contract.
func (a answer) JSON(t *testing.T) (v struct {
	User    struct{ ID, Email, Name string }
	Session struct {
		ID      string
		Current bool
	}
	Sessions []struct {
		ID      string
		Current bool
	}
	Revoked int
	Token   string
	Error   struct{ Code string }
	Fields  map[string]string
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return v
}

func (b *browser) do(method, path, contentType string, body []byte) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, value := range b.head {
		req.Header.Set(name, value)
	}
	req.Host = b.head["Host"] // "" is the address's
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
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

// get asks for a page.
func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

// post sends a form; names and values alternate.
func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// call sends JSON to the contract.
func (b *browser) call(method, path, body string) answer {
	b.t.Helper()
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	return b.do(method, "/auth"+path, contentType, []byte(body))
}

// cookie is the session's.
func (b *browser) cookie() string {
	b.t.Helper()
	u, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == "torii_session" {
			return c.Value
		}
	}
	return ""
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
