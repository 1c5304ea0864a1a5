package authtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

const issuer = "https://idp.example/demo"

// newIDP is a provider with a clock that stands still, and keys that are quickly made.
func newIDP(clients ...authtest.IDPClient) (*authtest.IDP, *authtest.Clock) {
	clock := authtest.NewClock()
	idp := authtest.NewIDP(issuer, append([]authtest.IDPClient{shop}, clients...)...)
	idp.Now, idp.Algorithm = clock.Now, authtest.ES256
	return idp, clock
}

// A person signs in over a network, by the form; the client reads everything by
// discovery.
func TestIDP(t *testing.T) {
	idp := authtest.NewIDPServer(t, shop)
	c := newRP(idp)
	c.http = &http.Client{CheckRedirect: c.http.CheckRedirect}
	doc := c.do(t, http.MethodGet, idp.Issuer()+"/.well-known/openid-configuration", nil).json(t)
	for name, want := range map[string]any{
		"issuer": idp.Issuer(), "authorization_endpoint": idp.Issuer() + "/authorize", "token_endpoint": idp.Issuer() + "/token",
		"userinfo_endpoint": idp.Issuer() + "/userinfo", "jwks_uri": idp.Issuer() + "/jwks", "authorization_response_iss_parameter_supported": true,
	} {
		if doc[name] != want {
			t.Errorf("discovery: %s is %v, want %v", name, doc[name], want)
		}
	}
	page := c.do(t, http.MethodGet, c.address(), nil)
	if page.status != http.StatusOK || !strings.Contains(page.body, `name="sub"`) {
		t.Fatalf("the form: %v", page)
	}
	form := url.Values{"sub": {"ann-1"}, "email": {"ann@example.com"}, "email_verified": {"true"}, "name": {"Ann"}}
	back := c.do(t, http.MethodPost, c.address(), form)
	u, err := url.Parse(back.header.Get("Location"))
	if err != nil || back.status != http.StatusSeeOther || !strings.HasPrefix(u.String(), callback+"?") {
		t.Fatalf("back to the client: %v, %q, %v", back, u, err)
	}
	q := u.Query()
	if q.Get("state") != "the-state" || q.Get("iss") != idp.Issuer() || q.Has("error") || len(q) != 3 {
		t.Errorf("the callback has %v", q)
	}
	reply := c.token(t, c.form(q.Get("code")))
	tokens := reply.json(t)
	if reply.status != http.StatusOK || tokens["token_type"] != "Bearer" || tokens["expires_in"] != 3600.0 || reply.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the tokens: %v", reply)
	}
	if err := c.verify(t, tokens["id_token"]); err != nil {
		t.Errorf("the signature: %v", err)
	}
	claims := members(t, tokens["id_token"], 1)
	half := sha256.Sum256([]byte(tokens["access_token"].(string)))
	for name, want := range map[string]any{
		"iss": idp.Issuer(), "aud": "shop", "sub": "ann-1", "nonce": "the-nonce", "email": "ann@example.com", "email_verified": true, "name": "Ann",
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]), "auth_time": nil, "azp": nil,
	} {
		if claims[name] != want {
			t.Errorf("the claim %s is %v, want %v", name, claims[name], want)
		}
	}
	if iat, exp := claims["iat"].(float64), claims["exp"].(float64); exp-iat != 600 || time.Since(time.Unix(int64(iat), 0)).Abs() > time.Minute {
		t.Errorf("made at %v, until %v", iat, exp)
	}
	info := c.userInfo(t, tokens["access_token"]).json(t)
	if info["sub"] != "ann-1" || info["email"] != "ann@example.com" || info["email_verified"] != true || info["iss"] != nil {
		t.Errorf("userinfo: %v", info)
	}
	got := []int{idp.DiscoveryRequests(), idp.AuthorizeRequests(), idp.TokenRequests(), idp.JWKSRequests(), idp.UserInfoRequests(), idp.Followed()}
	for i, want := range []int{1, 2, 1, 1, 1, 0} {
		if got[i] != want {
			t.Errorf("the counters are %v", got)
			break
		}
	}
}

