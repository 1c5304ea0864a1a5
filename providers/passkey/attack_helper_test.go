package passkey_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

type form = map[string]string

// crowded is a site with every way to sign in, where they meet: change has the last word
// on its configuration.
func crowded(t testing.TB, client *ent.Client, cfg passkey.Config, change func(*auth.Config), options ...authtest.Option) *site {
	t.Helper()
	s := &site{passkeys: passkey.New(cfg), client: client, factor: &authtest.SecondFactor{}}
	idp := authtest.NewIDP("https://id.example", authtest.IDPClient{
		ID: "client", Secret: "s3cret of the client", RedirectURIs: []string{authtest.Origin + "/auth/oauth/demo/callback"},
	})
	c := auth.Config{Providers: []auth.Provider{
		password.New(password.Config{}), s.passkeys, s.factor, magiclink.New(magiclink.Config{}), &authtest.Arrival{},
		oauth.New(oauth.IDP{ID: "demo", Name: "Demo", ClientID: "client", ClientSecret: "s3cret of the client", Issuer: idp.Issuer(), Transport: idp.Client().Transport}),
	}}
	if change != nil {
		change(&c)
	}
	s.Site = authtest.NewOn(t, client, c, options...)
	idp.Now = s.Clock.Now
	return s
}

// eachCrowded runs f on every database.
func eachCrowded(t *testing.T, cfg passkey.Config, f func(t *testing.T, s *site), options ...authtest.Option) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		f(t, crowded(t, client, cfg, nil, options...))
	})
}

// posts sends a body, and fails unless the answer has a status.
func posts(t testing.TB, b *authtest.Browser, path string, body any, status int) *authtest.Reply {
	t.Helper()
	r := b.Post(path, body)
	if r.Status != status {
		t.Fatalf("POST %s: %v, want %d", path, r, status)
	}
	return r
}

// linked is the token in the link of the last mail to an address.
func (s *site) linked(t testing.TB, email string) string {
	t.Helper()
	for _, link := range s.Mail(t, email).Links() {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if token := u.Query().Get("token"); token != "" {
			return token
		}
	}
	t.Fatalf("no link in the last mail to %s", email)
	return ""
}

// opensTo is whose account a passkey opens in a new browser; "" if none.
func (s *site) opensTo(t testing.TB, device *authtest.Authenticator) string {
	t.Helper()
	return signIn(t, s.Browser(), device).UserID()
}

// passkeysOf are how many passkeys a user has.
func (s *site) passkeysOf(t testing.TB, userID string) int {
	t.Helper()
	return s.client.Credential.Query().Where(credential.UserID(userID), credential.Kind(passkey.Kind)).CountX(t.Context())
}

// signedIn tells whether a browser is.
func signedIn(b *authtest.Browser) bool { return b.Get("/auth/user").Status == http.StatusOK }

// flows are those in a browser's cookie.
func flows(b *authtest.Browser) []string {
	return strings.FieldsFunc(b.Cookie("__Host-torii_flow"), func(r rune) bool { return r == '.' })
}

// nextName is a number that this site has not given out.
func (s *site) nextName() string {
	return strconv.Itoa(s.client.AuthEvent.Query().CountX(context.Background()))
}
