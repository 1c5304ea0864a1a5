package oauth

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/oauth2"
)

// GitHub signs people in with their accounts at github.com. Client id and secret are made
// at https://github.com/settings/developers. A GitHub App takes the place of an OAuth app
// if it has the account permission "Email addresses: read".
//
// The subject is the account's number, which stays when its login is renamed or taken by
// somebody else. The address is the primary one, verified if GitHub says so of it; the
// one of the public profile is not looked at.
func GitHub(clientID, clientSecret string) IDP {
	return IDP{
		ID: "github", Name: "GitHub", ClientID: clientID, ClientSecret: clientSecret,
		AuthStyle: oauth2.AuthStyleInParams,
		AuthURL:   "https://github.com/login/oauth/authorize",
		TokenURL:  "https://github.com/login/oauth/access_token",
		Scopes:    []string{"user:email"},
		Profile:   githubProfile,
	}
}

func githubProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	var user map[string]any
	if err := getJSON(ctx, client, accessToken, "https://api.github.com/user", &user); err != nil {
		return Profile{}, err
	}
	// The most that fit a page: the primary one need not be among the first 30.
	var emails []map[string]any
	if err := getJSON(ctx, client, accessToken, "https://api.github.com/user/emails?per_page=100", &emails); err != nil {
		return Profile{}, err
	}
	if len(emails) == 0 { // every account has one
		return Profile{}, errors.New("oauth: GitHub told no address")
	}
	p := Profile{
		Subject: digitsOf(user["id"]), Name: textOf(user["name"]), Picture: textOf(user["avatar_url"]),
		Claims: kept(user, "login"),
	}
	for _, e := range emails {
		if e["primary"] == true {
			p.Email, p.EmailVerified = textOf(e["email"]), e["verified"] == true
		}
	}
	return known(p)
}
