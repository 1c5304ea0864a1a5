package password_test

import (
	"os"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

const phrase = "a long pass phrase"

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestPasswordWithstandsWhatEveryProviderMust(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		apart := testdb.New(t, db.Name)
		store, err := migrate.Open(t.Context(), apart.Driver, apart.DSN, migrate.SessionsOnly())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		m := authtest.Method{
			Providers: func() []auth.Provider { return []auth.Provider{password.New(password.Config{})} },
			SignUp: func(b *authtest.Browser, email string) *authtest.Reply {
				return b.Post("/auth/register", map[string]string{"email": email, "password": phrase})
			},
			SignIn: func(b *authtest.Browser, email string) *authtest.Reply {
				return b.Post("/auth/login", map[string]string{"email": email, "password": phrase})
			},
			Wrong: func(b *authtest.Browser, email string) *authtest.Reply {
				return b.Post("/auth/login", map[string]string{"email": email, "password": "not the pass phrase"})
			},
		}
		authtest.Exercise(t, client, m)
		m.Sessions.Store = store
		t.Run("sessions in a store of their own", func(t *testing.T) { authtest.Exercise(t, client, m) })
	})
}
