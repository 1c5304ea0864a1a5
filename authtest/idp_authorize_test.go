package authtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

// With an error that must not travel the person sees a page; otherwise the client is told.
func TestIDPRefusesAuthorizations(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	for _, row := range []struct{ name, address, want string }{
		{"an unknown client", c.address("client_id", "evil"), "page"},
		{"no client", c.address("client_id", "-"), "page"},
		{"two clients", c.address() + "&client_id=shop", "page"},
		{"no redirect_uri", c.address("redirect_uri", "-"), "page"},
		{"another redirect_uri", c.address("redirect_uri", "https://evil.example/"), "page"},
		{"a longer redirect_uri", c.address("redirect_uri", callback+"/x"), "page"},
		{"a redirect_uri in capitals", c.address("redirect_uri", strings.ToUpper(callback)), "page"},
		{"two redirect_uris", c.address() + "&redirect_uri=" + url.QueryEscape(callback), "page"},
		{"a state twice", c.address() + "&state=b", "invalid_request"},
		{"another response_type", c.address("response_type", "id_token"), "unsupported_response_type"},
		{"another response_mode", c.address("response_mode", "fragment"), "invalid_request"},
		{"a request object", c.address("request", "x"), "request_not_supported"},
		{"a link to a request object", c.address("request_uri", "https://evil.example/"), "request_uri_not_supported"},
		{"no PKCE", c.address("code_challenge", "-"), "invalid_request"},
		{"plain PKCE", c.address("code_challenge_method", "plain"), "invalid_request"},
		{"PKCE of no method", c.address("code_challenge_method", "-"), "invalid_request"},
		{"a challenge that is no hash", c.address("code_challenge", strings.Repeat("a", 42)), "invalid_request"},
		{"none and more", c.address("prompt", "none login"), "invalid_request"},
		{"nobody to be signed in silently", c.address("prompt", "none"), "login_required"},
		{"a max_age of letters", c.address("max_age", "x"), "invalid_request"},
		{"a max_age below zero", c.address("max_age", "-1"), "invalid_request"},
		{"what is right", c.address(), "form"},
		{"what is right, with a redirect_uri that has a query", c.address("redirect_uri", callback+"?a=1"), "form"},
	} {
		r := c.do(t, http.MethodGet, row.address, nil)
		got := "page"
		if u, err := url.Parse(r.header.Get("Location")); err == nil && r.status == http.StatusSeeOther {
			if got = u.Query().Get("error"); !strings.HasPrefix(u.String(), callback+"?") || u.Query().Get("iss") != issuer || !u.Query().Has("state") {
				t.Errorf("%s: sent to %q", row.name, u)
			}
		} else if r.status == http.StatusOK {
			got = "form"
		} else if r.status != http.StatusBadRequest || r.header.Get("Location") != "" {
			t.Errorf("%s: %v", row.name, r)
		}
		if got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

func TestIDPForm(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	for _, row := range []struct {
		name string
		form url.Values
		want map[string]any
	}{
		{"an address that is verified", url.Values{"sub": {"a"}, "email": {"a@b.example"}, "email_verified": {"true"}}, map[string]any{"email": "a@b.example", "email_verified": true}},
		{"an address that is not", url.Values{"sub": {"a"}, "email": {"a@b.example"}}, map[string]any{"email": "a@b.example", "email_verified": false}},
		{"no address", url.Values{"sub": {"a"}, "email": {""}, "email_verified": {"true"}}, map[string]any{"email": nil, "email_verified": nil}},
		{"a name", url.Values{"sub": {"a"}, "name": {"Ann"}}, map[string]any{"name": "Ann", "picture": nil}},
	} {
		r := c.do(t, http.MethodPost, c.address(), row.form)
		u, err := url.Parse(r.header.Get("Location"))
		if err != nil || r.status != http.StatusSeeOther {
			t.Fatalf("%s: %v", row.name, r)
		}
		claims := members(t, c.token(t, c.form(u.Query().Get("code"))).json(t)["id_token"], 1)
		for name, want := range row.want {
			if claims[name] != want {
				t.Errorf("%s: %s is %v, want %v", row.name, name, claims[name], want)
			}
		}
	}
	r := c.do(t, http.MethodPost, c.address(), url.Values{"deny": {"Deny"}})
	if u, err := url.Parse(r.header.Get("Location")); err != nil || u.Query().Get("error") != "access_denied" || u.Query().Get("state") != "the-state" || u.Query().Has("code") {
		t.Errorf("a no: %v to %q", r, u)
	}
	for _, sub := range []string{"", strings.Repeat("s", 256), "bj\u00f6rn", "a\nb"} {
		if r := c.do(t, http.MethodPost, c.address(), url.Values{"sub": {sub}}); r.status != http.StatusBadRequest || !strings.Contains(r.body, `role="alert"`) {
			t.Errorf("the subject %q: %v", sub, r)
		}
	}
	// Core, 3.1.2.1: the request itself may be posted.
	_, query, _ := strings.Cut(c.address("login_hint", "hint@b.example"), "?")
	posted, _ := url.ParseQuery(query)
	if r := c.do(t, http.MethodPost, issuer+"/authorize", posted); r.status != http.StatusOK || !strings.Contains(r.body, `value="hint@b.example"`) || !strings.Contains(r.body, "state=the-state") {
		t.Errorf("a request by POST: %v", r)
	}
}

func TestIDPAuthTime(t *testing.T) {
	idp, clock := newIDP()
	c := newRP(idp)
	known := person
	known.SignedInAt = clock.Now().Add(-time.Hour)
	now, then := clock.Now().Unix(), clock.Now().Add(-time.Hour).Unix()
	for _, row := range []struct {
		name    string
		who     authtest.Person
		changes []string
		want    int64 // 0: none; negative: login_required
	}{
		{"not asked for", person, nil, 0},
		{"somebody new", person, []string{"max_age", "600"}, now},
		{"somebody known, recently enough", known, []string{"max_age", "3600"}, then},
		{"somebody known, too long ago", known, []string{"max_age", "3599"}, now},
		{"right now", known, []string{"max_age", "0"}, now},
		{"anew", known, []string{"max_age", "7200", "prompt", "login"}, now},
		{"silently", known, []string{"max_age", "7200", "prompt", "none"}, then},
		{"silently, too long ago", known, []string{"max_age", "60", "prompt", "none"}, -1},
	} {
		if row.want < 0 {
			back, err := idp.SignIn(c.address(row.changes...), row.who)
			if err != nil || !strings.Contains(back.URL, "error=login_required") {
				t.Errorf("%s: %v, %v", row.name, back, err)
			}
			continue
		}
		claims := members(t, c.token(t, c.form(c.code(t, row.who, row.changes...))).json(t)["id_token"], 1)
		if got, _ := claims["auth_time"].(float64); int64(got) != row.want {
			t.Errorf("%s: auth_time is %v, want %d", row.name, claims["auth_time"], row.want)
		}
	}
}

func TestIDPCallbacks(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	if back, err := idp.SignIn(c.address("redirect_uri", callback+"?a=1", "state", "-"), person); err != nil ||
		!strings.HasPrefix(back.URL, callback+"?a=1&code=") || strings.Contains(back.URL, "state") || back.Form != nil {
		t.Errorf("a redirect_uri with a query, without a state: %v, %v", back, err)
	}
	back, err := idp.SignIn(c.address("response_mode", "form_post"), person)
	if err != nil || back.URL != callback || back.Form.Get("state") != "the-state" || back.Form.Get("iss") != issuer {
		t.Fatalf("form_post: %v, %v", back, err)
	}
	if r := c.token(t, c.form(back.Form.Get("code"))); r.status != http.StatusOK {
		t.Errorf("a code by form_post: %v", r)
	}
	if back, err := idp.Refuse(c.address(), "temporarily_unavailable", ""); err != nil || !strings.Contains(back.URL, "error=temporarily_unavailable") || strings.Contains(back.URL, "error_description") {
		t.Errorf("a refusal: %v, %v", back, err)
	}
	if back, err := idp.SignIn(c.address("response_type", "token"), person); err != nil || !strings.Contains(back.URL, "error=unsupported_response_type") {
		t.Errorf("a request that is wrong: %v, %v", back, err)
	}
	for _, address := range []string{"https://evil.example/authorize?client_id=shop", issuer + "/authorize?%zz", c.address("client_id", "evil")} {
		if back, err := idp.SignIn(address, person); err == nil {
			t.Errorf("%s: %v", address, back)
		}
	}
	idp.NoIss = true
	if back, err := idp.SignIn(c.address(), person); err != nil || strings.Contains(back.URL, "iss=") {
		t.Errorf("a provider without iss: %v, %v", back, err)
	}
	if doc := c.do(t, http.MethodGet, issuer+"/.well-known/openid-configuration", nil); strings.Contains(doc.body, "iss_parameter") {
		t.Errorf("a provider without iss announces it: %v", doc)
	}
}
