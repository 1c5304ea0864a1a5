package auth_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// What all the stories of this package share: people, databases, and a site that holds
// its own answers against its openapi.json.

const (
	phrase        = "a long pass phrase"
	sessionCookie = "__Host-torii_session"
	flowCookie    = "__Host-torii_flow"
	deviceCookie  = "__Host-torii_device"
)

func open(t testing.TB, db testdb.DB) *ent.Client {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// each runs f on a fresh database of each kind, beside other tests that use it.
func each(t *testing.T, f func(t *testing.T, client *ent.Client)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) { f(t, open(t, db)) })
}

// newSite is an application with passwords. Every answer below /auth whose status is
// not in the site's own openapi.json fails the test.
func newSite(t testing.TB, client *ent.Client, cfg auth.Config, options ...authtest.Option) *authtest.Site {
	t.Helper()
	if cfg.Providers == nil {
		cfg.Providers = []auth.Provider{password.New(password.Config{})}
	}
	s := authtest.NewOn(t, client, cfg, options...)
	check := newDocumentCheck(t, s)
	inner := s.Mux
	s.Mux = http.NewServeMux() // for the application's own routes
	s.Mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		rec := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		inner.ServeHTTP(rec, r)
		check(r, rec.status)
	})
	return s
}

// newDocumentCheck returns a function that fails t if a status is not documented.
func newDocumentCheck(t testing.TB, s *authtest.Site) func(*http.Request, int) {
	t.Helper()
	doc := readDocument(t, s)
	routes := http.NewServeMux()
	statuses := map[string]map[string]any{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			pattern := strings.ToUpper(method) + " /auth" + path
			routes.Handle(pattern, http.NotFoundHandler())
			statuses[pattern] = op.Responses
		}
	}
	return func(r *http.Request, status int) {
		_, pattern := routes.Handler(r)
		known, ok := statuses[pattern]
		if !ok {
			return // no such route
		}
		if _, ok := known[strconv.Itoa(status)]; !ok {
			t.Errorf("%s answered %d, which openapi.json does not know", pattern, status)
		}
	}
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

var people atomic.Uint64

// person is an address that no other test uses.
func person() string { return fmt.Sprintf("person%d@people.example", people.Add(1)) }

func credentials(email, phrase string) map[string]string {
	return map[string]string{"email": email, "password": phrase}
}

// register signs somebody up in a browser and leaves them signed in.
func register(t testing.TB, b *authtest.Browser, email string) (userID string) {
	t.Helper()
	r := b.Post("/auth/register", credentials(email, phrase))
	if r.Status != http.StatusCreated {
		t.Fatalf("register %s: %v", email, r)
	}
	return r.UserID()
}

// wrongTry guesses somebody's password from a browser without cookies.
func wrongTry(s *authtest.Site, ip, email string) *authtest.Reply {
	b := s.Browser()
	b.IP = ip
	return b.Post("/auth/login", credentials(email, "not the pass phrase"))
}

func newUser(t testing.TB, a *auth.Auth) *ent.User {
	t.Helper()
	u, err := a.CreateUser(t.Context(), auth.NewUser{Email: person()})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newSession(t testing.TB, a *auth.Auth, userID string) auth.Result {
	t.Helper()
	res, err := a.CreateSession(t.Context(), userID, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// events are the kinds of what was written down for a user, in order.
func events(t testing.TB, c *ent.Client, userID string) []string {
	t.Helper()
	rows, err := c.AuthEvent.Query().
		Where(authevent.UserID(userID)).
		Order(ent.Asc(authevent.FieldCreatedAt, authevent.FieldID)).
		All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}

// rows counts what is in every table but the events and the counters of the limiter.
func rows(t testing.TB, c *ent.Client) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for name, count := range map[string]func(context.Context) (int, error){
		"users":          c.User.Query().Count,
		"sessions":       c.Session.Query().Count,
		"credentials":    c.Credential.Query().Count,
		"oauth accounts": c.OAuthAccount.Query().Count,
		"magic tokens":   c.MagicToken.Query().Count,
		"challenges":     c.Challenge.Query().Count,
		"outbox":         c.Outbox.Query().Count,
		"signing keys":   c.SigningKey.Query().Count,
	} {
		n, err := count(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		counts[name] = n
	}
	return counts
}

// unchanged fails if rows came or went since before.
func unchanged(t testing.TB, c *ent.Client, before map[string]int, after string) {
	t.Helper()
	if got := rows(t, c); !maps.Equal(got, before) {
		t.Errorf("rows after %s = %v, want %v as before", after, got, before)
	}
}
