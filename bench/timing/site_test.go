package timing_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// site is an application that listens on loopback, and who calls it. They share a
// process: what the one costs the other falls on all kinds alike.
type site struct {
	auth   *auth.Auth
	client *ent.Client
	url    string
	http   *http.Client
	tries  int
	// reply is the first answer, as all others must be: status, headers, body.
	reply string
}

// newSite serves a database with an account for each try at each kind.
func newSite(t testing.TB, db testdb.DB, hash auth.HashConfig, kinds []kind, tries int) *site {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	secret := make([]byte, 32)
	rand.Read(secret)
	a, err := auth.New(client, auth.Config{
		BaseURL: "https://app.example", Secrets: [][]byte{secret}, Hash: hash,
		Providers: []auth.Provider{password.New(password.Config{})},
		// The caller is the proxy: each try comes from an address of its own, and none
		// is refused for coming too often.
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Logger:         slog.New(slog.DiscardHandler), SkipEmailVerification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	for _, k := range kinds {
		k.fill(t, client, tries)
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &site{auth: a, client: client, url: server.URL + "/auth/login", http: server.Client()}
}

// signIn tries to, and returns how long the answer took. An answer that differs from the
// others, or that cost other than one hash, ends t: its time would mean nothing.
func (s *site) signIn(t testing.TB, name, email, password string) time.Duration {
	t.Helper()
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	s.tries++
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", s.tries/250, 1+s.tries%250))
	before := s.auth.Hashes()

	start := time.Now()
	res, err := s.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	took := time.Since(start)

	res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if hashes := s.auth.Hashes() - before; hashes != 1 {
		t.Fatalf("%s: %d hashes, want 1", name, hashes)
	}
	res.Header.Del("Date")
	reply := fmt.Sprintf("%s %v\n%s", res.Status, res.Header, text) // a map is printed in order
	if s.reply == "" {
		s.reply = reply
	}
	if res.StatusCode != http.StatusUnauthorized || reply != s.reply {
		t.Fatalf("%s: got %s, want 401, and as at first: %s", name, reply, s.reply)
	}
	return took
}
