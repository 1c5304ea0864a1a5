package oauth_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// All ready-made providers fit into one site, and each sends a browser to its own pages
// with no more than it needs.
func TestReadyMadeBegin(t *testing.T) {
	t.Parallel()
	var idps []oauth.IDP
	for _, s := range ready(t) {
		if s.idp.AuthURL == "" { // what Google, GitLab and Twitch would tell
			s.idp.AuthURL, s.idp.TokenURL, s.idp.JWKSURL = s.idp.Issuer+"/authorize", s.idp.Issuer+"/token", s.idp.Issuer+"/keys"
		}
		idps = append(idps, s.idp)
	}
	p := oauth.New(idps...)
	authtest.New(t, auth.Config{Providers: []auth.Provider{p}})
	scopes := map[string]string{
		"google": "openid email profile", "github": "user:email", "apple": "openid email name", "microsoft": "openid email profile",
		"gitlab": "openid email profile", "discord": "identify email", "facebook": "public_profile email", "linkedin": "openid profile email",
		"slack": "openid email profile", "twitch": "openid user:read:email", "spotify": "user-read-email", "x": "users.read tweet.read users.email",
	}
	for _, idp := range idps {
		to, _, err := p.AuthorizationURL(t.Context(), idp.ID, oauth.Start{}, auth.Client{IP: netip.MustParseAddr("192.0.2.7")})
		if err != nil {
			t.Errorf("%s: %v", idp.ID, err)
			continue
		}
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if !strings.HasPrefix(to, idp.AuthURL+"?") || q.Get("client_id") != "client" || q.Get("scope") != scopes[idp.ID] {
			t.Errorf("%s: %s", idp.ID, to)
		}
		if strings.Contains(to, "secret") || (q.Get("response_mode") == "form_post") != (idp.ID == "apple") {
			t.Errorf("%s: %s", idp.ID, to)
		}
	}
}
