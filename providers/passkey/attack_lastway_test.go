package passkey_test

import (
	"crypto/sha256"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

// A password, a passkey and an account elsewhere are given up at once: one of them stays.
func TestOneOfThreeWaysInStays(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		s := crowded(t, client, passkey.Config{KeepSessionsOnDelete: true}, withoutMail)
		for range 6 {
			ann := s.newcomer("ann" + s.nextName())
			ann.Browser = s.register(t, ann.email)
			ann.id = ann.Get("/auth/user").UserID()
			if r := add(t, ann.Browser, ann.device, ""); r.Status != http.StatusCreated {
				t.Fatal(r)
			}
			// The session has proven both, so that it is recent whichever goes first.
			if r := finish(ann.Browser, "step-up", sign(t, ann.device, begin(t, ann.Browser, "step-up", nil))); r.Status != http.StatusOK {
				t.Fatal(r)
			}
			hash := sha256.Sum256([]byte(ann.id))
			row := client.OAuthAccount.Create().SetUserID(ann.id).SetProvider("demo").SetIssuer("https://id.example").
				SetSubject(ann.id).SetSubjectHash(hash[:]).SetCreatedAt(s.Clock.Now()).SetUpdatedAt(s.Clock.Now()).SaveX(t.Context())
			paths := []string{"/auth/password", "/auth/passkeys/" + ann.passkeyID(t), "/auth/oauth/accounts/" + row.ID}
			browsers := []*authtest.Browser{ann.Clone(), ann.Clone(), ann.Clone()}
			got := authtest.InParallel(3, func(i int) string { return said(browsers[i].Delete(paths[i])) })
			ways := client.Credential.Query().Where(credential.UserID(ann.id)).CountX(t.Context()) +
				client.OAuthAccount.Query().Where(oauthaccount.UserID(ann.id)).CountX(t.Context())
			if ways != 1 || got["204"] != 2 || got["409 last_sign_in_method"] != 1 {
				t.Errorf("%d ways in are left, answers %v", ways, got)
			}
		}
	})
}

// withoutMail leaves out what signs in by nothing but a mail.
func withoutMail(c *auth.Config) {
	var list []auth.Provider
	for _, p := range c.Providers {
		switch p.(type) {
		case *password.Provider, *passkey.Provider, *oauth.Provider:
			list = append(list, p)
		}
	}
	c.Providers = list
}
