package timing_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

const (
	// resets is how often each kind asks for a link.
	resets = 200
	// slowness is how long each mail takes.
	slowness = 300 * time.Millisecond
)

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

// resetKinds are those who ask for a link. The first is what all others are compared
// with; the second is the same once more.
func resetKinds() []kind {
	return []kind{
		{name: "known", account: true},
		{name: "known-again", account: true},
		{name: "unknown"},
		{name: "disabled", account: true, disabled: true},
		{name: "malformed", none: true},
	}
}

// resetSite is an application that mails slowly, and listens on loopback.
type resetSite struct {
	auth   *auth.Auth
	sender *slow
	url    string
	http   *http.Client
	tries  int
	reply  string // the first answer, as all others must be
}

func newResetSite(t testing.TB, db testdb.DB, kinds []kind, tries int) *resetSite {
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
		BaseURL: "https://app.example", Secrets: [][]byte{secret},
		Providers:      []auth.Provider{password.New(password.Config{})},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Mail:           auth.MailConfig{Sender: sender, From: mail.Address{Address: "app@app.example"}},
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
	return &resetSite{auth: a, sender: sender, url: server.URL + "/auth/password/reset/request", http: server.Client()}
}

// ask asks for a link and returns how long the answer took. An answer that differs from
// the others ends t: its time would mean nothing.
func (s *resetSite) ask(t testing.TB, name, email string) time.Duration {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(fmt.Sprintf(`{"email":%q}`, email)))
	if err != nil {
		t.Fatal(err)
	}
	s.tries++
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", s.tries/250, 1+s.tries%250))

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
	res.Header.Del("Date")
	reply := fmt.Sprintf("%s %v\n%s", res.Status, res.Header, text)
	if s.reply == "" {
		s.reply = reply
	}
	if res.StatusCode != http.StatusAccepted || reply != s.reply {
		t.Fatalf("%s: got %s, want 202, and as at first: %s", name, reply, s.reply)
	}
	return took
}

func (s *resetSite) measure(t testing.TB, kinds []kind, warmUp, tries int) [][]float64 {
	t.Helper()
	took := make([][]float64, len(kinds))
	for try := range warmUp + tries {
		for _, i := range mathrand.Perm(len(kinds)) {
			d := s.ask(t, kinds[i].name, kinds[i].email(try))
			if try >= warmUp {
				took[i] = append(took[i], float64(d)/float64(time.Millisecond))
			}
		}
	}
	return took
}

// BenchmarkResetTiming asks for links while a Sender that takes 300 ms is busy with
// those that were asked for before. In each round every kind asks once, in random order.
func BenchmarkResetTiming(b *testing.B) {
	for _, dialect := range testdb.Dialects() {
		b.Run(dialect, func(b *testing.B) {
			all := resetKinds()
			for b.Loop() {
				s := newResetSite(b, testdb.New(b, dialect), all, warmUp+resets)
				report(b, all, s.measure(b, all, warmUp, resets))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// ask ends the test at an answer that differs from the others; those who have an account
// that may be used have a mail in the end, and nobody else.
func TestEveryKindIsToldToCheckTheMail(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		all := resetKinds()
		s, want := newResetSite(t, db, all, 3), 0
		for i, list := range s.measure(t, all, 1, 2) {
			if len(list) != 2 {
				t.Errorf("%s: %v, want two times", all[i].name, list)
			}
			if all[i].account && !all[i].disabled {
				want += 3
			}
		}
		if err := s.auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(s.sender.Messages()); got != want {
			t.Errorf("%d mails, want %d", got, want)
		}
	})
}
