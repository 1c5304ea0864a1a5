package magiclink_test

import (
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
)

func TestMagicLinksWithstandWhatEveryProviderMust(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		store := open(t, testdb.New(t, db.Name), migrate.SessionsOnly())
		enter := func(b *authtest.Browser, email string) *authtest.Reply { return signIn(t, b, email) }
		m := authtest.Method{
			Providers: func() []auth.Provider { return []auth.Provider{magiclink.New(magiclink.Config{})} },
			SignUp:    enter, SignIn: enter, ByMail: true,
		}
		authtest.Exercise(t, client, m)
		m.Sessions.Store = store
		t.Run("sessions in a store of their own", func(t *testing.T) { authtest.Exercise(t, client, m) })
	})
}
