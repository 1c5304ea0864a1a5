package oauth

import (
	"context"
	"net/http"
)

// Spotify signs people in with their Spotify accounts. Client id and secret are made at
// https://developer.spotify.com/dashboard.
//
// The subject is the Spotify user ID. The address is what somebody typed when they signed
// up, which Spotify itself calls unverified: EmailVerified is always false.
func Spotify(clientID, clientSecret string) IDP {
	return IDP{
		ID: "spotify", Name: "Spotify", ClientID: clientID, ClientSecret: clientSecret,
		AuthURL:  "https://accounts.spotify.com/authorize",
		TokenURL: "https://accounts.spotify.com/api/token",
		Scopes:   []string{"user-read-email"},
		Profile:  spotifyProfile,
	}
}

func spotifyProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	var user map[string]any
	if err := getJSON(ctx, client, accessToken, "https://api.spotify.com/v1/me", &user); err != nil {
		return Profile{}, err
	}
	p := Profile{Subject: textOf(user["id"]), Email: textOf(user["email"]), Name: textOf(user["display_name"])}
	if images, _ := user["images"].([]any); len(images) > 0 {
		p.Picture = textOf(inside(images[0], "url"))
	}
	return known(p)
}
