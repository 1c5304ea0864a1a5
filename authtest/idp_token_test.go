package authtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

func TestIDPRefusesTokenRequests(t *testing.T) {
	app := authtest.IDPClient{ID: "app", RedirectURIs: []string{"com.example.app:/cb"}}
	strict := authtest.IDPClient{ID: "strict", Secret: "s", AuthMethod: authtest.SecretBasic, RedirectURIs: []string{callback}}
	idp, clock := newIDP(app, strict)
	c := newRP(idp)
	basic := func(id, secret string) string {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer, nil)
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		return r.Header.Get("Authorization")
	}
	const form = "application/x-www-form-urlencoded"
	for _, row := range []struct {
		name    string
		changes []string
		header  []string
		want    string
	}{
		{"nothing wrong", nil, nil, ""},
		{"the secret by Basic", []string{"client_id", "-", "client_secret", "-"}, []string{"Authorization", basic("shop", shop.Secret)}, ""},
		{"the secret by Basic, and the client's name", []string{"client_secret", "-"}, []string{"Authorization", basic("shop", shop.Secret)}, ""},
		{"the secret in two ways", nil, []string{"Authorization", basic("shop", shop.Secret)}, "invalid_request"},
		{"two clients", []string{"client_id", "app", "client_secret", "-"}, []string{"Authorization", basic("shop", shop.Secret)}, "invalid_request"},
		{"a wrong secret", []string{"client_secret", "x"}, nil, "invalid_client"},
		{"a wrong secret by Basic", []string{"client_secret", "-"}, []string{"Authorization", basic("shop", "x")}, "invalid_client"},
		{"a secret by Basic that is not encoded", []string{"client_secret", "-"}, []string{"Authorization", "Basic c2hvcDphIHNlY3JldC93aXRoICtzaWducw=="}, "invalid_client"},
		{"no secret", []string{"client_secret", "-"}, nil, "invalid_client"},
		{"an unknown client", []string{"client_id", "evil"}, nil, "invalid_client"},
		{"a public client with a secret", []string{"client_id", "app"}, nil, "invalid_client"},
		{"a public client by Basic", []string{"client_id", "-", "client_secret", "-"}, []string{"Authorization", basic("app", "")}, "invalid_client"},
		{"a secret in the way that was not agreed", []string{"client_id", "strict", "client_secret", "s"}, nil, "invalid_client"},
		{"a secret in the way that was agreed", []string{"client_id", "-", "client_secret", "-"}, []string{"Authorization", basic("strict", "s")}, "invalid_grant"},
		{"another client's code", []string{"client_id", "app", "client_secret", "-"}, nil, "invalid_grant"},
		{"no code", []string{"code", "-"}, nil, "invalid_grant"},
		{"another redirect_uri", []string{"redirect_uri", callback + "?a=1"}, nil, "invalid_grant"},
		{"no redirect_uri", []string{"redirect_uri", "-"}, nil, "invalid_grant"},
		{"another verifier", []string{"code_verifier", strings.Repeat("x", 43)}, nil, "invalid_grant"},
		{"no verifier", []string{"code_verifier", "-"}, nil, "invalid_grant"},
		{"another grant_type", []string{"grant_type", "password"}, nil, "unsupported_grant_type"},
		{"JSON", nil, []string{"Content-Type", "application/json"}, "invalid_request"},
		{"a form with a charset", nil, []string{"Content-Type", form + "; charset=utf-8"}, ""},
	} {
		f := c.form(c.code(t, person))
		for i := 0; i < len(row.changes); i += 2 {
			f.Set(row.changes[i], row.changes[i+1])
			if row.changes[i+1] == "-" {
				f.Del(row.changes[i])
			}
		}
		r := c.token(t, f, row.header...)
		got, _ := r.json(t)["error"].(string)
		want := http.StatusOK
		switch row.want {
		case "":
		case "invalid_client":
			want = http.StatusUnauthorized
		default:
			want = http.StatusBadRequest
		}
		if got != row.want || r.status != want {
			t.Errorf("%s: %v, want %d %s", row.name, r, want, row.want)
		}
		if got, want := r.header.Get("WWW-Authenticate") != "", want == http.StatusUnauthorized && len(row.header) > 0; got != want {
			t.Errorf("%s: WWW-Authenticate: %v, want %v", row.name, got, want)
		}
	}
	twice := c.form(c.code(t, person))
	twice.Add("code", "x")
	if r := c.token(t, twice); r.status != http.StatusBadRequest || r.json(t)["error"] != "invalid_request" {
		t.Errorf("a code and another: %v", r)
	}
	if r := c.token(t, url.Values{"x": {strings.Repeat("x", 65<<10)}}); r.status != http.StatusBadRequest {
		t.Errorf("a huge request: %v", r)
	}
	late := c.code(t, person)
	clock.Advance(time.Minute)
	if r := c.token(t, c.form(late)); r.json(t)["error"] != "invalid_grant" {
		t.Errorf("a code after a minute: %v", r)
	}
}

