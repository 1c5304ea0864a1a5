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
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// slowness is how long each mail takes.
const slowness = 300 * time.Millisecond

// slow is a Sender that takes its time.
type slow struct{ mail.Outbox }

func (s *slow) Send(ctx context.Context, m mail.Message) error {
	select {
	case <-time.After(slowness):
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.Outbox.Send(ctx, m)
}

// mailSite is an application that proves addresses first and mails slowly, and listens on
// loopback.
type mailSite struct {
	auth   *auth.Auth
	client *ent.Client
	sender *slow
	url    string
	http   *http.Client
	tries  int
	reply  string   // the first answer, as all others must be
	tokens []string // sessions to ask in, one for each call
}

func newMailSite(t testing.TB, db testdb.DB, r request, tries int) *mailSite {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	secret := make([]byte, 32)
	rand.Read(secret)
	sender := &slow{}
	a, err := auth.New(client, auth.Config{
		BaseURL: "https://app.example", Secrets: [][]byte{secret}, Hash: r.hash,
		Providers:      []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{IgnoreUnknown: r.ignore})},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Mail:           auth.MailConfig{Sender: sender, From: mail.Address{Address: "app@app.example"}},
		StepUpWithin:   time.Hour, // whoever asks in a session has just opened it, on a slow machine too
		Logger:         slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	for _, k := range r.kinds {
		k.fill(t, client, tries)
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := &mailSite{auth: a, client: client, sender: sender, url: server.URL + "/auth" + r.path, http: server.Client()}
	if r.signedIn {
		s.signIn(t, len(r.kinds)*tries)
	}
	return s
}

// signIn makes people who ask, a session each: what one has asked for before is not in
// another's way.
func (s *mailSite) signIn(t testing.TB, calls int) {
	t.Helper()
	askers := kind{name: "asker", account: true, proven: true}
	askers.fill(t, s.client, calls)
	for i := range calls {
		u, err := s.auth.UserByEmail(t.Context(), askers.email(i))
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.auth.CreateSession(t.Context(), u.ID, auth.Client{Transport: sessions.Bearer})
		if err != nil {
			t.Fatal(err)
		}
		s.tokens = append(s.tokens, res.Token.Reveal())
	}
}

// flow is the value of the flow's cookie, which is another one each time.
var flow = regexp.MustCompile(`__Host-torii_flow=[\w-]{43}`)

// ask asks for a mail and returns how long the answer took. An answer that differs from
// the others, or that cost other than its hashes, ends t: its time would mean nothing.
func (s *mailSite) ask(t testing.TB, name, body string, wantHashes uint64) time.Duration {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.tokens) > 0 {
		r.Header.Set("Authorization", "Bearer "+s.tokens[s.tries])
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
	if hashes := s.auth.Hashes() - before; hashes != wantHashes {
		t.Fatalf("%s: %d hashes, want %d", name, hashes, wantHashes)
	}
	res.Header.Del("Date")
	reply := fmt.Sprintf("%s %v\n%s", res.Status, res.Header, text) // a map is printed in order
	reply = flow.ReplaceAllString(reply, "__Host-torii_flow=FLOW")
	if s.reply == "" {
		s.reply = reply
	}
	if res.StatusCode != http.StatusAccepted || reply != s.reply {
		t.Fatalf("%s: got %s, want 202, and as at first: %s", name, reply, s.reply)
	}
	return took
}
