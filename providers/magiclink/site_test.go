package magiclink_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
)

const (
	ada        = "ada@example.org"
	flowCookie = "__Host-torii_flow"
)

// each runs f on a fresh database of each kind, beside other tests.
func each(t *testing.T, f func(t *testing.T, client *ent.Client)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) { f(t, open(t, db)) })
}

func open(t *testing.T, db testdb.DB, options ...migrate.Option) *ent.Client {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// newSite is an application whose people sign in by mail, as in production.
func newSite(t *testing.T, client *ent.Client, cfg magiclink.Config, more ...auth.Provider) *authtest.Site {
	t.Helper()
	return authtest.NewOn(t, client, auth.Config{Providers: append(more, magiclink.New(cfg))}, authtest.ProveFirst())
}

// ask asks for a mail to an address.
func ask(b *authtest.Browser, email string) *authtest.Reply {
	return b.Post("/auth/magic-link", map[string]string{"email": email})
}

// letter asks for a mail in a browser and returns it.
func letter(t *testing.T, b *authtest.Browser, email string) mail.Message {
	t.Helper()
	b.Site().Outbox.Clear()
	if r := ask(b, email); r.Status != http.StatusAccepted {
		t.Fatalf("ask for a mail to %s: %v", email, r)
	}
	return b.Site().Mail(t, strings.ToLower(email))
}

// secretIn is what the link of a mail holds.
func secretIn(m mail.Message) string {
	for _, link := range m.Links() {
		if u, err := url.Parse(link); err == nil && u.Query().Get("token") != "" {
			return u.Query().Get("token")
		}
	}
	return ""
}

func press(b *authtest.Browser, secret string) *authtest.Reply {
	return b.Post("/auth/magic-link/verify", map[string]string{"token": secret})
}

func typeIn(b *authtest.Browser, code string) *authtest.Reply {
	return b.Post("/auth/magic-link/verify", map[string]string{"code": code})
}

// signIn asks for a mail and presses the link of the last one that came, if one did.
func signIn(t *testing.T, b *authtest.Browser, email string) *authtest.Reply {
	r := ask(b, email)
	if r.Status != http.StatusAccepted {
		return r
	}
	if flow := r.Flow(); flow != "" { // an app keeps it itself
		b.Header.Set("Torii-Flow", flow)
	}
	if err := b.Site().Auth.Deliver(t.Context()); err != nil {
		t.Error(err)
	}
	m, _ := b.Site().Outbox.Last(email)
	return press(b, secretIn(m))
}
