package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The answer of https://docs.slack.dev/reference/methods/openid.connect.userInfo.
const slackUser = `{"ok":true,"sub":"U0R7JM","https://slack.com/user_id":"U0R7JM","https://slack.com/team_id":"T0R7GR",
	"email":"krane@slack-corp.com","email_verified":true,"date_email_verified":1622128723,"name":"krane",
	"picture":"https://secure.gravatar.com/krane.png","given_name":"Bront","family_name":"Labradoodle","locale":"en-US",
	"https://slack.com/team_name":"kraneflannel","https://slack.com/team_domain":"kraneflannel"}`

func slackAnswers(user string) map[string]string {
	return map[string]string{"slack.com/api/openid.connect.userInfo": user}
}

func TestSlack(t *testing.T) {
	const team = `"https://slack.com/team_id":"T0R7GR"`
	checkTold(t, oauth.Slack("client", "secret"), []told{
		{"a person", slackAnswers(slackUser), oauth.Profile{
			Subject: "T0R7GR:U0R7JM", Email: "krane@slack-corp.com", EmailVerified: true, Name: "krane",
			Picture: "https://secure.gravatar.com/krane.png",
		}, false},
		{"the same id in another workspace", slackAnswers(`{"sub":"U0R7JM","https://slack.com/team_id":"T2"}`), oauth.Profile{Subject: "T2:U0R7JM"}, false},
		{"unverified", slackAnswers(`{"sub":"U","email":"a@x.example","email_verified":false,` + team + `}`), oauth.Profile{Subject: "T0R7GR:U", Email: "a@x.example"}, false},
		{"the text true", slackAnswers(`{"sub":"U","email":"a@x.example","email_verified":"true",` + team + `}`), oauth.Profile{Subject: "T0R7GR:U", Email: "a@x.example"}, false},
		{"no workspace", slackAnswers(`{"sub":"U0R7JM"}`), oauth.Profile{}, true},
		{"a workspace that is none", slackAnswers(`{"sub":"U0R7JM","https://slack.com/team_id":["T"]}`), oauth.Profile{}, true},
		{"no subject", slackAnswers(`{` + team + `}`), oauth.Profile{}, true},
		{"a number for a subject", slackAnswers(`{"sub":7,` + team + `}`), oauth.Profile{}, true},
		{"an error", slackAnswers(`{"ok":false,"error":"invalid_auth"}`), oauth.Profile{}, true},
	})
}
