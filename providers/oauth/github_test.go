package oauth_test

import (
	"net/http"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The answers of https://docs.github.com/rest/users, shortened.
const (
	githubUser = `{"login":"octocat","id":583231,"node_id":"MDQ6VXNlcjE=","avatar_url":"https://avatars.githubusercontent.com/u/583231?v=4",
		"type":"User","site_admin":false,"name":"monalisa octocat","email":"public@example.com","two_factor_authentication":true}`
	githubEmails = `[{"email":"old@example.com","verified":true,"primary":false,"visibility":null},
		{"email":"octocat@github.com","verified":true,"primary":true,"visibility":"private"}]`
)

func githubAnswers(user, emails string) map[string]string {
	return map[string]string{"api.github.com/user": user, "api.github.com/user/emails": emails}
}

func TestGitHub(t *testing.T) {
	octocat := oauth.Profile{
		Subject: "583231", Email: "octocat@github.com", EmailVerified: true, Name: "monalisa octocat",
		Picture: "https://avatars.githubusercontent.com/u/583231?v=4", Claims: map[string]any{"login": "octocat"},
	}
	just := func(email string, verified bool) oauth.Profile {
		return oauth.Profile{Subject: "1", Email: email, EmailVerified: verified}
	}
	checkTold(t, oauth.GitHub("client", "secret"), []told{
		{"the primary address", githubAnswers(githubUser, githubEmails), octocat, false},
		{"a primary address that is not verified", githubAnswers(`{"id":1}`, `[{"email":"a@x.example","primary":true,"verified":false}]`), just("a@x.example", false), false},
		{"another that is verified", githubAnswers(`{"id":1}`, `[{"email":"a@x.example","primary":false,"verified":true}]`), just("", false), false},
		{"texts for booleans", githubAnswers(`{"id":1}`, `[{"email":"a@x.example","primary":"true","verified":"true"}]`), just("", false), false},
		{"verified is a text", githubAnswers(`{"id":1}`, `[{"email":"a@x.example","primary":true,"verified":"true"}]`), just("a@x.example", false), false},
		{"verified is missing", githubAnswers(`{"id":1}`, `[{"email":"a@x.example","primary":true}]`), just("a@x.example", false), false},
		{"an address that is none", githubAnswers(`{"id":1}`, `[{"email":{},"primary":true,"verified":false},null]`), just("", false), false},
		{"no name", githubAnswers(`{"id":1,"name":null,"avatar_url":17,"login":[]}`, githubEmails), just("octocat@github.com", true), false},
		{"an id that a float64 would change", githubAnswers(`{"id":9007199254740993}`, githubEmails),
			oauth.Profile{Subject: "9007199254740993", Email: "octocat@github.com", EmailVerified: true}, false},
		{"an id with an exponent", githubAnswers(`{"id":1e3}`, githubEmails), oauth.Profile{}, true},
		{"an id with a fraction", githubAnswers(`{"id":1.0}`, githubEmails), oauth.Profile{}, true},
		{"an id below nothing", githubAnswers(`{"id":-1}`, githubEmails), oauth.Profile{}, true},
		{"an id of nothing", githubAnswers(`{"id":0}`, githubEmails), oauth.Profile{}, true},
		{"an id without an end", githubAnswers(`{"id":111111111111111111111111111111}`, githubEmails), oauth.Profile{}, true},
		{"an id that is a text", githubAnswers(`{"id":"583231"}`, githubEmails), oauth.Profile{}, true},
		{"an id that is a list", githubAnswers(`{"id":[583231]}`, githubEmails), oauth.Profile{}, true},
		{"no id", githubAnswers(`{"login":"octocat"}`, githubEmails), oauth.Profile{}, true},
		{"no addresses", githubAnswers(githubUser, `[]`), oauth.Profile{}, true},
	})
}

// The primary address may be the 31st, and a page has 30 unless more are asked for.
func TestGitHubAsksForAllAddresses(t *testing.T) {
	t.Parallel()
	api, asked := newAPI(t), ""
	api.say("api.github.com/user", http.StatusOK, githubUser)
	api.answers["api.github.com/user/emails"] = func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		_, _ = w.Write([]byte(githubEmails))
	}
	if _, err := oauth.GitHub("client", "secret").Profile(t.Context(), api.client, accessToken); err != nil || asked != "per_page=100" {
		t.Errorf("asked %q, %v", asked, err)
	}
}
