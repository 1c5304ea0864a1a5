package oauth_test

import (
	"testing"

	"github.com/torii-go/torii/providers/oauth"
)

const (
	directory = "b9419818-09af-49c2-b0c3-653adc1f376e"
	personal  = "9188040d-6c67-4c5b-b112-36a304b66dad"
	entra     = "https://login.microsoftonline.com/"
)

// An ID token of version 2.0, after learn.microsoft.com/entra/identity-platform/id-tokens,
// with what an administrator can have put into it.
const microsoftToken = `{"ver":"2.0","iss":"https://login.microsoftonline.com/b9419818-09af-49c2-b0c3-653adc1f376e/v2.0",
	"sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","aud":"client","exp":1536361411,"iat":1536274711,"nbf":1536274711,
	"name":"Abe Lincoln","preferred_username":"AbeLi@microsoft.com","oid":"00000000-0000-0000-66f3-3332eca7ea81",
	"tid":"b9419818-09af-49c2-b0c3-653adc1f376e","nonce":"123523","email":"ceo@victim.example","email_verified":true,
	"xms_edov":true,"picture":"https://graph.microsoft.com/v1.0/me/photo/$value"}`

func TestMicrosoft(t *testing.T) {
	checkTold(t, oauth.Microsoft("common", "client", "secret"), []told{
		{"an address that nobody has verified", claims(microsoftToken), oauth.Profile{
			Subject: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", Email: "ceo@victim.example", Name: "Abe Lincoln",
			Claims: map[string]any{"tid": directory, "oid": "00000000-0000-0000-66f3-3332eca7ea81"},
		}, false},
		{"no address: the user name is none", claims(`{"sub":"s","preferred_username":"a@x.example","upn":"a@x.example"}`), oauth.Profile{Subject: "s"}, false},
		{"odd claims", claims(`{"sub":"s","email":[],"name":1,"tid":{},"oid":7}`), oauth.Profile{Subject: "s"}, false},
		{"no subject: the object id is none", claims(`{"oid":"o","tid":"t"}`), oauth.Profile{}, true},
		{"a number for a subject", claims(`{"sub":1}`), oauth.Profile{}, true},
	})
}

func TestMicrosoftIssuer(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, tenant, issuer string
		many                 bool
	}{
		{"one directory", directory, entra + directory + "/v2.0", false},
		{"one directory in capitals", "B9419818-09AF-49C2-B0C3-653ADC1F376E", entra + directory + "/v2.0", false},
		{"personal accounts", "consumers", entra + personal + "/v2.0", false},
		{"all of them", "common", entra + "common/v2.0", true},
		{"all directories", "organizations", entra + "organizations/v2.0", true},
	} {
		idp := oauth.Microsoft(row.tenant, "client", "secret")
		if idp.Issuer != row.issuer || (idp.IssuerOf != nil) != row.many {
			t.Errorf("%s: %s, of the token: %t", row.name, idp.Issuer, idp.IssuerOf != nil)
		}
		if idp.Authoritative != nil {
			t.Errorf("%s: Microsoft must not be believed", row.name)
		}
	}
}

func TestMicrosoftIssuerOf(t *testing.T) {
	t.Parallel()
	const other = "11111111-2222-3333-4444-555555555555"
	for _, row := range []struct {
		name    string
		tenant  string
		allowed []string
		tid     any
		want    string // the tenant in the issuer; "" is an error
	}{
		{"any directory", "common", nil, directory, directory},
		{"a personal account", "common", nil, personal, personal},
		{"a directory of many", "organizations", nil, directory, directory},
		{"a personal account is no organization's", "organizations", nil, personal, ""},
		{"a personal account is none, allowed or not", "organizations", []string{personal}, personal, ""},
		{"an allowed directory", "common", []string{other, directory}, directory, directory},
		{"an allowed directory in capitals", "organizations", []string{"B9419818-09AF-49C2-B0C3-653ADC1F376E"}, directory, directory},
		{"another directory", "common", []string{other}, directory, ""},
		{"a personal account among directories", "common", []string{directory}, personal, ""},
		{"an allowed personal account", "common", []string{personal}, personal, personal},
		{"no directory", "common", nil, nil, ""},
		{"an empty one", "common", []string{""}, "", ""},
		{"a number", "common", nil, 17, ""},
		{"the template", "common", nil, "{tenantid}", ""},
		{"another name for all", "common", nil, "common", ""},
		{"another path", "common", nil, "9188040d-6c67-4c5b-b112-36a304b6/../", ""},
		{"capitals", "common", nil, "B9419818-09AF-49C2-B0C3-653ADC1F376E", ""},
		{"a letter that is no digit", "common", nil, "g9419818-09af-49c2-b0c3-653adc1f376e", ""},
		{"no hyphens", "common", nil, "b941981800af049c20b0c30653adc1f376e0", ""},
		{"one that is too long", "common", nil, directory + "0", ""},
	} {
		claims := map[string]any{"tid": row.tid, "iss": "https://evil.example/v2.0"}
		got, err := oauth.Microsoft(row.tenant, "client", "secret", row.allowed...).IssuerOf(claims)
		want := entra + row.want + "/v2.0"
		if row.want == "" {
			want = ""
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", row.name, got, err, want)
		}
	}
}
