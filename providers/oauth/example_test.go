package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// The browser is sent to the URL, and keeps the flow: auth.Auth.AddFlow puts it into its
// cookie.
func ExampleProvider_AuthorizationURL() {
	p, _, done := example() // oauth.New(oauth.OpenID("corp", "Corp", "https://id.corp.example", id, secret))
	defer done()

	to, flow, err := p.AuthorizationURL(context.Background(), "corp", oauth.Start{ReturnTo: "/books"}, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := url.Parse(to)
	if err != nil {
		fmt.Println(err)
		return
	}
	q := u.Query()
	fmt.Println(u.Host, q.Get("redirect_uri"))
	fmt.Println(q.Get("response_type"), q.Get("scope"), q.Get("code_challenge_method"))
	fmt.Println(len(flow))
	// Output:
	// id.corp.example http://localhost:8080/auth/oauth/corp/callback
	// code openid email profile S256
	// 43
}

// What the browser brings back signs in, once, and in that browser only.
func ExampleProvider_Exchange() {
	p, idp, done := example()
	defer done()
	ctx := context.Background()
	to, flow, err := p.AuthorizationURL(ctx, "corp", oauth.Start{ReturnTo: "/books"}, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := idp.SignIn(to, authtest.Person{Subject: "7", Email: "ann@corp.example", EmailVerified: true, Name: "Ann"})
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := url.Parse(back.URL) // r.URL, in a handler
	if err != nil {
		fmt.Println(err)
		return
	}

	res, err := p.Exchange(ctx, oauth.CallbackOf("corp", u.Query()), auth.Client{Flows: []string{flow}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.User.Email, res.ReturnTo)
	_, err = p.Exchange(ctx, oauth.CallbackOf("corp", u.Query()), auth.Client{Flows: []string{flow}})
	fmt.Println(errors.Is(err, oauth.ErrExpired), err)
	// Output:
	// ann@corp.example /books
	// true auth: oauth_expired
}
