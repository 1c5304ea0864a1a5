package oauth

import (
	"context"
	"net/http"
)

// X signs people in with their accounts at X, once Twitter. Client id and secret are those
// of OAuth 2.0 of a confidential client ("Web App") at https://developer.x.com, where
// "Request email from users" must be on, or else Scopes be without users.email.
//
// The subject is the account's id, which stays when it is renamed. The address is
// "confirmed_email"; X does not say by a boolean that it is verified, so EmailVerified is
// always false.
func X(clientID, clientSecret string) IDP {
	return IDP{
		ID: "x", Name: "X", ClientID: clientID, ClientSecret: clientSecret,
		AuthURL:  "https://x.com/i/oauth2/authorize",
		TokenURL: "https://api.x.com/2/oauth2/token",
		Scopes:   []string{"users.read", "tweet.read", "users.email"}, // users/me wants the first two
		Profile:  xProfile,
	}
}

func xProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	const me = "https://api.x.com/2/users/me?user.fields=confirmed_email,profile_image_url"
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := getJSON(ctx, client, accessToken, me, &answer); err != nil {
		return Profile{}, err
	}
	user := answer.Data
	return known(Profile{
		Subject: textOf(user["id"]), Email: textOf(user["confirmed_email"]),
		Name: textOf(user["name"]), Picture: textOf(user["profile_image_url"]),
		Claims: kept(user, "username"),
	})
}
