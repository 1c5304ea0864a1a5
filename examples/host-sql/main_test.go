package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
)

const phrase = "a long and lovely password"

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// host is the application on a database of its own, and its address.
type host struct {
	*app
	base string
}

// eachHost runs f on every kind of database.
func eachHost(t *testing.T, f func(t *testing.T, h host), hooks ...auth.Hook) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, d testdb.DB) {
		t.Parallel()
		db, err := openDatabase(d.Driver, withOptions(d))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		srv := httptest.NewUnstartedServer(nil)
		h := host{base: "http://" + srv.Listener.Addr().String()}
		h.app, err = newApp(t.Context(), db, auth.Config{
			BaseURL: h.base, Hooks: hooks,
			Hash: auth.HashConfig{MemoryKiB: 64, Passes: 1, InsecureParams: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := h.auth.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		srv.Config.Handler = h.handler()
		srv.Start()
		t.Cleanup(srv.Close)
		f(t, h)
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

// count tells how many rows a table has.
func (h host) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := h.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// everything counts the rows of all tables that a sign-up writes to.
func (h host) everything(t *testing.T) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for _, table := range []string{"users", "auth_credentials", "auth_events", "projects", "allowances"} {
		rows[table] = h.count(t, table)
	}
	return rows
}

// browser keeps cookies and says where its requests come from.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	site string // Sec-Fetch-Site
}

func (h host) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: h.base, http: &http.Client{Jar: jar}, site: "same-origin"}
}

type answered struct {
	status int
	body   string
	said   struct {
		User     struct{ ID, Email string }
		Project  project
		Projects []project
		Error    struct {
			Code   string
			Fields map[string]string
		}
	}
}

// call sends pairs of names and values as JSON. It is safe for concurrent use.
func (b *browser) call(method, path string, pairs ...string) (a answered) {
	b.t.Helper()
	members := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		members[pairs[i]] = pairs[i+1]
	}
	encoded, err := json.Marshal(members)
	if err != nil {
		b.t.Error(err)
		return a
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(string(encoded)))
	if err != nil {
		b.t.Error(err)
		return a
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", b.site)
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Error(err)
		return a
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Error(err)
	}
	a.status, a.body = res.StatusCode, string(body)
	if len(body) > 0 {
		if err := json.Unmarshal(body, &a.said); err != nil {
			b.t.Errorf("%s %s: %v in %q", method, path, err, body)
		}
	}
	return a
}

// want fails the test unless an answer has a status and, if it is a refusal, a code.
func want(t *testing.T, what string, got answered, status int, code string) {
	t.Helper()
	if got.status != status || got.said.Error.Code != code {
		t.Fatalf("%s: %d %s, want %d %q", what, got.status, got.body, status, code)
	}
}

// The program as it is started: twice on one database, which the first leaves closed.
func TestRun(t *testing.T) {
	dsn := "file:" + t.TempDir() + "/x.db?" + strings.SplitN(defaultDSN, "?", 2)[1]
	for _, status := range []int{http.StatusCreated, http.StatusConflict} {
		ctx, cancel := context.WithCancel(t.Context())
		read, write := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			err := run(ctx, []string{"-addr", "localhost:0", "-dsn", dsn}, write)
			_ = write.CloseWithError(io.EOF) // always nil
			ended <- err
		}()
		line, err := bufio.NewReader(read).ReadString('\n')
		if err != nil {
			t.Fatalf("the program says %q, %v; it ended with %v", line, err, <-ended)
		}
		b := host{base: strings.TrimSpace(line)}.browser(t)
		if got := b.call("POST", "/signup", "email", "ada@example.org", "password", phrase, "project", "Engine"); got.status != status {
			t.Errorf("sign-up: %d %s, want %d", got.status, got.body, status)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with %v", err)
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
		{"a database that is not there", []string{"-addr", "localhost:0", "-dsn", "file:/nowhere/at/all.db"}, "unable to open"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := run(t.Context(), row.args, io.Discard); err == nil || !strings.Contains(err.Error(), row.text) {
				t.Errorf("%v, want %q in it", err, row.text)
			}
		})
	}
}
