package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The user of https://discord.com/developers/docs/resources/user.
const discordUser = `{"id":"80351110224678912","username":"nelly","discriminator":"0","global_name":"Nelly",
	"avatar":"8342729096ea3675442027381ff50dfe","verified":true,"email":"nelly@discord.com","flags":64,"mfa_enabled":true}`

func discordAnswers(user string) map[string]string {
	return map[string]string{"discord.com/api/v10/users/@me": user}
}

func TestDiscord(t *testing.T) {
	just := func(p oauth.Profile) oauth.Profile { p.Subject = "1"; return p }
	checkTold(t, oauth.Discord("client", "secret"), []told{
		{"a person", discordAnswers(discordUser), oauth.Profile{
			Subject: "80351110224678912", Email: "nelly@discord.com", EmailVerified: true, Name: "Nelly",
			Picture: "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
			Claims:  map[string]any{"username": "nelly"},
		}, false},
		{"no display name", discordAnswers(`{"id":"1","username":"nelly","global_name":null}`),
			just(oauth.Profile{Name: "nelly", Claims: map[string]any{"username": "nelly"}}), false},
		{"unverified", discordAnswers(`{"id":"1","email":"a@x.example","verified":false}`), just(oauth.Profile{Email: "a@x.example"}), false},
		{"the text true", discordAnswers(`{"id":"1","email":"a@x.example","verified":"true"}`), just(oauth.Profile{Email: "a@x.example"}), false},
		{"no address, as without the scope", discordAnswers(`{"id":"1","email":null,"avatar":null}`), just(oauth.Profile{}), false},
		{"an avatar that climbs", discordAnswers(`{"id":"1","avatar":"../../attachments/x"}`), just(oauth.Profile{}), false},
		{"an avatar that is none", discordAnswers(`{"id":"1","avatar":{}}`), just(oauth.Profile{}), false},
		{"a number for an id", discordAnswers(`{"id":80351110224678912}`), oauth.Profile{}, true},
		{"no id", discordAnswers(`{"username":"nelly"}`), oauth.Profile{}, true},
		{"an error", discordAnswers(`{"message":"401: Unauthorized","code":0}`), oauth.Profile{}, true},
	})
}
