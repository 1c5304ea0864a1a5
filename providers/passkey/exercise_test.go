package passkey_test

import (
	"sync"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/passkey"
)

func TestPasskeysWithstandWhatEveryProviderMust(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		var devices sync.Map // of people, by their addresses
		authtest.Exercise(t, client, authtest.Method{
			Providers: func() []auth.Provider { return []auth.Provider{passkey.New(passkey.Config{})} },
			SignUp: func(b *authtest.Browser, email string) *authtest.Reply {
				device := authtest.NewAuthenticator()
				devices.Store(email, device)
				return signUp(t, b, device, email)
			},
			SignIn: func(b *authtest.Browser, email string) *authtest.Reply {
				device, ok := devices.Load(email)
				if !ok {
					t.Fatalf("%s has no passkey", email)
				}
				return signIn(t, b, device.(*authtest.Authenticator))
			},
		})
	})
}
