package oauth

import (
	"cmp"
	"context"
	"net/http"
	"strings"
)

// Discord signs people in with their Discord accounts. Client id and secret are made at
// https://discord.com/developers/applications, under "OAuth2".
//
// The subject is the user's id (a "snowflake"). EmailVerified is Discord's "verified". The
// name is the display name, or else the user name; the picture is put together from the
// hash of the avatar, as Discord says to.
func Discord(clientID, clientSecret string) IDP {
	return IDP{
		ID: "discord", Name: "Discord", ClientID: clientID, ClientSecret: clientSecret,
		AuthURL:  "https://discord.com/oauth2/authorize",
		TokenURL: "https://discord.com/api/oauth2/token",
		Scopes:   []string{"identify", "email"},
		Profile:  discordProfile,
	}
}

func discordProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	var user map[string]any
	if err := getJSON(ctx, client, accessToken, "https://discord.com/api/v10/users/@me", &user); err != nil {
		return Profile{}, err
	}
	p := Profile{
		Subject: textOf(user["id"]), Email: textOf(user["email"]), EmailVerified: user["verified"] == true,
		Name:   cmp.Or(textOf(user["global_name"]), textOf(user["username"])),
		Claims: kept(user, "username"),
	}
	if avatar := textOf(user["avatar"]); avatar != "" && plain(p.Subject) && plain(avatar) {
		p.Picture = "https://cdn.discordapp.com/avatars/" + p.Subject + "/" + avatar + ".png"
	}
	return known(p)
}

// plain tells whether s can stand in a path as it is.
func plain(s string) bool {
	return strings.Trim(s, "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
