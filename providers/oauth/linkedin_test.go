package oauth_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The answer of learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2.
const linkedInUser = `{"sub":"782bbtaQ","name":"John Doe","given_name":"John","family_name":"Doe",
	"picture":"https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto-shrink_100_100/0/",
	"locale":{"country":"US","language":"en"},"email":"doe@email.com","email_verified":true}`

func linkedInAnswers(user string) map[string]string {
	return map[string]string{"api.linkedin.com/v2/userinfo": user}
}

func TestLinkedIn(t *testing.T) {
	checkTold(t, oauth.LinkedIn("client", "secret"), []told{
		{"a person", linkedInAnswers(linkedInUser), oauth.Profile{
			Subject: "782bbtaQ", Email: "doe@email.com", EmailVerified: true, Name: "John Doe",
			Picture: "https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto-shrink_100_100/0/",
		}, false},
		{"no address", linkedInAnswers(`{"sub":"1","name":"a"}`), oauth.Profile{Subject: "1", Name: "a"}, false},
		{"unverified", linkedInAnswers(`{"sub":"1","email":"a@x.example","email_verified":false}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"the text true", linkedInAnswers(`{"sub":"1","email":"a@x.example","email_verified":"true"}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"a number for a subject", linkedInAnswers(`{"sub":782}`), oauth.Profile{}, true},
		{"a subject of 256 bytes", linkedInAnswers(`{"sub":"` + strings.Repeat("x", 256) + `"}`), oauth.Profile{}, true},
		{"an error", linkedInAnswers(`{"status":401,"code":"REVOKED_ACCESS_TOKEN"}`), oauth.Profile{}, true},
	})
}
