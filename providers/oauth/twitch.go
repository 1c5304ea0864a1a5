package oauth

import (
	"net/url"

	"golang.org/x/oauth2"
)

// Twitch signs people in with their Twitch accounts. Client id and secret are made at
// https://dev.twitch.tv/console/apps.
//
// The subject is the account's number, Twitch's "sub". Claims have to be asked for one by
// one; the name is the display name, "preferred_username". An address that is not verified
// is left out by Twitch.
func Twitch(clientID, clientSecret string) IDP {
	idp := OpenID("twitch", "Twitch", "https://id.twitch.tv/oauth2", clientID, clientSecret)
	idp.AuthStyle = oauth2.AuthStyleInParams
	idp.Scopes = []string{"openid", "user:read:email"}
	idp.AuthParams = url.Values{"claims": {`{"id_token":` + twitchClaims + `,"userinfo":` + twitchClaims + `}`}}
	idp.Map = func(claims map[string]any) Profile {
		p := fromClaims(claims)
		p.Name = textOf(claims["preferred_username"])
		return p
	}
	return idp
}

const twitchClaims = `{"email":null,"email_verified":null,"picture":null,"preferred_username":null}`
