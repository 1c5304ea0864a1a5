package oauth_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/providers/oauth"
)

const neighbour = "11111111-2222-3333-4444-555555555555" // another directory

// entraSite has Microsoft as its provider, with a fake one at its endpoints.
type entraSite struct {
	*site
	wire *wire
}

func newEntra(t testing.TB, tenant string, allowed ...string) *entraSite {
	t.Helper()
	idp, _ := newIDP("microsoft")
	idp.NoIss, idp.Algorithm = true, authtest.RS256
	how := oauth.Microsoft(tenant, "client", "s3cret of the client", allowed...)
	how.AuthURL, how.TokenURL, how.JWKSURL = idp.Issuer()+"/authorize", idp.Issuer()+"/token", idp.Issuer()+"/jwks"
	how.Transport = idp.Client().Transport
	e := &entraSite{site: &site{idp: idp}, wire: tap(&how)}
	e.oauth = oauth.New(how)
	e.Site = authtest.New(t, auth.Config{Providers: []auth.Provider{e.oauth}})
	idp.Now = e.Clock.Now
	return e
}

// callback is what comes back for somebody of whom the token tells more.
func (e *entraSite) callback(t testing.TB, b *authtest.Browser, subject string, more map[string]any) string {
	t.Helper()
	to, r := beginAt("microsoft", b, map[string]any{})
	if r.Status != http.StatusOK {
		t.Fatal(r)
	}
	tenant, _ := more["tid"].(string)
	return e.visit(t, to, authtest.Person{Subject: subject, Email: subject + "@d" + tenant + ".example", More: more})
}

func (e *entraSite) enter(t testing.TB, b *authtest.Browser, subject string, more map[string]any) *authtest.Reply {
	t.Helper()
	return back(b, e.callback(t, b, subject, more))
}

func tokenOf(tenant string) map[string]any {
	return map[string]any{"tid": tenant, "iss": entra + tenant + "/v2.0"}
}

// Of one provider for many tenants each tenant is an issuer: the same subject in two of
// them is two people, and no tenant can speak for another.
func TestTenants(t *testing.T) {
	e := newEntra(t, "common")
	ids := map[string]string{}
	for _, tenant := range []string{directory, neighbour, personal} {
		r := e.enter(t, e.Browser(), "ada", tokenOf(tenant))
		if r.Status != http.StatusOK {
			t.Fatalf("%s: %v\n%s", tenant, r, e.Log())
		}
		for other, id := range ids {
			if id == r.UserID() {
				t.Errorf("%s and %s are one", tenant, other)
			}
		}
		ids[tenant] = r.UserID()
		n, err := e.Client.OAuthAccount.Query().Where(oauthaccount.UserID(r.UserID()), oauthaccount.Issuer(entra+tenant+"/v2.0"), oauthaccount.Subject("ada")).Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%s: %d identities of this issuer, %v", tenant, n, err)
		}
	}
	for tenant, id := range ids {
		if r := e.enter(t, e.Browser(), "ada", tokenOf(tenant)); r.UserID() != id {
			t.Errorf("%s again: %v, want %s", tenant, r, id)
		}
	}
	if e.idp.DiscoveryRequests() != 0 || e.users(t) != 3 || e.links(t) != 3 {
		t.Errorf("%d discoveries, %d users, %d links", e.idp.DiscoveryRequests(), e.users(t), e.links(t))
	}
	for name, more := range map[string]map[string]any{
		"one directory in the other's name": {"tid": directory, "iss": entra + neighbour + "/v2.0"},
		"the other way round":               {"tid": neighbour, "iss": entra + directory + "/v2.0"},
		"of version 1":                      {"tid": directory, "iss": "https://sts.windows.net/" + directory + "/"},
		"no directory":                      {"iss": entra + directory + "/v2.0"},
		"a directory that is none":          {"tid": directory + "/../" + neighbour, "iss": entra + directory + "/../" + neighbour + "/v2.0"},
		"a list of directories":             {"tid": []string{directory}, "iss": entra + directory + "/v2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			before := e.ledger(t)
			e.refuses(t, before, e.enter(t, e.Browser(), "ada", more), "oauth_failed", 1)
		})
	}
}

// What the callback says of the issuer is compared with the token's, when that is known.
func TestTenantOfTheCallback(t *testing.T) {
	e := newEntra(t, "common")
	for iss, want := range map[string]string{entra + directory + "/v2.0": "", entra + neighbour + "/v2.0": "oauth_failed", entra + "common/v2.0": "oauth_failed"} {
		b, before := e.Browser(), e.ledger(t)
		r := back(b, with(e.callback(t, b, "ada", tokenOf(directory)), "iss", iss))
		if want == "" {
			if r.Status != http.StatusOK {
				t.Errorf("%s: %v\n%s", iss, r, e.Log())
			}
			continue
		}
		e.refuses(t, before, r, want, 1)
	}
}

func TestTenantsThatAreNotAllowed(t *testing.T) {
	for name, row := range map[string]struct {
		tenant  string
		allowed []string
		token   string
	}{
		"another directory":                     {"common", []string{directory}, neighbour},
		"a personal account among directories":  {"common", []string{directory}, personal},
		"a personal account at organizations":   {"organizations", nil, personal},
		"another directory where there is one":  {directory, nil, neighbour},
		"a directory where personal ones count": {"consumers", nil, directory},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEntra(t, row.tenant, row.allowed...)
			before := e.ledger(t)
			e.refuses(t, before, e.enter(t, e.Browser(), "ada", tokenOf(row.token)), "oauth_failed", 1)
		})
	}
	e := newEntra(t, "organizations", directory)
	if r := e.enter(t, e.Browser(), "ada", tokenOf(directory)); r.Status != http.StatusOK {
		t.Errorf("the directory that is allowed: %v\n%s", r, e.Log())
	}
}

// The metadata of such a provider name a template for an issuer, or nothing of use.
func TestTenantsByDiscovery(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		home := idp.Issuer
		idp.IssuerOf = func(claims map[string]any) (string, error) {
			if tenant, _ := claims["tenant"].(string); tenant == "a" || tenant == "b" {
				return home + "/" + tenant, nil
			}
			return "", errors.New("no tenant of ours")
		}
	})
	s.idp.NoIss = true
	s.idp.Lie(authtest.LieDiscoveryIssuer)
	come := func(tenant, iss string) *authtest.Reply {
		who := authtest.Person{Subject: "ada", Email: tenant + "@example.net", More: map[string]any{"tenant": tenant, "iss": s.idp.Issuer() + "/" + iss}}
		return s.come(t, s.Browser(), who, map[string]any{})
	}
	first, second := come("a", "a"), come("b", "b")
	if first.Status != http.StatusOK || second.Status != http.StatusOK || first.UserID() == second.UserID() {
		t.Errorf("%v, %v\n%s", first, second, s.Log())
	}
	for _, row := range [][2]string{{"a", "b"}, {"b", "a"}, {"c", "c"}, {"", "a"}} {
		before := s.ledger(t)
		s.refuses(t, before, come(row[0], row[1]), "oauth_failed", 1)
	}
}
