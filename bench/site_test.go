// Package bench_test measures Torii beside handlers that are written by hand for the
// same work: through the same mux, into the same recorder, with the same kind of
// context, in turns within one run. What it finds is in docs/performance.md.
//
// It is a package of tests alone: what it measures with is linked into no program.
package bench_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

const (
	users        = 10_000
	sessionsEach = 3
	phrase       = "a long and lovely password"
	origin       = "https://app.example"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// stub makes a hash cost nothing, so that what is around it can be measured.
var stub = auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true}

// site is an application on a database with many users, with and without Torii.
type site struct {
	auth   *auth.Auth
	client *ent.Client
	db     *sql.DB // the hand-written handlers' own pool
	mux    *http.ServeMux
	tokens []string
}

// newSite fills a database and mounts what serves it.
func newSite(b *testing.B, dialect string, hash auth.HashConfig) *site {
	b.Helper()
	db := testdb.New(b, dialect)
	client, err := migrate.Open(b.Context(), db.Driver, db.DSN)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	s := &site{client: client, db: openByHand(b, db), mux: http.NewServeMux()}
	secret := make([]byte, 32)
	rand.Read(secret)
	pw := password.New(password.Config{})
	s.auth, err = auth.New(client, auth.Config{
		BaseURL: origin, Secrets: [][]byte{secret}, Hash: hash,
		Providers: []auth.Provider{pw},
		Logger:    slog.New(slog.DiscardHandler), SkipEmailVerification: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.auth.Close(context.Background()) })
	first, err := pw.Register(b.Context(), password.Registration{Email: email(0), Password: phrase}, auth.Client{})
	if err != nil {
		b.Fatal(err)
	}
	s.fill(b, first.User.ID)
	s.mux.Handle("/auth/", s.auth.Handler())
	return s
}

func email(i int) string { return fmt.Sprintf("somebody%d@example.com", i) }

// fill adds the other users, all with the first one's password, and everybody's sessions.
func (s *site) fill(b *testing.B, first string) {
	b.Helper()
	ctx, now := b.Context(), time.Now().UTC().Truncate(time.Microsecond)
	row, err := s.client.Credential.Query().Only(ctx)
	if err != nil {
		b.Fatal(err)
	}
	ids := []string{first}
	const batch = 500
	for len(ids) < users {
		var people []*ent.UserCreate
		for i := range min(batch, users-len(ids)) {
			n := len(ids) + i
			people = append(people, s.client.User.Create().SetEmail(email(n)).SetEmailEntered(email(n)).SetName(fmt.Sprint("Somebody ", n)))
		}
		made, err := s.client.User.CreateBulk(people...).Save(ctx)
		if err != nil {
			b.Fatal(err)
		}
		var secrets []*ent.CredentialCreate
		for _, u := range made {
			ids = append(ids, u.ID)
			hash := token.HashOf(u.ID)
			secrets = append(secrets, s.client.Credential.Create().SetUserID(u.ID).SetKind(row.Kind).
				SetIdentifier(u.ID).SetIdentifierHash(hash[:]).SetSecret(row.Secret))
		}
		if err := s.client.Credential.CreateBulk(secrets...).Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; i < users*sessionsEach; i += batch {
		var rows []*ent.SessionCreate
		for j := i; j < i+batch; j++ {
			secret := token.New().Reveal()
			s.tokens = append(s.tokens, secret)
			hash := token.HashOf(secret)
			rows = append(rows, s.client.Session.Create().SetTokenHash(hash[:]).SetUserID(ids[j%users]).
				SetFactors(fmt.Sprint("v1 password@", now.UnixMicro())).
				SetUserAgent(userAgent).SetIP("192.0.2.1").
				SetCreatedAt(now).SetLastSeenAt(now).
				SetExpiresAt(now.Add(30*24*time.Hour)).SetAbsoluteExpiresAt(now.Add(30*24*time.Hour)))
		}
		if err := s.client.Session.CreateBulk(rows...).Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// get is a browser's request with a session. The caller keeps it and sends it often.
func get(path, secret string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, origin+path, http.NoBody)
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if secret != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-torii_session", Value: secret})
	}
	return r
}

// serve sends r as a server would: with a context of its own, which is cancelled.
func (s *site) serve(b *testing.B, r *http.Request, want int) {
	ctx, cancel := context.WithCancel(b.Context())
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r.WithContext(ctx))
	cancel()
	if w.Code != want {
		b.Fatalf("%s: got %d, want %d: %s", r.URL.Path, w.Code, want, bytes.TrimSpace(w.Body.Bytes()))
	}
}
