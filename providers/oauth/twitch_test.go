package oauth_test

import (
	"encoding/json"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The claims of https://dev.twitch.tv/docs/authentication/getting-tokens-oidc.
const twitchToken = `{"aud":"client","exp":1697000000,"iat":1696999000,"iss":"https://id.twitch.tv/oauth2","sub":"713936733",
	"azp":"client","nonce":"n","email":"scotty@example.com","email_verified":true,
	"picture":"https://static-cdn.jtvnw.net/user-default-pictures-uv/x.png","preferred_username":"TwitchDev","updated_at":"2021-01-01T00:00:00Z"}`

func TestTwitch(t *testing.T) {
	checkTold(t, oauth.Twitch("client", "secret"), []told{
		{"a person", claims(twitchToken), oauth.Profile{
			Subject: "713936733", Email: "scotty@example.com", EmailVerified: true, Name: "TwitchDev",
			Picture: "https://static-cdn.jtvnw.net/user-default-pictures-uv/x.png",
		}, false},
		{"no address, as of one that is not verified", claims(`{"sub":"1","preferred_username":"a"}`), oauth.Profile{Subject: "1", Name: "a"}, false},
		{"unverified", claims(`{"sub":"1","email":"a@x.example","email_verified":false}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"the text true", claims(`{"sub":"1","email":"a@x.example","email_verified":"true"}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"a number for a subject", claims(`{"sub":713936733}`), oauth.Profile{}, true},
		{"no subject", claims(`{"preferred_username":"a"}`), oauth.Profile{}, true},
	})
}

// Without the parameter "claims" Twitch tells nothing but the number.
func TestTwitchAsksForClaims(t *testing.T) {
	t.Parallel()
	var asked map[string]map[string]any
	if err := json.Unmarshal([]byte(oauth.Twitch("client", "secret").AuthParams.Get("claims")), &asked); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"id_token", "userinfo"} {
		for _, claim := range []string{"email", "email_verified", "picture", "preferred_username"} {
			if value, ok := asked[place][claim]; !ok || value != nil {
				t.Errorf("%s of the %s is not asked for", claim, place)
			}
		}
	}
}
