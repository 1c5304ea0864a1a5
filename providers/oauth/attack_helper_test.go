package oauth_test

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/torii-go/torii/providers/oauth"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// anyProfile is an OAuth 2.0 server that knows one person.
func anyProfile(context.Context, *http.Client, string) (oauth.Profile, error) {
	return oauth.Profile{Subject: "42", Email: "ada@example.org", EmailVerified: true}, nil
}
