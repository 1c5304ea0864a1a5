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
	toriient "github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/examples/host-light/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

const phrase = "a long and lovely password"

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// host is the studio on a database of its own, and its address.
type host struct {
	*studio
	base string
	// torii is Torii's own client, to look what is there.
	torii *toriient.Client
}

// eachHost runs f on every kind of database, in a studio with a plan.
func eachHost(t *testing.T, f func(t *testing.T, h host)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, d testdb.DB) {
		client, err := open(t.Context(), d.Driver, d.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		if err := plan(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		h := serving(t, client)
		h.torii, err = migrate.Open(t.Context(), d.Driver, d.DSN, migrate.SkipMigration())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.torii.Close() })
		f(t, h)
	})
}

func serving(t *testing.T, client *ent.Client) host {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	h := host{base: "http://" + srv.Listener.Addr().String()}
	var err error
	h.studio, err = newStudio(client, auth.Config{
		BaseURL: h.base,
		Hash:    auth.HashConfig{MemoryKiB: 64, Passes: 1, InsecureParams: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = h.handler()
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		if err := h.auth.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
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

type body map[string]any

type answered struct {
	status int
	body   string
	said   struct {
		User     struct{ ID, Level string }
		Sessions []hour
		Bookings []string
		Error    struct {
			Code   string
			Fields map[string]string
		}
	}
}

// call sends JSON. It is safe for concurrent use.
func (b *browser) call(method, path string, members body) (a answered) {
	b.t.Helper()
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
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Error(err)
	}
	a.status, a.body = res.StatusCode, string(text)
	// Torii's own list of sessions has members of other types here.
	if len(text) > 0 && path != "/auth/sessions" {
		if err := json.Unmarshal(text, &a.said); err != nil {
			b.t.Errorf("%s %s: %v in %q", method, path, err, text)
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
	dsn := "file:" + t.TempDir() + "/x.db"
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
		if got := b.call("POST", "/signup", body{"email": "ada@example.org", "password": phrase, "session": 1}); got.status != status {
			t.Errorf("sign-up: %d %s, want %d", got.status, got.body, status)
		}
		if n := len(b.call("GET", "/sessions", nil).said.Sessions); n != 2 {
			t.Errorf("%d sessions to book, want 2", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with %v", err)
		}
	}
}

func TestWhatRunRefuses(t *testing.T) {
	dsn := "file:" + t.TempDir() + "/x.db"
	for _, row := range []struct {
		name string
		args []string
		text string
	}{
		{"an unknown driver", []string{"-driver", "oracle"}, "oracle"},
		{"a DSN without foreign keys", []string{"-dsn", dsn + "?_fk=0"}, "foreign keys"},
		{"an address that is none", []string{"-addr", "nowhere", "-dsn", dsn}, "nowhere"},
		{"a flag that is none", []string{"-port", "1"}, "-port"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := run(t.Context(), row.args, io.Discard); err == nil || !strings.Contains(err.Error(), row.text) {
				t.Errorf("%v, want %q in it", err, row.text)
			}
		})
	}
}
