package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/examples/host-ent/ent/privacy"
	"github.com/torii-go/torii/internal/testdb"
)

const phrase = "a long and lovely password"

// host is the application on a database of its own, and its address.
type host struct {
	*app
	db   testdb.DB
	base string
}

// cheap is for tests, which hash a lot.
var cheap = auth.HashConfig{MemoryKiB: 64, Passes: 1, InsecureParams: true}

// eachHost runs f on every kind of database, with a door that cannot ask for fields
// beside the password. The hooks are Torii's; they may know the host.
func eachHost(t *testing.T, f func(t *testing.T, h *host), hooks ...func(*host) auth.Hook) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		srv := httptest.NewUnstartedServer(nil)
		h := &host{db: db, base: "http://" + srv.Listener.Addr().String()}
		cfg := auth.Config{BaseURL: h.base, Hash: cheap, Providers: []auth.Provider{&authtest.Arrival{}}, Logger: slog.New(slog.DiscardHandler)}
		for _, hook := range hooks {
			cfg.Hooks = append(cfg.Hooks, hook(h))
		}
		var err error
		h.app, err = open(t.Context(), db.Driver, db.DSN, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := h.close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		srv.Config.Handler = h.handler()
		srv.Start()
		t.Cleanup(srv.Close)
		f(t, h)
	})
}

// everybody is a context in which the policies hide nothing.
func everybody(t *testing.T) context.Context {
	return allowed(t.Context())
}

// rows are how many a sign-up has written.
type rows struct{ users, teams, passwords, sessions, posts int }

func (h *host) rows(t *testing.T) rows {
	t.Helper()
	ctx, c := everybody(t), h.client
	return rows{
		c.User.Query().CountX(ctx), c.Team.Query().CountX(ctx), c.Credential.Query().CountX(ctx),
		c.Session.Query().CountX(ctx), c.Post.Query().CountX(ctx),
	}
}

// browser keeps cookies and says where its requests come from.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	site string // Sec-Fetch-Site
}

func (h *host) browser(t *testing.T) *browser {
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
		User   map[string]any
		Author authorBody
		Posts  []postBody
		Error  struct{ Code string }
		Fields map[string]string
		Flow   string
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

// register signs up by the form, with fields of the application's.
func (b *browser) register(email string, pairs ...string) answered {
	b.t.Helper()
	return b.call("POST", "/auth/register", append([]string{"email", email, "password", phrase}, pairs...)...)
}

// want fails the test unless an answer has a status and, if it is a refusal, a code.
func want(t *testing.T, what string, got answered, status int, code string) {
	t.Helper()
	if got.status != status || got.said.Error.Code != code {
		t.Fatalf("%s: %d %s, want %d %q", what, got.status, got.body, status, code)
	}
}

func allowed(ctx context.Context) context.Context {
	return privacy.DecisionContext(ctx, privacy.Allow)
}
