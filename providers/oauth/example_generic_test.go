package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/providers/oauth"
)

// A server that knows OAuth 2.0 only is described by its endpoints and a function that
// asks it who somebody is. The client that the function is given has a time-out, follows
// no redirect and reads no more than 1 MiB.
func ExampleIDP() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id": "4711", "mail": "ann@example.com", "mail_confirmed": true}`)
	}))
	defer server.Close()

	forge := oauth.IDP{
		ID: "forge", Name: "Forge", ClientID: "client", ClientSecret: "secret",
		AuthStyle: oauth2.AuthStyleInHeader,
		AuthURL:   "https://forge.example.com/oauth/authorize",
		TokenURL:  "https://forge.example.com/oauth/token",
		Scopes:    []string{"profile"},
		Profile: func(ctx context.Context, client *http.Client, accessToken string) (oauth.Profile, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/me", nil)
			if err != nil {
				return oauth.Profile{}, err
			}
			req.Header.Set("Authorization", "Bearer "+accessToken)
			res, err := client.Do(req)
			if err != nil {
				return oauth.Profile{}, err
			}
			defer res.Body.Close()
			var me struct {
				ID        string `json:"id"` // what never changes: neither the address nor a login
				Mail      string `json:"mail"`
				Confirmed bool   `json:"mail_confirmed"`
			}
			if res.StatusCode != http.StatusOK || json.NewDecoder(res.Body).Decode(&me) != nil {
				return oauth.Profile{}, errors.New("forge did not say who it is")
			}
			return oauth.Profile{Subject: me.ID, Email: me.Mail, EmailVerified: me.Confirmed}, nil
		},
	}

	who, err := forge.Profile(context.Background(), http.DefaultClient, "access-token")
	fmt.Println(who.Subject, who.Email, who.EmailVerified, err)
	// Output: 4711 ann@example.com true <nil>
}

// With a provider that can be discovered there is nothing else to say.
func ExampleOpenID() {
	work := oauth.OpenID("work", "Work account", "https://id.example.com/realms/staff", "client", "secret")
	// It runs the mailboxes of this domain, so its word for them is as good as a mail.
	work.Authoritative = func(p oauth.Profile) bool { return p.EmailVerified && hasDomain(p.Email, "example.com") }
	fmt.Println(work.Name, "at", work.Issuer)
	// Output: Work account at https://id.example.com/realms/staff
}
