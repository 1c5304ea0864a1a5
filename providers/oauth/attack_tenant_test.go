package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// Of a provider for many tenants the callback's issuer is the token's, and neither says
// which one is right.
func TestAttackCallbackOfAnotherTenant(t *testing.T) {
	for name, row := range map[string]struct {
		tenant, iss string
		ok          bool
	}{
		"no issuer":                 {"one", "", true},
		"the token's":               {"one", rawIssuer + "/one", true},
		"another tenant's":          {"one", rawIssuer + "/two", false},
		"another provider's":        {"one", "https://liar.example", false},
		"a tenant that is not here": {"three", rawIssuer + "/three", false},
		"a tenant without issuer":   {"none", "", false},
	} {
		p, _ := newRaw(t)
		s := authtest.New(t, auth.Config{Providers: []auth.Provider{oauth.New(oauth.IDP{
			ID: "demo", Name: "Raw", ClientID: "client", Issuer: rawIssuer, Algorithms: []string{"ES256"}, Transport: p,
			AuthURL: rawIssuer + "/authorize", TokenURL: rawIssuer + "/token", JWKSURL: rawIssuer + "/jwks",
			IssuerOf: func(claims map[string]any) (string, error) {
				if tenant, _ := claims["tid"].(string); tenant == "one" || tenant == "two" {
					return rawIssuer + "/" + tenant, nil
				}
				if claims["tid"] == "none" {
					return "", nil // a careless function, and a token that agrees
				}
				return "", errors.New("no such tenant")
			},
		})}})
		p.claims = func(nonce string) string {
			iss := rawIssuer + "/" + row.tenant
			if row.tenant == "none" {
				iss = ""
			}
			return strings.Replace(rawClaims(s, nonce, `,"tid":"`+row.tenant+`"`), `"`+rawIssuer+`"`, `"`+iss+`"`, 1)
		}
		b := s.Browser()
		to, _ := begin(b, map[string]any{})
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		p.nonce = u.Query().Get("nonce")
		callback := "/auth/oauth/demo/callback?code=c&state=" + u.Query().Get("state")
		if row.iss != "" {
			callback += "&iss=" + url.QueryEscape(row.iss)
		}
		want := "oauth_failed"
		if row.ok {
			want = auth.ErrProfileRequired.Code // no address, but somebody
		}
		if r := back(b, callback); r.Code() != want {
			t.Errorf("%s: %v, want %s\n%s", name, r, want, s.Log())
		}
	}
}

// A provider that gives a refresh token at the first sign-in alone does not take it away at
// the next.
func TestAttackRefreshTokenStays(t *testing.T) {
	first := true
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		keeps(idp)
		idp.Transport = changing(idp.Transport, "/token", func(told map[string]any) {
			if !first {
				delete(told, "refresh_token")
			}
		})
	})
	userID := s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
	first = false
	if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	s.Clock.Advance(2 * time.Hour)
	if token, err := s.oauth.Token(t.Context(), userID, "demo"); err != nil || token == "" {
		t.Errorf("%q, %v", token, err)
	}
}

// A clock that is a little ahead makes no session that is proven in the future, and a server
// without ID tokens has none for apps.
func TestAttackClockAhead(t *testing.T) {
	s := lite(t)
	who := person("ada")
	who.More = map[string]any{"auth_time": s.Clock.Now().Add(30 * time.Second).Unix()}
	b := s.Browser()
	if r := s.come(t, b, who, map[string]any{"fresh": true}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	live, err := s.Auth.Sessions(t.Context(), b.Get("/auth/user").UserID())
	if err != nil || len(live) != 1 || live[0].Factors[0].At.After(s.Clock.Now()) || live[0].Factors[0].At.Before(s.Clock.Now().Add(-time.Minute)) {
		t.Errorf("%+v, %v", live, err)
	}
	s = newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		idp.AuthURL, idp.TokenURL, idp.Issuer, idp.Profile = idp.Issuer+"/authorize", idp.Issuer+"/token", "", anyProfile
	})
	if r := s.App().Post("/auth/oauth/demo/native/begin", nil); r.Code() != "unknown_provider" {
		t.Errorf("%v", r)
	}
}

// What an API adds to an ID token is about the same person, or nothing is believed.
func TestAttackProfileOfAnother(t *testing.T) {
	for name, row := range map[string]struct {
		told oauth.Profile
		want string
	}{
		"the same":       {oauth.Profile{Subject: "ada", Email: "eve@example.org", EmailVerified: true}, ""},
		"nobody in name": {oauth.Profile{Email: "eve@example.org", EmailVerified: true}, ""},
		"another":        {oauth.Profile{Subject: "eve", Email: "eve@example.org", EmailVerified: true}, "oauth_failed"},
	} {
		s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
			idp.Algorithms = []string{authtest.ES256}
			idp.Profile = func(context.Context, *http.Client, string) (oauth.Profile, error) { return row.told, nil }
		})
		s.idp.Algorithm = authtest.ES256
		who := person("ada")
		who.EmailVerified = false
		r := s.come(t, s.Browser(), who, map[string]any{})
		if r.Code() != row.want {
			t.Errorf("%s: %v, want %q", name, r, row.want)
		}
		if row.want != "" {
			continue
		}
		// The token's address stays, and is not proven by what is said of another.
		if u, err := s.Auth.User(t.Context(), r.UserID()); err != nil || u.Email != "ada@example.org" || u.EmailVerifiedAt != nil {
			t.Errorf("%s: %v, %v", name, u, err)
		}
	}
}
