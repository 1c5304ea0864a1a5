package oauth_test

import (
	"net/http"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The node "User" of the Graph API with the fields that are asked for.
const facebookUser = `{"id":"10158888888888888","name":"Jane Smith","email":"jsmith\u0040example.com",
	"picture":{"data":{"height":50,"is_silhouette":false,"url":"https:\/\/platform-lookaside.fbsbx.com\/platform\/profilepic\/?asid=1","width":50}}}`

func facebookAnswers(user string) map[string]string {
	return map[string]string{"graph.facebook.com/me": user}
}

func TestFacebook(t *testing.T) {
	checkTold(t, oauth.Facebook("client", "secret"), []told{
		{"a person", facebookAnswers(facebookUser), oauth.Profile{
			Subject: "10158888888888888", Email: "jsmith@example.com", Name: "Jane Smith",
			Picture: "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=1",
		}, false},
		{"no address", facebookAnswers(`{"id":"1","name":"J"}`), oauth.Profile{Subject: "1", Name: "J"}, false},
		{"verified, as of old", facebookAnswers(`{"id":"1","email":"a@x.example","verified":true,"email_verified":true}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"a picture that is a text", facebookAnswers(`{"id":"1","picture":"https://x.example/"}`), oauth.Profile{Subject: "1"}, false},
		{"a picture of nothing", facebookAnswers(`{"id":"1","picture":{"data":[]}}`), oauth.Profile{Subject: "1"}, false},
		{"a number for an id", facebookAnswers(`{"id":10158888888888888}`), oauth.Profile{}, true},
		{"an error", facebookAnswers(`{"error":{"message":"Invalid OAuth access token.","type":"OAuthException","code":190}}`), oauth.Profile{}, true},
	})
}

// A token that was stolen elsewhere is worth nothing to an app that demands the proof.
func TestFacebookProof(t *testing.T) {
	t.Parallel()
	api, proof := newAPI(t), ""
	api.answers["graph.facebook.com/me"] = func(w http.ResponseWriter, r *http.Request) {
		proof = r.URL.Query().Get("appsecret_proof")
		_, _ = w.Write([]byte(facebookUser))
	}
	if _, err := oauth.Facebook("client", "secret").Profile(t.Context(), api.client, accessToken); err != nil {
		t.Fatal(err)
	}
	// printf at-7f3c | openssl dgst -sha256 -hmac secret
	if want := "3bdb736194f3d280ba87ed395af890ba9adb68362701403137b191f556c4c37d"; proof != want {
		t.Errorf("got %s, want %s", proof, want)
	}
}
