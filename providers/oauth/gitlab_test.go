package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// The claims of https://docs.gitlab.com/integration/openid_connect_provider.
const gitlabToken = `{"iss":"https://gitlab.com","sub":"1234","sub_legacy":"f7f8","aud":"client","auth_time":1,"name":"Sidney Jones",
	"nickname":"sjones","preferred_username":"sjones","email":"s.jones@example.com","email_verified":true,
	"profile":"https://gitlab.com/sjones","picture":"https://gitlab.com/uploads/avatar.png","groups":["a/b"]}`

func TestGitLab(t *testing.T) {
	checkTold(t, oauth.GitLab("", "client", "secret"), []told{
		{"a person", claims(gitlabToken), oauth.Profile{
			Subject: "1234", Email: "s.jones@example.com", EmailVerified: true, Name: "Sidney Jones",
			Picture: "https://gitlab.com/uploads/avatar.png", Claims: map[string]any{"preferred_username": "sjones"},
		}, false},
		{"unverified", claims(`{"sub":"1","email":"a@x.example","email_verified":false}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"the text true", claims(`{"sub":"1","email":"a@x.example","email_verified":"true"}`), oauth.Profile{Subject: "1", Email: "a@x.example"}, false},
		{"no subject: the old one is none", claims(`{"sub_legacy":"f7f8","nickname":"sjones"}`), oauth.Profile{}, true},
		{"a number for a subject", claims(`{"sub":1234}`), oauth.Profile{}, true},
	})
}

func TestGitLabOfOnesOwn(t *testing.T) {
	t.Parallel()
	for base, issuer := range map[string]string{
		"":                            "https://gitlab.com",
		"https://gitlab.com/":         "https://gitlab.com",
		"https://git.example.com":     "https://git.example.com",
		"https://example.com/gitlab/": "https://example.com/gitlab",
	} {
		if got := oauth.GitLab(base, "client", "secret").Issuer; got != issuer {
			t.Errorf("%q: %s, want %s", base, got, issuer)
		}
	}
}
