package authtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
)

// Origin is the site's BaseURL, unless the configuration has another.
const Origin = "https://app.example"

// Site is an application under test.
type Site struct {
	Auth   *auth.Auth
	Client *ent.Client
	// Clock is the Auth's, unless the configuration brought its own.
	Clock *Clock
	// Outbox has the mails that were sent, unless the configuration brought a Sender.
	Outbox *mail.Outbox
	// Mux serves the Auth below its path; add the application's own routes.
	Mux *http.ServeMux

	origin string
	path   string
	ip     string // of new browsers
	cookie string // name of the session's
	log    *log
}

// Option changes what New fills in.
type Option func(*auth.Config)

// ProveFirst leaves SkipEmailVerification out: a new account waits until its address is
// proven by a mail, as in production with a mailer.
func ProveFirst() Option { return func(c *auth.Config) { c.SkipEmailVerification = false } }

// New returns a site on a fresh SQLite database that is deleted with the test. What
// the configuration leaves open is filled in for tests: BaseURL, Secrets, the clock, a
// logger, cheap hashes, SkipEmailVerification.
func New(t testing.TB, cfg auth.Config, options ...Option) *Site {
	t.Helper()
	return NewOn(t, Database(t), cfg, options...)
}

// Database opens a fresh SQLite database that is closed and deleted with the test.
func Database(t testing.TB) *ent.Client {
	t.Helper()
	drivers := sql.Drivers()
	i := slices.IndexFunc(drivers, func(d string) bool { return d == "sqlite3" || d == "sqlite" })
	if i < 0 {
		t.Fatal(`authtest: no driver for SQLite: import _ "github.com/mattn/go-sqlite3" in this test`)
	}
	client, err := migrate.Open(t.Context(), drivers[i], "file:"+(&url.URL{Path: filepath.Join(t.TempDir(), "torii.db")}).EscapedPath())
	if err != nil {
		t.Fatalf("authtest: open a database: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("authtest: close the database: %v", err)
		}
	})
	return client
}

// NewOn is New on a database that is there already and stays open.
func NewOn(t testing.TB, client *ent.Client, cfg auth.Config, options ...Option) *Site {
	t.Helper()
	s := &Site{Client: client, Clock: NewClock(), Mux: http.NewServeMux(), ip: "192.0.2.1", log: &log{}}
	if cfg.BaseURL == "" {
		cfg.BaseURL = Origin
	}
	if cfg.Path == "" {
		cfg.Path = "/auth"
	}
	if cfg.Now == nil {
		cfg.Now = s.Clock.Now
	}
	if len(cfg.Secrets) == 0 {
		secret := make([]byte, 32)
		rand.Read(secret)
		cfg.Secrets = [][]byte{secret}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if cfg.Hash == (auth.HashConfig{}) {
		cfg.Hash = auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true}
	}
	if cfg.Mail.Sender == nil {
		s.Outbox = &mail.Outbox{}
		cfg.Mail.Sender = s.Outbox
	}
	if cfg.Mail.From == (mail.Address{}) {
		cfg.Mail.From = mail.Address{Name: "App", Address: "app@app.example"}
	}
	cfg.SkipEmailVerification = true
	for _, option := range options {
		option(&cfg)
	}
	a, err := auth.New(client, cfg)
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Errorf("authtest: close: %v", err)
		}
	})
	s.Auth, s.origin, s.path = a, cfg.BaseURL, cfg.Path
	s.cookie = cfg.Sessions.WithDefaults(strings.HasPrefix(cfg.BaseURL, "http://")).CookieName
	s.Mux.Handle(cfg.Path+"/", a.Handler())
	return s
}

// Mail delivers what waits and returns the last mail to an address.
func (s *Site) Mail(t testing.TB, address string) mail.Message {
	t.Helper()
	if err := s.Auth.Deliver(t.Context()); err != nil {
		t.Fatalf("authtest: deliver: %v", err)
	}
	m, ok := s.Outbox.Last(address)
	if !ok {
		t.Fatalf("authtest: no mail to %s; log:\n%s", address, s.Log())
	}
	return m
}

// Log is everything that the Auth has logged, unless the configuration brought a
// logger.
func (s *Site) Log() string { return s.log.String() }

// log is a buffer that many goroutines write to.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