func TestIDPSignsPeopleInFromItsQueue(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	idp.Queue(person)
	idp.QueueError("access_denied", "no & never")
	for i, want := range []string{"code", "error", ""} {
		r := c.do(t, http.MethodGet, c.address(), nil)
		u, err := url.Parse(r.header.Get("Location"))
		if err != nil || want != "" && !u.Query().Has(want) || want == "" && r.status != http.StatusOK {
			t.Errorf("the authorization number %d: %v to %q, want %q", i, r.status, u, want)
		}
		if want == "error" && (u.Query().Get("error_description") != "no & never" || u.Query().Get("state") != "the-state") {
			t.Errorf("the error: %q", u)
		}
	}
}

func TestIDPServesOnlyWhatItHas(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	for _, row := range []struct {
		name, method, path string
		want               int
	}{
		{"nothing at the issuer itself", http.MethodGet, "/", http.StatusNotFound},
		{"nothing below an endpoint", http.MethodGet, "/jwks/x", http.StatusNotFound},
		{"no token by GET", http.MethodGet, "/token", http.StatusMethodNotAllowed},
		{"no keys by POST", http.MethodPost, "/jwks", http.StatusMethodNotAllowed},
		{"keys", http.MethodGet, "/jwks", http.StatusOK},
	} {
		if r := c.do(t, row.method, issuer+row.path, nil); r.status != row.want {
			t.Errorf("%s: %v", row.name, r)
		}
	}
	outside, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://idp.example/jwks", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.http.Do(outside); err == nil || !strings.Contains(err.Error(), "there is nothing but") {
		t.Errorf("the client reaches an address that is not the provider's: %v", err)
	}
}

// Many sign in at once, and each gets the own tokens.
func TestIDPKeepsPeopleApart(t *testing.T) {
	idp, _ := newIDP()
	var tokens [50]any
	authtest.InParallel(len(tokens), func(i int) struct{} {
		c, who := newRP(idp), person
		who.Subject = strings.Repeat("x", i+1)
		back, err := idp.SignIn(c.address(), who)
		if err != nil {
			t.Error(err)
			return struct{}{}
		}
		u, _ := url.Parse(back.URL)
		r, err := c.try(t, http.MethodPost, issuer+"/token", c.form(u.Query().Get("code")))
		var body struct {
			IDToken string `json:"id_token"`
		}
		if err != nil || json.Unmarshal([]byte(r.body), &body) != nil {
			t.Errorf("number %d: %v, %v", i, r, err)
			return struct{}{}
		}
		tokens[i] = body.IDToken
		return struct{}{}
	})
	for i, token := range tokens {
		if sub := members(t, token, 1)["sub"]; sub != strings.Repeat("x", i+1) {
			t.Errorf("number %d is %v", i, sub)
		}
	}
	if n := idp.TokenRequests(); n != len(tokens) {
		t.Errorf("%d requests for tokens", n)
	}
}

// What a test makes of a person is told as it is; what cannot be told is an error.
func TestIDPTellsMore(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	odd := person
	odd.More = map[string]any{"iss": "https://login.example/tenant", "email_verified": 1, "groups": []string{"a", "b"}}
	claims := members(t, c.token(t, c.form(c.code(t, odd))).json(t)["id_token"], 1)
	if claims["iss"] != "https://login.example/tenant" || claims["email_verified"] != 1.0 || len(claims["groups"].([]any)) != 2 {
		t.Errorf("claims %v", claims)
	}
	odd.More = map[string]any{"f": func() {}}
	if r := c.token(t, c.form(c.code(t, odd))); r.status != http.StatusInternalServerError || r.json(t)["error"] != "server_error" {
		t.Errorf("an ID token of a function: %v", r)
	}
	access := c.token(t, c.form(c.code(t, odd, "scope", "email"))).json(t)
	if access["id_token"] != nil {
		t.Errorf("an ID token without the scope openid: %v", access)
	}
	if r := c.userInfo(t, access["access_token"]); r.status != http.StatusInternalServerError || r.json(t)["error"] != "server_error" {
		t.Errorf("userinfo of a function: %v", r)
	}
}
