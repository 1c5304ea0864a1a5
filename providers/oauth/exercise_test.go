package oauth_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

func TestOAuthWithstandsWhatEveryProviderMust(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		idp, how := newIDP("demo")
		var clock atomic.Pointer[authtest.Clock] // of the site that was entered last
		idp.Now = func() time.Time { return clock.Load().Now() }
		how.Authoritative = func(oauth.Profile) bool { return true }
		enter := func(b *authtest.Browser, email string) *authtest.Reply {
			clock.Store(b.Site().Clock)
			to, r := begin(b, map[string]any{"fresh": true})
			if r.Status != http.StatusOK {
				return r
			}
			cb, err := idp.SignIn(to, authtest.Person{Subject: email, Email: email, EmailVerified: true})
			if err != nil {
				t.Error(err)
				return r
			}
			return back(b, cb.URL)
		}
		authtest.Exercise(t, client, authtest.Method{
			Providers: func() []auth.Provider { return []auth.Provider{oauth.New(how)} },
			SignUp:    enter, SignIn: enter,
		})
	})
}
