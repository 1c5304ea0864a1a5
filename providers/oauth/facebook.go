package oauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

// Facebook signs people in with their Facebook accounts. Client id and secret are the
// App ID and App Secret of https://developers.facebook.com/apps. The version of the Graph
// API is the one that is set there.
//
// The subject is the id that the person has for this app and no other. Facebook leaves out
// an address that is not valid and does not say of one whether it is verified, so
// EmailVerified is always false; who signed up with a telephone number has none.
func Facebook(clientID, clientSecret string) IDP {
	return IDP{
		ID: "facebook", Name: "Facebook", ClientID: clientID, ClientSecret: clientSecret,
		AuthStyle: oauth2.AuthStyleInParams,
		AuthURL:   "https://www.facebook.com/dialog/oauth",
		TokenURL:  "https://graph.facebook.com/oauth/access_token",
		Scopes:    []string{"public_profile", "email"},
		Profile: func(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
			return facebookProfile(ctx, client, accessToken, clientSecret)
		},
	}
}

func facebookProfile(ctx context.Context, client *http.Client, accessToken, clientSecret string) (Profile, error) {
	// The proof that the token is used by whom it was made for; apps can demand it.
	mac := hmac.New(sha256.New, []byte(clientSecret))
	mac.Write([]byte(accessToken))
	query := url.Values{"fields": {"id,name,email,picture"}, "appsecret_proof": {hex.EncodeToString(mac.Sum(nil))}}
	var user map[string]any
	if err := getJSON(ctx, client, accessToken, "https://graph.facebook.com/me?"+query.Encode(), &user); err != nil {
		return Profile{}, err
	}
	return known(Profile{
		Subject: textOf(user["id"]), Email: textOf(user["email"]), Name: textOf(user["name"]),
		Picture: textOf(inside(inside(user["picture"], "data"), "url")),
	})
}
