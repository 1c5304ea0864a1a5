package oauth

import (
	"cmp"
	"strings"
)

// GitLab signs people in with their accounts at a GitLab. baseURL is where that is, such
// as https://gitlab.example.com; "" for https://gitlab.com. Client id and secret are made
// there under "Applications", with the scopes openid, profile and email.
//
// The subject is GitLab's "sub", the account's number there. EmailVerified is what GitLab
// says, true or false; its word is no proof, since a GitLab believes its administrators.
func GitLab(baseURL, clientID, clientSecret string) IDP {
	issuer := strings.TrimRight(cmp.Or(baseURL, "https://gitlab.com"), "/")
	idp := OpenID("gitlab", "GitLab", issuer, clientID, clientSecret)
	idp.Map = func(claims map[string]any) Profile { return fromClaims(claims, "preferred_username") }
	return idp
}
