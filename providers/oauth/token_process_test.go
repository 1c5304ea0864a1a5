package oauth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// shared is an application of several instances, and somebody whose token has expired.
type shared struct {
	*site
	secret []byte
	userID string
	before string // the token that has expired
}

// newShared has its provider at a port of this machine, for other processes.
func newShared(t *testing.T, db testdb.DB) *shared {
	t.Helper()
	idp := authtest.NewIDPServer(t, authtest.IDPClient{
		ID: "client", Secret: "s3cret of the client", RedirectURIs: []string{authtest.Origin + "/auth/oauth/demo/callback"},
	})
	s := &shared{secret: make([]byte, 32)}
	rand.Read(s.secret)
	s.site = s.instance(t, db, idp, nil)
	idp.Now = s.Clock.Now
	s.userID = s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
	var err error
	if s.before, err = s.oauth.Token(t.Context(), s.userID, "demo"); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(2 * time.Hour)
	return s
}

// instance has a pool of its own, and the clock of another.
func (s *shared) instance(t *testing.T, db testdb.DB, idp *authtest.IDP, clock *authtest.Clock) *site {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	site := newSite(t, client, func(how *oauth.IDP) {
		keeps(how)
		how.Issuer, how.Transport, how.Algorithms = idp.Issuer(), nil, nil
	}, func(c *auth.Config) {
		if c.Secrets = [][]byte{s.secret}; clock != nil {
			c.Now = clock.Now
		}
	})
	site.idp = idp
	return site
}

// asked waits until the token endpoint was asked so many times, and a while for one more.
func (s *shared) asked(t *testing.T, times int) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); s.idp.TokenRequests() < times && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	if n := s.idp.TokenRequests(); n != times {
		t.Fatalf("the token endpoint was asked %d times, want %d", n, times)
	}
}

// However many ask at once, in two instances of one process and in another process, a
// token is refreshed once.
func TestTokenIsRefreshedOnceForAllInstances(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := newShared(t, db)
		instances := []*site{s.site, s.instance(t, db, s.idp, s.Clock)}
		p := s.startChild(t, db, 20)
		s.idp.Lie(authtest.LieTokenSlow)
		n := s.idp.TokenRequests()
		got := make(chan map[string]int, 1)
		go func() {
			got <- authtest.InParallel(40, func(i int) string {
				token, err := instances[i%2].oauth.Token(ctx, s.userID, "demo")
				if err != nil {
					t.Error(err)
				}
				return token
			})
		}()
		p.goOn(t)
		s.asked(t, n+1) // while it is held up, all the others come
		s.idp.Release()
		here, there := <-got, p.read(t)
		if len(here) != 1 || len(there.Tokens) != 1 || there.Err != "" || here[s.before] != 0 {
			t.Fatalf("%d tokens here, %d there: %s", len(here), len(there.Tokens), there.Err)
		}
		for token, times := range here {
			if token == "" || times != 40 || there.Tokens[token] != 20 {
				t.Errorf("the others have got another token: %d here, %d there", times, there.Tokens[token])
			}
		}
		s.asked(t, n+1)
	})
}

// A process is killed while it refreshes. Nobody else refreshes as long as it could be at
// it; then somebody does, once.
func TestTokenOfAProcessThatWasKilled(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		s := newShared(t, db)
		s.idp.Lie(authtest.LieTokenSlow)
		n := s.idp.TokenRequests()
		p := s.startChild(t, db, 3)
		p.goOn(t)
		s.asked(t, n+1)
		if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.stop()
		s.idp.Lie()
		for range 2 { // at once, and shortly before its time is over
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			token, err := s.oauth.Token(ctx, s.userID, "demo")
			cancel()
			if token != "" || !errors.Is(err, context.DeadlineExceeded) || s.idp.TokenRequests() != n+1 {
				t.Errorf("while the process could be at it: %v, %d requests", err, s.idp.TokenRequests()-n)
			}
			s.Clock.Advance(14 * time.Second)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		got := authtest.InParallel(20, func(int) string {
			token, err := s.oauth.Token(ctx, s.userID, "demo")
			if err != nil {
				t.Error(err)
			}
			return token
		})
		if len(got) != 1 || got[""]+got[s.before] != 0 || s.idp.TokenRequests() != n+2 {
			t.Errorf("%d tokens, %d requests", len(got), s.idp.TokenRequests()-n)
		}
	})
}
