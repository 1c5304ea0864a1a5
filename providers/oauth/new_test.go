package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	client := authtest.Database(t)
	good := func() oauth.IDP { return oauth.OpenID("corp", "Corp", "https://id.corp.example", "id", "secret") }
	for name, row := range map[string]struct {
		change func(*oauth.IDP)
		want   string
	}{
		"nothing":                {func(*oauth.IDP) {}, ""},
		"this machine":           {func(i *oauth.IDP) { i.Issuer = "http://localhost:8080/demo" }, ""},
		"no id":                  {func(i *oauth.IDP) { i.ID = "" }, "ID must be"},
		"a reserved id":          {func(i *oauth.IDP) { i.ID = "accounts" }, "reserved"},
		"an id with a slash":     {func(i *oauth.IDP) { i.ID = "a/b" }, "ID must be"},
		"capitals":               {func(i *oauth.IDP) { i.ID = "Corp" }, "ID must be"},
		"no name":                {func(i *oauth.IDP) { i.Name = "" }, "Name is empty"},
		"no client":              {func(i *oauth.IDP) { i.ClientID = "" }, "ClientID is empty"},
		"plain http":             {func(i *oauth.IDP) { i.Issuer = "http://id.corp.example" }, "must be https"},
		"a user in the URL":      {func(i *oauth.IDP) { i.TokenURL = "https://a@id.corp.example" }, "must be https"},
		"no end points":          {func(i *oauth.IDP) { i.Issuer = "" }, "without Issuer"},
		"a shared secret":        {func(i *oauth.IDP) { i.Algorithms = []string{"HS256"} }, "Algorithms"},
		"no signature":           {func(i *oauth.IDP) { i.Algorithms = []string{"none"} }, "Algorithms"},
		"a parameter of Torii's": {func(i *oauth.IDP) { i.AuthParams = url.Values{"state": {"x"}} }, "AuthParams"},
		"a strange style":        {func(i *oauth.IDP) { i.AuthStyle = oauth2.AuthStyle(9) }, "AuthStyle"},
	} {
		idp := good()
		row.change(&idp)
		a, err := auth.New(client, auth.Config{BaseURL: "http://localhost", Providers: []auth.Provider{oauth.New(idp)}})
		if err == nil {
			a.Close(t.Context())
		}
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
	}
	if _, err := auth.New(client, auth.Config{BaseURL: "http://localhost", Providers: []auth.Provider{oauth.New(good(), good())}}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("twice: %v", err)
	}
	p := oauth.New(good())
	authtest.New(t, auth.Config{Providers: []auth.Provider{p}})
	if _, err := auth.New(client, auth.Config{BaseURL: "http://localhost", Providers: []auth.Provider{p}}); err == nil {
		t.Error("one value is part of two")
	}
	if _, _, err := oauth.New(good()).AuthorizationURL(t.Context(), "corp", oauth.Start{}, auth.Client{}); !errors.Is(err, auth.ErrNotMounted) {
		t.Errorf("of no Auth: %v", err)
	}
}

// An OAuth 2.0 server without ID tokens is asked who somebody is.
func TestOAuth2(t *testing.T) {
	told, failed := oauth.Profile{Subject: "42", Email: "ann@example.org", EmailVerified: true, Name: "Ann", Picture: "http://plain.example/a.png"}, error(nil)
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		idp.AuthURL, idp.TokenURL, idp.Issuer = idp.Issuer+"/authorize", idp.Issuer+"/token", ""
		idp.Profile = func(_ context.Context, client *http.Client, access string) (oauth.Profile, error) {
			if client == nil || access == "" {
				t.Error("without a client or a token")
			}
			return told, failed
		}
	})
	r := s.come(t, s.Browser(), person("ann"), map[string]any{})
	if r.Status != http.StatusOK || strings.Contains(r.String(), "plain.example") || s.idp.DiscoveryRequests() != 0 {
		t.Errorf("%v\n%s", r, s.Log())
	}
	failed = errors.New("in trouble")
	if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.Code() != "oauth_failed" || s.users(t) != 1 {
		t.Errorf("a server in trouble: %v", r)
	}
	if _, r := begin(s.Browser(), map[string]any{"fresh": true}); r.Status != http.StatusBadRequest {
		t.Errorf("fresh: %v", r)
	}
}
