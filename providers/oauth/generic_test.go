package oauth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

// Any provider that can be discovered needs five words and nothing else.
func TestOpenID(t *testing.T) {
	t.Parallel()
	got := oauth.OpenID("acme", "Acme", "https://id.acme.example/realms/staff", "client", "secret")
	want := oauth.IDP{
		ID: "acme", Name: "Acme", Issuer: "https://id.acme.example/realms/staff",
		ClientID: "client", ClientSecret: "secret",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// told is a row of a provider's table: what it answers, and what must come of it.
type told struct {
	name string
	// answers are bodies by host and path; "claims" is an ID token's payload.
	answers map[string]string
	want    oauth.Profile
	// fails says that there must be an error instead.
	fails bool
}

// claims are the answers of an OpenID provider.
func claims(payload string) map[string]string { return map[string]string{"claims": payload} }

// checkTold runs a provider's table.
func checkTold(t *testing.T, idp oauth.IDP, rows []told) {
	t.Helper()
	t.Parallel()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := profileOf(t, idp, row.answers)
			switch {
			case row.fails && err == nil:
				t.Fatalf("got %+v, want an error", got)
			case row.fails:
				return
			case err != nil:
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("got  %+v\nwant %+v", got, row.want)
			}
		})
	}
}

// profileOf maps an ID token's claims, or asks the provider's API as it stands in a
// server on this machine.
func profileOf(t *testing.T, idp oauth.IDP, answers map[string]string) (oauth.Profile, error) {
	t.Helper()
	if payload, ok := answers["claims"]; ok {
		got := idp.Map(decoded(t, payload, false))
		if again := idp.Map(decoded(t, payload, true)); !reflect.DeepEqual(got, again) {
			t.Errorf("numbers as json.Number: %+v, as float64: %+v", again, got)
		}
		if got.Subject == "" {
			return got, fmt.Errorf("no subject in %s", payload)
		}
		return got, nil
	}
	api := newAPI(t)
	for address, body := range answers {
		api.say(address, http.StatusOK, body)
	}
	return idp.Profile(context.Background(), api.client, accessToken)
}

func decoded(t *testing.T, payload string, numbers bool) map[string]any {
	t.Helper()
	var claims map[string]any
	dec := json.NewDecoder(strings.NewReader(payload))
	if numbers {
		dec.UseNumber()
	}
	if err := dec.Decode(&claims); err != nil {
		t.Fatalf("%v: %s", err, payload)
	}
	return claims
}

const accessToken = "at-7f3c"

// fakeAPI stands in for the APIs of all providers: its client reaches it under any name.
type fakeAPI struct {
	client  *http.Client
	answers map[string]http.HandlerFunc // by host and path
}

func newAPI(t *testing.T) *fakeAPI {
	t.Helper()
	api := &fakeAPI{answers: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := api.answers[r.Host+r.URL.Path]
		switch {
		case !ok:
			t.Errorf("asked %s%s", r.Host, r.URL.Path)
			http.NotFound(w, r)
		case r.Method != http.MethodGet, r.Header.Get("Authorization") != "Bearer "+accessToken, r.Header.Get("Accept") != "application/json":
			t.Errorf("%s%s: %s with %v", r.Host, r.URL.Path, r.Method, r.Header)
		case strings.Contains(r.URL.RawQuery, accessToken):
			t.Errorf("%s: the token is in the URL", r.URL)
		default:
			answer(w, r)
		}
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	api.client = &http.Client{
		Transport: toServer{t, at.Host},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	return api
}

func (api *fakeAPI) say(address string, status int, body string) {
	api.answers[address] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example/")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// toServer sends every request to one server, which sees for whom it was meant.
type toServer struct {
	t    *testing.T
	host string
}

func (to toServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		to.t.Errorf("%s is asked without TLS", r.URL.Host)
	}
	sent := r.Clone(r.Context())
	sent.Host, sent.URL.Scheme, sent.URL.Host = r.URL.Host, "http", to.host
	return http.DefaultTransport.RoundTrip(sent)
}

// service is a ready-made provider with answers that tell of somebody.
type service struct {
	idp     oauth.IDP
	answers map[string]string
}

// ready are all of them.
func ready(t testing.TB) []service {
	return []service{
		{oauth.Google("client", "secret"), claims(googleToken)},
		{oauth.GitHub("client", "secret"), githubAnswers(githubUser, githubEmails)},
		{oauth.Apple("client", "team", "key", appleKey(t)), claims(appleToken)},
		{oauth.Microsoft("common", "client", "secret"), claims(microsoftToken)},
		{oauth.GitLab("", "client", "secret"), claims(gitlabToken)},
		{oauth.Discord("client", "secret"), discordAnswers(discordUser)},
		{oauth.Facebook("client", "secret"), facebookAnswers(facebookUser)},
		{oauth.LinkedIn("client", "secret"), linkedInAnswers(linkedInUser)},
		{oauth.Slack("client", "secret"), slackAnswers(slackUser)},
		{oauth.Twitch("client", "secret"), claims(twitchToken)},
		{oauth.Spotify("client", "secret"), spotifyAnswers(spotifyUser)},
		{oauth.X("client", "secret"), xAnswers(xUser)},
	}
}

func TestReadyMade(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"accounts": true}
	for _, s := range ready(t) {
		idp := s.idp
		if seen[idp.ID] || idp.ID == "" || strings.Trim(idp.ID, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("id %q is taken, or does not fit a route", idp.ID)
		}
		seen[idp.ID] = true
		if idp.Name == "" || idp.ClientID != "client" || (idp.ClientSecret == "") == (idp.Secret == nil) {
			t.Errorf("%s: no name, client or secret", idp.ID)
		}
		if (idp.Issuer == "") != (idp.Profile != nil) || (idp.Issuer == "") == (idp.Map != nil) {
			t.Errorf("%s: must have an issuer and a mapping, or a profile", idp.ID)
		}
		if idp.Issuer == "" && (idp.AuthURL == "" || idp.TokenURL == "" || len(idp.Scopes) == 0) {
			t.Errorf("%s: without an issuer nothing is discovered", idp.ID)
		}
		for _, address := range []string{idp.Issuer, idp.AuthURL, idp.TokenURL, idp.UserInfoURL, idp.JWKSURL} {
			if address == "" {
				continue
			}
			if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
				t.Errorf("%s: %s", idp.ID, address)
			}
		}
		got, err := profileOf(t, idp, s.answers)
		if err != nil || got.Subject == "" || !strings.Contains(got.Email, "@") || got.Name == "" && idp.ID != "apple" {
			t.Errorf("%s: %+v, %v", idp.ID, got, err)
		}
		believed := idp.Authoritative != nil && idp.Authoritative(got)
		if want := idp.ID == "google" || idp.ID == "apple"; believed != want {
			t.Errorf("%s: believed %t, want %t", idp.ID, believed, want)
		}
	}
}
