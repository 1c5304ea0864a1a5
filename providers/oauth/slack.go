package oauth

import (
	"context"
	"net/http"
)

// Slack signs people in with their accounts in Slack workspaces ("Sign in with Slack").
// Client id and secret are made at https://api.slack.com/apps; the app asks for the user
// scopes openid, email and profile.
//
// The subject is the workspace's id and the user's, "T0R7GR:U0R7JM": Slack warns that the
// user's alone, which is all that is in "sub", may be somebody else's in another
// workspace. So the API is asked, and not the ID token. EmailVerified is what Slack says;
// its word is no proof, since a workspace's administrators can change addresses.
func Slack(clientID, clientSecret string) IDP {
	return IDP{
		ID: "slack", Name: "Slack", ClientID: clientID, ClientSecret: clientSecret,
		AuthURL:  "https://slack.com/openid/connect/authorize",
		TokenURL: "https://slack.com/api/openid.connect.token",
		Scopes:   []string{"openid", "email", "profile"},
		Profile:  slackProfile,
	}
}

func slackProfile(ctx context.Context, client *http.Client, accessToken string) (Profile, error) {
	var claims map[string]any
	if err := getJSON(ctx, client, accessToken, "https://slack.com/api/openid.connect.userInfo", &claims); err != nil {
		return Profile{}, err
	}
	p, team := fromClaims(claims), textOf(claims["https://slack.com/team_id"])
	if p.Subject == "" || team == "" {
		return Profile{}, errNobody
	}
	p.Subject = team + ":" + p.Subject
	return known(p)
}
