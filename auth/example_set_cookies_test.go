package auth_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/torii-go/torii/auth"
)

// The cookie of a page of the application's own that signs people in: in production, and
// in development, where BaseURL is a loopback address.
func ExampleAuth_SetCookies() {
	ctx := context.Background()
	client, done := openExample(ctx)
	defer done()
	for _, cfg := range []auth.Config{
		{BaseURL: "https://app.example", Secrets: [][]byte{[]byte(rand.Text() + rand.Text())}, SkipEmailVerification: true},
		{BaseURL: "http://localhost:8080"},
	} {
		a := newExample(client, cfg)
		u, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@" + rand.Text() + ".example"})
		if err != nil {
			log.Fatal(err)
		}
		r, w := httptest.NewRequest("POST", "/welcome", nil), httptest.NewRecorder()
		res, err := a.CreateSession(ctx, u.ID, a.Client(r))
		if err != nil {
			log.Fatal(err)
		}
		a.SetCookies(w, r, res)
		c := w.Result().Cookies()[0]
		fmt.Println(c.Name, "Secure", c.Secure, "HttpOnly", c.HttpOnly, "Path", c.Path, "Domain", c.Domain == "")
	}
	// Output:
	// __Host-torii_session Secure true HttpOnly true Path / Domain true
	// torii_session Secure false HttpOnly true Path / Domain true
}
