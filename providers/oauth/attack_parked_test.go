package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// A sign-up that has waited, for an address or a mail, opens no account that the identity
// was linked to meanwhile: what it proved may be a day old.
func TestAttackSignUpFromBeforeTheLink(t *testing.T) {
	for name, options := range map[string][]authtest.Option{"an address": nil, "a mail": {authtest.ProveFirst()}} {
		s := newSite(t, authtest.Database(t), nil, options...)
		waiting := s.Browser()
		who := authtest.Person{Subject: "ann"}
		if len(options) > 0 {
			who.Email = "other@example.net"
		}
		if r := s.come(t, waiting, who, map[string]any{}); r.Status != http.StatusUnauthorized && r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ann@example.org", EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.UserID() != u.ID || s.links(t) != 1 {
			t.Fatalf("the link: %v", r)
		}
		var r *authtest.Reply
		if len(options) > 0 {
			r = waiting.Post("/auth/email/verify", map[string]string{"token": tokenIn(t, s.Mail(t, who.Email))})
		} else {
			r = waiting.Post("/auth/register/complete", map[string]string{"email": "other@example.net"})
		}
		if r.Code() != auth.ErrInvalidToken.Code || waiting.Session() != "" || s.users(t) != 1 || s.links(t) != 1 {
			t.Errorf("waiting for %s: %v, %d users, %d links", name, r, s.users(t), s.links(t))
		}
	}
}

// Where addresses are proven first, a provider that is believed about one has proven it.
func TestAttackProvenFirstByTheProvider(t *testing.T) {
	s := newSite(t, authtest.Database(t), nil, authtest.ProveFirst())
	r := s.come(t, s.Browser(), person("ann"), map[string]any{})
	u, err := s.Auth.UserByEmail(t.Context(), "ann@example.org")
	if r.Status != http.StatusOK || err != nil || u.EmailVerifiedAt == nil || s.links(t) != 1 {
		t.Errorf("%v, %v, %v", r, u, err)
	}
}

// An identity that is being removed while its owner comes back opens nothing afterwards.
func TestAttackUnlinkUnderWay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		removing := make(chan struct{}, 1)
		s := newSite(t, client, nil, func(c *auth.Config) {
			c.Hooks = append(c.Hooks, func(_ context.Context, _ *auth.Tx, e auth.Event) error {
				if e.Kind == auth.EventIdentityUnlinked {
					removing <- struct{}{}
					time.Sleep(300 * time.Millisecond) // the callback waits for the row by now
				}
				return nil
			})
		})
		b, userID := s.register(t, "ann@example.net")
		trojan := authtest.Person{Subject: "mallory", Email: "mallory@example.net"}
		if r := s.come(t, b, trojan, linkIt); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		mallory := s.Browser()
		to, _ := begin(mallory, map[string]any{})
		callback := s.visit(t, to, trojan)
		id := accounts(t, b).Accounts[0].ID
		removed := make(chan *authtest.Reply, 1)
		go func() { removed <- b.Delete("/auth/oauth/accounts/" + id) }()
		<-removing
		r := back(mallory, callback)
		if done := <-removed; done.Status != http.StatusNoContent {
			t.Fatal(done)
		}
		if r.UserID() == userID || r.Status >= 500 {
			t.Errorf("%v", r)
		}
		live, err := s.Auth.Sessions(t.Context(), userID)
		if err != nil || len(live) != 1 {
			t.Errorf("%d sessions, %v", len(live), err)
		}
	})
}

// A disabled user's grant is not refreshed into the table, nor given out.
func TestAttackTokenOfTheDisabled(t *testing.T) {
	s := newSite(t, authtest.Database(t), keeps)
	userID := s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
	if err := s.Auth.DisableUser(t.Context(), userID); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(2 * time.Hour)
	before := s.Client.OAuthAccount.Query().OnlyX(t.Context())
	if token, err := s.oauth.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrNoToken) || token != "" {
		t.Errorf("%q, %v", token, err)
	}
	if now := s.Client.OAuthAccount.Query().OnlyX(t.Context()); now.AccessToken != before.AccessToken {
		t.Error("new tokens were stored")
	}
}
