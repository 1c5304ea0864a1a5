package oauth

import (
	"context"
	"net/http"

	"golang.org/x/oauth2"
)

// LinkedIn signs people in with their LinkedIn accounts. Client id and secret are made at
// https://www.linkedin.com/developers/apps, with the product "Sign In with LinkedIn using
// OpenID Connect".
//
// The subject is LinkedIn's "sub", the id that the member has for this app. EmailVerified
// is what LinkedIn says. Its ID tokens carry no nonce, so that one could be put in place of
// another: they are not looked at, and the person is who the API says the access token is.
//
// LinkedIn refuses the verifier of PKCE with 401 "invalid_client" unless it has enabled PKCE
// for the application. Without that InsecureNoPKCE is needed, and is set here.
func LinkedIn(clientID, clientSecret string) IDP {
	return IDP{
		ID: "linkedin", Name: "LinkedIn", ClientID: clientID, ClientSecret: clientSecret,
		AuthStyle: oauth2.AuthStyleInParams,
		AuthURL:   "https://www.linkedin.com/oauth/v2/authorization",
		TokenURL:  "https://www.linkedin.com/oauth/v2/accessToken",
		Scopes:    []string{"openid", "profile", "email"},
		Profile:   linkedInProfile,

		InsecureNoPKCE: true,
	}
}

func linkedInProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	var claims map[string]any
	if err := getJSON(ctx, client, accessToken, "https://api.linkedin.com/v2/userinfo", &claims); err != nil {
		return Profile{}, err
	}
	return known(fromClaims(claims))
}
