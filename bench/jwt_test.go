package bench_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

// audience is what tokens name where a benchmark says so.
const audience = "app"

// BenchmarkJWT is what a request of a signed-in user costs whose session is a JSON Web
// Token: cookie or header, signature, claims, context, and no database.
func BenchmarkJWT(b *testing.B) {
	db := testdb.New(b, "sqlite3")
	client, err := migrate.Open(b.Context(), db.Driver, db.DSN)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	for _, key := range jwtKeys(b) {
		for _, way := range []struct {
			name   string
			bearer bool
			issuer string
			aud    string
		}{
			{name: "cookie"},
			{name: "bearer", bearer: true},
			{name: "cookie-iss-aud", issuer: origin, aud: audience},
		} {
			b.Run(key.alg+"/"+way.name, func(b *testing.B) {
				cfg := sessions.JWTConfig{Keys: []sessions.SigningKey{key.torii}, Issuer: way.issuer, Audience: way.aud}
				s := &site{auth: newStateless(b, client, cfg), client: client, mux: http.NewServeMux()}
				s.mux.Handle("GET /torii", s.auth.RequireSession(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if session, ok := auth.SessionFrom(r.Context()); !ok || session.UserID == "" {
						w.WriteHeader(http.StatusTeapot)
						return
					}
					w.WriteHeader(http.StatusNoContent)
				})))
				find := tokenInCookie
				if way.bearer {
					find = tokenInHeader
				}
				s.mux.Handle("GET /hand", requireToken(find, key.check(way.issuer, way.aud), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if claims, ok := r.Context().Value(handClaimsKey{}).(*jwt.RegisteredClaims); !ok || claims.Subject == "" {
						w.WriteHeader(http.StatusTeapot)
						return
					}
					w.WriteHeader(http.StatusNoContent)
				})))
				torii, hand := s.tokenRequests(b, cfg, []string{"usr_01980000000070008000000000000001"}, way.bearer)
				slice := 20 // public keys take long: a slice must be shorter than the machine's pauses
				if key.alg == "HS256" {
					slice = 200
				}
				b.Run("turns", func(b *testing.B) { inTurns(b, slice, torii(b), hand(b)) })
				b.Run("torii", func(b *testing.B) { alone(b, torii(b)) })
				b.Run("hand", func(b *testing.B) { alone(b, hand(b)) })
			})
		}
	}
}

// BenchmarkJWTUser is the same for what reads the user too: one query by the token's
// subject, and the two things that can have happened to the user since.
func BenchmarkJWTUser(b *testing.B) {
	key := jwtKeys(b)[0]
	for _, dialect := range testdb.Dialects() {
		b.Run(key.alg+"/"+dialect, func(b *testing.B) {
			s := newSite(b, dialect, stub)
			cfg := sessions.JWTConfig{Keys: []sessions.SigningKey{key.torii}}
			s.mux.Handle("GET /torii", newStateless(b, s.client, cfg).RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if u, ok := auth.UserFrom(r.Context()); !ok || u.Email == "" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				w.WriteHeader(http.StatusNoContent)
			})))
			s.mux.Handle("GET /hand", requireToken(tokenInCookie, key.check("", ""),
				loadUser(s.prepare(b, handUserByID, 1), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if u, ok := r.Context().Value(handKey{}).(*handUser); !ok || u.Email == "" {
						w.WriteHeader(http.StatusTeapot)
						return
					}
					w.WriteHeader(http.StatusNoContent)
				}))))
			ids, err := s.client.User.Query().IDs(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			torii, hand := s.tokenRequests(b, cfg, ids, false)
			b.Run("turns", func(b *testing.B) { inTurns(b, 200, torii(b), hand(b)) })
			b.Run("torii", func(b *testing.B) { alone(b, torii(b)) })
			b.Run("hand", func(b *testing.B) { alone(b, hand(b)) })
		})
	}
}

// newStateless is an Auth whose sessions are tokens.
func newStateless(b *testing.B, client *ent.Client, cfg sessions.JWTConfig) *auth.Auth {
	b.Helper()
	secret := make([]byte, 32)
	rand.Read(secret)
	a, err := auth.New(client, auth.Config{
		BaseURL: origin, Secrets: [][]byte{secret}, Hash: stub,
		Sessions: sessions.Config{Kind: sessions.KindJWT, JWT: cfg},
		Logger:   slog.New(slog.DiscardHandler), SkipEmailVerification: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close(context.Background()) })
	return a
}

// tokenRequests signs tokens as a sign-in with a password does, and makes the requests
// of both sides with them: the same tokens.
func (s *site) tokenRequests(b *testing.B, cfg sessions.JWTConfig, users []string, bearer bool) (torii, hand func(*testing.B) func(int)) {
	b.Helper()
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	signer, err := sessions.NewSigner(cfg, now)
	if err != nil {
		b.Fatal(err)
	}
	tokens := make([]string, 512)
	for i := range tokens {
		_, signed, err := signer.Sign(sessions.Session{
			UserID:  users[i*7919%len(users)],
			Factors: []sessions.Factor{{Kind: "password", At: now()}},
		})
		if err != nil {
			b.Fatal(err)
		}
		tokens[i] = signed.Reveal()
	}
	side := func(path string) func(*testing.B) func(int) {
		requests := make([]*http.Request, len(tokens))
		for i, signed := range tokens {
			if requests[i] = get(path, signed); bearer {
				requests[i] = get(path, "")
				requests[i].Header.Set("Authorization", "Bearer "+signed)
			}
		}
		return func(b *testing.B) func(int) {
			return func(i int) { s.serve(b, requests[i%len(requests)], http.StatusNoContent) }
		}
	}
	return side("/torii"), side("/hand")
}

// jwtKey is one key, as Torii has it and as golang-jwt takes it.
type jwtKey struct {
	alg, kid string
	torii    sessions.SigningKey
	public   any
}

// jwtKeys makes one key of each algorithm.
func jwtKeys(b *testing.B) []jwtKey {
	b.Helper()
	secret := make([]byte, 32)
	rand.Read(secret)
	rsaKey, err1 := rsa.GenerateKey(rand.Reader, 2048)
	ecKey, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, err3 := ed25519.GenerateKey(rand.Reader)
	text := func(private crypto.Signer) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			b.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			b.Fatal(err)
		}
	}
	hs, err1 := sessions.HS256Key("", secret)
	rs, err2 := sessions.RS256Key("", text(rsaKey))
	es, err3 := sessions.ES256Key("", text(ecKey))
	ed, err4 := sessions.EdDSAKey("", text(edKey))
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			b.Fatal(err)
		}
	}
	return []jwtKey{
		{"HS256", hs.Verifying().ID(), hs, secret},
		{"RS256", rs.Verifying().ID(), rs, rsaKey.Public()},
		{"ES256", es.Verifying().ID(), es, ecKey.Public()},
		{"EdDSA", ed.Verifying().ID(), ed, edKey.Public()},
	}
}
