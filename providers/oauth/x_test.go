package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The answer of https://docs.x.com/x-api/users/get-my-user with the fields that are asked for.
const xUser = `{"data":{"id":"2244994945","name":"X Dev","username":"TwitterDev","confirmed_email":"dev@example.com",
	"profile_image_url":"https://pbs.twimg.com/profile_images/1267175364003901441/tBZNFAgA_normal.jpg"}}`

func xAnswers(user string) map[string]string {
	return map[string]string{"api.x.com/2/users/me": user}
}

func TestX(t *testing.T) {
	checkTold(t, oauth.X("client", "secret"), []told{
		{"a person", xAnswers(xUser), oauth.Profile{
			Subject: "2244994945", Email: "dev@example.com", Name: "X Dev", Claims: map[string]any{"username": "TwitterDev"},
			Picture: "https://pbs.twimg.com/profile_images/1267175364003901441/tBZNFAgA_normal.jpg",
		}, false},
		{"no address, as without the scope", xAnswers(`{"data":{"id":"1","name":"a"}}`), oauth.Profile{Subject: "1", Name: "a"}, false},
		{"the blue mark is about no address", xAnswers(`{"data":{"id":"1","confirmed_email":"a@x.example","verified":true}}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"odd fields", xAnswers(`{"data":{"id":"1","name":{},"username":7,"confirmed_email":true,"profile_image_url":[]}}`), oauth.Profile{Subject: "1"}, false},
		{"a number for an id", xAnswers(`{"data":{"id":2244994945}}`), oauth.Profile{}, true},
		{"a list of people", xAnswers(`{"data":[{"id":"1"}]}`), oauth.Profile{}, true},
		{"outside of the data", xAnswers(`{"id":"1"}`), oauth.Profile{}, true},
		{"an error", xAnswers(`{"errors":[{"message":"suspended"}],"title":"Forbidden","status":403}`), oauth.Profile{}, true},
	})
}
