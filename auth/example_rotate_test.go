package auth_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// A new secret goes in front of the old one, which still verifies what it signed. To
// drop the old one makes everybody with a stateless session sign in again.
func ExampleConfig_rotation() {
	ctx := context.Background()
	client, done := openExample(ctx)
	defer done()
	start := func(secrets ...[]byte) *auth.Auth {
		return newExample(client, auth.Config{Secrets: secrets, Sessions: sessions.Config{Kind: sessions.KindJWT}})
	}
	first, second := []byte(rand.Text()+rand.Text()), []byte(rand.Text()+rand.Text())
	before, during, after := start(first), start(second, first), start(second)

	ann, err := before.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	sign := func(a *auth.Auth) string {
		res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
		if err != nil {
			log.Fatal(err)
		}
		return res.Token.Reveal()
	}
	check := func(name string, a *auth.Auth, token string) {
		_, _, err := a.Session(ctx, token)
		fmt.Println(name, err)
	}
	old, young := sign(before), sign(during)
	check("old token, both secrets:", during, old)
	check("new token, old secret:", before, young)
	check("new token, new secret:", after, young)
	check("old token, new secret:", after, old)
	// Output:
	// old token, both secrets: <nil>
	// new token, old secret: auth: unauthenticated
	// new token, new secret: <nil>
	// old token, new secret: auth: unauthenticated
}
