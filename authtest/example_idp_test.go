package authtest_test

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/torii-go/torii/authtest"
)

// A client of OpenID Connect is tested against a provider without a network, and then
// against one that lies.
func ExampleIDP() {
	idp := authtest.NewIDP("https://idp.example", authtest.IDPClient{
		ID: "app", Secret: "secret", RedirectURIs: []string{"https://app.example/callback"},
	})
	client := idp.Client() // for the application under test

	// What the application sends a browser to, and what comes back.
	address := "https://idp.example/authorize?client_id=app&response_type=code&scope=openid+email&state=s" +
		"&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback" +
		"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
	back, err := idp.SignIn(address, authtest.Person{Subject: "1", Email: "ann@example.com", EmailVerified: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	u, _ := url.Parse(back.URL)
	fmt.Println(u.Path, u.Query().Get("state"), u.Query().Get("iss"))

	idp.Lie(authtest.LieTokenNoIDToken)
	res, err := client.PostForm("https://idp.example/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "redirect_uri": {"https://app.example/callback"},
		"client_id": {"app"}, "client_secret": {"secret"}, "code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	var tokens map[string]any
	err = json.NewDecoder(res.Body).Decode(&tokens)
	fmt.Println(err, res.StatusCode, tokens["token_type"], tokens["id_token"], idp.TokenRequests())
	// Output:
	// /callback s https://idp.example
	// <nil> 200 Bearer <nil> 1
}
