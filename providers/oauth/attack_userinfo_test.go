package oauth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// That an address is verified counts for the address beside which it is said, and for no
// other that comes from elsewhere.
func TestAttackVerifiedOfAnotherAddress(t *testing.T) {
	for name, row := range map[string]struct {
		token, info string // more members
		email       string
		proven      bool
	}{
		"both in the token":                {`,"email":"ann@example.org","email_verified":true`, ``, "ann@example.org", true},
		"both at the endpoint":             {``, `,"email":"ann@example.org","email_verified":true`, "ann@example.org", true},
		"the address at the endpoint":      {`,"email_verified":true`, `,"email":"ann@example.org"`, "ann@example.org", false},
		"the address there, and null here": {`,"email":null,"email_verified":true`, `,"email":"ann@example.org"`, "ann@example.org", false},
		"verified at the endpoint":         {`,"email":"ann@example.org"`, `,"email":"eve@example.org","email_verified":true`, "ann@example.org", false},
		"verified alone at the endpoint":   {`,"email":"ann@example.org"`, `,"email_verified":true`, "ann@example.org", false},
	} {
		p, _ := newRaw(t)
		s := authtest.New(t, auth.Config{Providers: []auth.Provider{oauth.New(oauth.IDP{
			ID: "demo", Name: "Raw", ClientID: "client", Issuer: rawIssuer, Algorithms: []string{"ES256"}, Transport: p,
			AuthURL: rawIssuer + "/authorize", TokenURL: rawIssuer + "/token", JWKSURL: rawIssuer + "/jwks", UserInfoURL: rawIssuer + "/me",
			Authoritative: func(oauth.Profile) bool { return true },
		})}})
		p.claims = func(nonce string) string { return rawClaims(s, nonce, row.token) }
		p.answers["/me"] = func() (string, string) { return `{"sub":"ada"` + row.info + `}`, "application/json" }
		r := p.come(t, s)
		u, err := s.Auth.User(t.Context(), r.UserID())
		if err != nil || u.Email != row.email || (u.EmailVerifiedAt != nil) != row.proven {
			t.Errorf("%s: %v, %v, %v", name, r, u, err)
		}
	}
}

// What is too much to be kept is not, and costs nobody the sign-in.
func TestAttackMoreThanFits(t *testing.T) {
	huge := false
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		keeps(idp)
		idp.Transport = changing(idp.Transport, "/token", func(told map[string]any) {
			if huge {
				told["access_token"] = strings.Repeat("x", 20000)
			}
		})
		idp.Map = func(claims map[string]any) oauth.Profile {
			email, _ := claims["email"].(string)
			return oauth.Profile{Email: email, EmailVerified: true, Claims: map[string]any{"much": strings.Repeat("x", 20000)}}
		}
	})
	r := s.come(t, s.Browser(), person("ada"), map[string]any{})
	if r.Status != http.StatusOK || s.Client.OAuthAccount.Query().OnlyX(t.Context()).Profile != "" {
		t.Fatal(r)
	}
	before := s.Client.OAuthAccount.Query().OnlyX(t.Context())
	huge = true
	s.Clock.Advance(2 * time.Hour)
	if token, err := s.oauth.Token(t.Context(), r.UserID(), "demo"); !errors.Is(err, oauth.ErrFailed) || token != "" {
		t.Errorf("%.20q, %v", token, err)
	}
	if now := s.Client.OAuthAccount.Query().OnlyX(t.Context()); now.AccessToken != before.AccessToken {
		t.Error("something was stored")
	}
}

// Tokens that were kept once are not given out by an application that keeps none.
func TestAttackTokensFromBefore(t *testing.T) {
	client := authtest.Database(t)
	idp, how := newIDP("demo")
	keeps(&how)
	secret := [][]byte{[]byte("a secret of thirty-two bytes, or more of them")}
	before := oauth.New(how)
	s := &site{idp: idp, Site: authtest.NewOn(t, client, auth.Config{Secrets: secret, Providers: []auth.Provider{before}})}
	idp.Now = s.Clock.Now
	userID := s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
	if token, err := before.Token(t.Context(), userID, "demo"); err != nil || token == "" {
		t.Fatal(err)
	}
	how.KeepTokens = false
	now := oauth.New(how)
	authtest.NewOn(t, client, auth.Config{Secrets: secret, Providers: []auth.Provider{now}})
	if token, err := now.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrNoToken) || token != "" {
		t.Errorf("%q, %v", token, err)
	}
}
