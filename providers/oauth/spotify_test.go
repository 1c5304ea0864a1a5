package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The answer of https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile.
const spotifyUser = `{"country":"SE","display_name":"JM Wizzler","email":"email@example.com",
	"external_urls":{"spotify":"https://open.spotify.com/user/wizzler"},"followers":{"href":null,"total":3829},
	"href":"https://api.spotify.com/v1/users/wizzler","id":"wizzler",
	"images":[{"height":300,"url":"https://i.scdn.co/image/ab67616d00001e02ff9ca10b55ce82ae553c8228","width":300},{"height":64,"url":"https://i.scdn.co/small"}],
	"product":"premium","type":"user","uri":"spotify:user:wizzler"}`

func spotifyAnswers(user string) map[string]string {
	return map[string]string{"api.spotify.com/v1/me": user}
}

func TestSpotify(t *testing.T) {
	checkTold(t, oauth.Spotify("client", "secret"), []told{
		{"a person", spotifyAnswers(spotifyUser), oauth.Profile{
			Subject: "wizzler", Email: "email@example.com", Name: "JM Wizzler",
			Picture: "https://i.scdn.co/image/ab67616d00001e02ff9ca10b55ce82ae553c8228",
		}, false},
		{"never verified", spotifyAnswers(`{"id":"a","email":"a@x.example","email_verified":true,"verified":true}`), oauth.Profile{Subject: "a", Email: "a@x.example"}, false},
		{"no name, no images", spotifyAnswers(`{"id":"a","display_name":null,"images":[]}`), oauth.Profile{Subject: "a"}, false},
		{"images that are none", spotifyAnswers(`{"id":"a","images":[[],7]}`), oauth.Profile{Subject: "a"}, false},
		{"an image for a list", spotifyAnswers(`{"id":"a","images":{"url":"https://x.example"}}`), oauth.Profile{Subject: "a"}, false},
		{"a number for an id", spotifyAnswers(`{"id":12}`), oauth.Profile{}, true},
		{"an error", spotifyAnswers(`{"error":{"status":401,"message":"Invalid access token"}}`), oauth.Profile{}, true},
	})
}