func TestIDPPublicClient(t *testing.T) {
	app := authtest.IDPClient{ID: "app", RedirectURIs: []string{"com.example.app:/cb"}}
	idp, _ := newIDP(app)
	c := newRP(idp)
	f := c.form(c.code(t, person, "client_id", "app", "redirect_uri", "com.example.app:/cb", "scope", "openid"))
	f.Set("client_id", "app")
	f.Set("redirect_uri", "com.example.app:/cb")
	f.Del("client_secret")
	tokens := c.token(t, f).json(t)
	if claims := members(t, tokens["id_token"], 1); claims["aud"] != "app" || claims["email"] != nil || claims["name"] != nil || claims["hd"] != "example.com" {
		t.Errorf("a public client with the scope openid alone gets %v", claims)
	}
	if tokens["refresh_token"] != nil {
		t.Errorf("a refresh token that nobody asked for: %v", tokens)
	}
}

// RFC 6749, 4.1.2: a code that comes twice was stolen, and so may be what it bought.
func TestIDPCodeUsedTwiceRevokes(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	code := c.code(t, person)
	tokens := c.token(t, c.form(code)).json(t)
	if r := c.userInfo(t, tokens["access_token"]); r.status != http.StatusOK {
		t.Fatalf("userinfo: %v", r)
	}
	if r := c.token(t, c.form(code)); r.status != http.StatusBadRequest || r.json(t)["error"] != "invalid_grant" {
		t.Errorf("the second time: %v", r)
	}
	if r := c.userInfo(t, tokens["access_token"]); r.status != http.StatusUnauthorized || r.header.Get("WWW-Authenticate") == "" {
		t.Errorf("the access token afterwards: %v", r)
	}
	if r := c.refresh(t, tokens["refresh_token"]); r.status != http.StatusBadRequest {
		t.Errorf("the refresh token afterwards: %v", r)
	}
	wrong := c.form(c.code(t, person))
	right := wrong.Get("code_verifier")
	wrong.Set("code_verifier", strings.Repeat("x", 43))
	c.token(t, wrong)
	wrong.Set("code_verifier", right)
	if r := c.token(t, wrong); r.status != http.StatusBadRequest {
		t.Errorf("a code after an attempt that failed: %v", r)
	}
}

func TestIDPCodeHasOneWinner(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	form := c.form(c.code(t, person))
	won := authtest.InParallel(50, func(int) int {
		r, err := c.try(t, http.MethodPost, issuer+"/token", form)
		if err != nil {
			t.Error(err)
		}
		return r.status
	})
	if won[http.StatusOK] != 1 || won[http.StatusBadRequest] != 49 {
		t.Errorf("50 redeem one code: %v", won)
	}
}

func TestIDPRefreshTokensRotate(t *testing.T) {
	idp, clock := newIDP()
	c := newRP(idp)
	first := c.token(t, c.form(c.code(t, person, "max_age", "60"))).json(t)
	clock.Advance(time.Hour)
	if r := c.userInfo(t, first["access_token"]); r.status != http.StatusUnauthorized {
		t.Errorf("an access token after an hour: %v", r)
	}
	second := c.refresh(t, first["refresh_token"]).json(t)
	claims := members(t, second["id_token"], 1)
	if claims["nonce"] != nil || claims["sub"] != "ann-1" || claims["iat"].(float64)-claims["auth_time"].(float64) != 3600 {
		t.Errorf("the refreshed token says %v", claims)
	}
	if r := c.userInfo(t, second["access_token"]); r.status != http.StatusOK {
		t.Errorf("the refreshed access token: %v", r)
	}
	third := c.refresh(t, second["refresh_token"]).json(t)
	if third["refresh_token"] == nil || third["refresh_token"] == second["refresh_token"] {
		t.Errorf("it does not rotate: %v", third)
	}
	if r := c.refresh(t, first["refresh_token"]); r.status != http.StatusBadRequest {
		t.Errorf("a refresh token used twice: %v", r)
	}
	if r := c.refresh(t, third["refresh_token"]); r.status != http.StatusBadRequest {
		t.Errorf("its descendant afterwards: %v", r)
	}
	other := c.token(t, c.form(c.code(t, person))).json(t)
	clock.Advance(30 * 24 * time.Hour)
	c.code(t, person) // clears away what is old
	if r := c.refresh(t, other["refresh_token"]); r.status != http.StatusBadRequest {
		t.Errorf("a refresh token after 30 days: %v", r)
	}
}

func TestIDPRotatesKeys(t *testing.T) {
	for _, algorithm := range []string{authtest.RS256, authtest.ES256} {
		idp, _ := newIDP()
		idp.Algorithm = algorithm
		c := newRP(idp)
		sign := func() any { return c.token(t, c.form(c.code(t, person))).json(t)["id_token"] }
		before := sign()
		if alg := members(t, before, 0)["alg"]; alg != algorithm {
			t.Errorf("signed by %v, want %s", alg, algorithm)
		}
		if err := idp.Rotate(); err != nil {
			t.Fatal(err)
		}
		after := sign()
		if members(t, before, 0)["kid"] == members(t, after, 0)["kid"] {
			t.Errorf("%s: signed by the old key", algorithm)
		}
		for name, token := range map[string]any{"before": before, "after": after} {
			if err := c.verify(t, token); err != nil {
				t.Errorf("%s: signed %s: %v", algorithm, name, err)
			}
		}
		idp.Retire()
		if err := c.verify(t, before); err != errNoKey {
			t.Errorf("%s: a key that has retired: %v", algorithm, err)
		}
		if err := c.verify(t, after); err != nil {
			t.Errorf("%s: the key that stays: %v", algorithm, err)
		}
	}
}
