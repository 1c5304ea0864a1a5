package oauth_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// example is an application whose people sign in at a provider of the company's; done
// closes it. idp is that provider, without a network.
func example() (p *oauth.Provider, idp *authtest.IDP, done func()) {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		panic(err)
	}
	client, err := migrate.Open(context.Background(), "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		panic(err)
	}
	idp = authtest.NewIDP("https://id.corp.example", authtest.IDPClient{
		ID: "client", Secret: "secret", RedirectURIs: []string{"http://localhost:8080/auth/oauth/corp/callback"},
	})
	corp := oauth.OpenID("corp", "Corp", "https://id.corp.example", "client", "secret")
	corp.Authoritative = func(p oauth.Profile) bool { return true } // it gives out all the addresses
	corp.Transport = idp.Client().Transport                         // an application leaves it out
	p = oauth.New(corp)
	a, err := auth.New(client, auth.Config{
		BaseURL: "http://localhost:8080", Providers: []auth.Provider{p}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return p, idp, func() { a.Close(context.Background()); client.Close(); os.RemoveAll(dir) }
}
