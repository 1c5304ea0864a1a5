package oauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// asOAuth2 makes an OAuth 2.0 server of a provider: without ID tokens, and so without a
// nonce. A code is tied to its browser by PKCE and the state alone.
func asOAuth2(idp *oauth.IDP) {
	at := idp.Issuer
	idp.AuthURL, idp.TokenURL, idp.Issuer = at+"/authorize", at+"/token", ""
	idp.Profile = func(ctx context.Context, client *http.Client, access string) (oauth.Profile, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/userinfo", nil)
		if err != nil {
			return oauth.Profile{}, err
		}
		r.Header.Set("Authorization", "Bearer "+access)
		res, err := client.Do(r)
		if err != nil {
			return oauth.Profile{}, err
		}
		defer res.Body.Close()
		var told struct{ Sub string }
		err = json.NewDecoder(res.Body).Decode(&told)
		return oauth.Profile{Subject: told.Sub, Email: told.Sub + "@example.org"}, err
	}
}

// Mallory has got hold of Ada's code, and brings it in by an attempt of her own (RFC 9700,
// section 4.5): it is of no use without the verifier of Ada's.
func stolenCode(t *testing.T) {
	var w *wire
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { asOAuth2(idp); w = tap(idp) })
	codeOf := func(callback string) string { u, _ := url.Parse(callback); return u.Query().Get("code") }
	ada := s.Browser()
	adas, _ := begin(ada, map[string]any{})
	stolen := codeOf(s.visit(t, adas, person("ada")))

	mallory, before := s.Browser(), s.ledger(t)
	to, r := begin(mallory, map[string]any{})
	callback := s.visit(t, to, person("mallory"))
	verifier := func() string { return w.sent().Get("code_verifier") }
	s.refuses(t, before, back(mallory, with(callback, "code", stolen)), "oauth_failed", 1)
	if !strings.Contains(s.Log(), "invalid_grant") {
		t.Errorf("it is refused for another reason:\n%s", s.Log())
	}
	// The verifier is 256 bits, of this attempt alone, and was nowhere but in that request.
	mine := verifier()
	sum := sha256.Sum256([]byte(mine))
	u, err := url.Parse(to)
	if err != nil || len(mine) < 43 || u.Query().Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || u.Query().Get("code_challenge_method") != "S256" {
		t.Errorf("a verifier of %d characters for %s", len(mine), to)
	}
	if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK || verifier() == mine {
		t.Errorf("%v, with the same verifier: %t", r, verifier() == mine)
	}
	for where, text := range map[string]string{"URL": to, "answer": r.String(), "log": s.Log(), "cookie": mallory.Cookie("__Host-torii_flow")} {
		if strings.Contains(text, mine) {
			t.Errorf("the verifier is in the %s", where)
		}
	}
}

// Each state is refused before the provider is asked.
func badStates(t *testing.T) {
	tellLies(t, "OA-02")
	s := lite(t)
	for name, row := range map[string]struct {
		come func(b *authtest.Browser, callback string) *authtest.Reply
		want string
	}{
		"another browser": {func(_ *authtest.Browser, callback string) *authtest.Reply { return back(s.Browser(), callback) }, "oauth_flow_missing"},
		"another browser in the middle of something": {func(_ *authtest.Browser, callback string) *authtest.Reply {
			b := s.Browser()
			begin(b, map[string]any{})
			return back(b, callback)
		}, "oauth_expired"},
		"absent": {func(b *authtest.Browser, callback string) *authtest.Reply {
			return back(b, with(callback, "state", ""))
		}, "oauth_expired"},
		"empty": {func(b *authtest.Browser, callback string) *authtest.Reply {
			return back(b, with(callback, "state", "")+"&state=")
		}, "oauth_expired"},
		"made up": {func(b *authtest.Browser, callback string) *authtest.Reply {
			return back(b, with(callback, "state", strings.Repeat("A", 43)))
		}, "oauth_expired"},
		"another's": {func(b *authtest.Browser, callback string) *authtest.Reply {
			theirs, _ := begin(s.Browser(), map[string]any{})
			u, _ := url.Parse(theirs)
			return back(b, with(callback, "state", u.Query().Get("state")))
		}, "oauth_expired"},
		"there twice": {func(b *authtest.Browser, callback string) *authtest.Reply { return back(b, callback+"&state=x") }, "oauth_failed"},
		"ten minutes old": {func(b *authtest.Browser, callback string) *authtest.Reply {
			s.Clock.Advance(10 * time.Minute)
			return back(b, callback)
		}, "oauth_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			b, before := s.Browser(), s.ledger(t)
			to, _ := begin(b, map[string]any{})
			s.refuses(t, before, row.come(b, s.visit(t, to, person("ada"))), row.want, 0)
		})
	}
}

// A provider that is in league with Mallory sends people on to another's callback, to get
// at their codes or to bring in its own (RFC 9700, section 4.4).
func mixUp(t *testing.T) {
	s := newPair(t)
	for at, want := range map[string]string{"/other/": "oauth_expired", "/nobody/": "unknown_provider"} {
		b, before := s.Browser(), s.ledger(t)
		beginAt("other", b, map[string]any{}) // it waits in the same browser
		to, _ := begin(b, map[string]any{})
		s.refuses(t, before, back(b, strings.Replace(s.visit(t, to, person("ada")), "/demo/", at, 1)), want, 0)
	}
	b, before := s.Browser(), s.ledger(t)
	begin(b, map[string]any{})
	to, _ := beginAt("other", b, map[string]any{})
	cb, err := s.other.SignIn(to, person("mallory"))
	if err != nil {
		t.Fatal(err)
	}
	s.refuses(t, before, back(b, strings.Replace(cb.URL, "/other/", "/demo/", 1)), "oauth_expired", 0)
}

// RFC 9207. A callback that is refused for its issuer is used up.
func callbackIssuers(t *testing.T) {
	tellLies(t, "OA-04")
	s := lite(t)
	for _, iss := range []string{issuer + "/other", issuer + "/demo/", issuer + "/DEMO", "https://liar.example"} {
		b, before := s.Browser(), s.ledger(t)
		to, _ := begin(b, map[string]any{})
		callback := s.visit(t, to, person("ada"))
		s.refuses(t, before, back(b, with(callback, "iss", iss)), "oauth_failed", 0)
		s.refuses(t, before, back(b, callback), "oauth_expired", 0)
	}
	// One that announces no issuer, and names a wrong one.
	s.idp.NoIss = true
	s = newSite(t, s.Client, func(idp *oauth.IDP) { idp.Transport = s.idp.Client().Transport })
	b, before := s.Browser(), s.ledger(t)
	to, _ := begin(b, map[string]any{})
	s.refuses(t, before, back(b, with(s.visit(t, to, person("ada")), "iss", "https://liar.example")), "oauth_failed", 0)
}

// What the browser is told the site is called does not tell the provider where to send
// it, nor where the code is for.
func forgedHost(t *testing.T) {
	var w *wire
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { w = tap(idp) })
	b := s.Browser()
	for name, value := range map[string]string{
		"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil", "X-Original-Host": "evil.example",
		"Forwarded": "host=evil.example;proto=http", "Referer": "https://evil.example/",
	} {
		b.Header.Set(name, value)
	}
	r := s.come(t, b, person("ada"), map[string]any{}) // the provider sends nobody elsewhere
	want := authtest.Origin + "/auth/oauth/demo/callback"
	if got := w.sent().Get("redirect_uri"); r.Status != http.StatusOK || got != want || s.idp.TokenRequests() != 1 {
		t.Errorf("%v, the code is for %q", r, got)
	}
	req := httptest.NewRequest(http.MethodPost, authtest.Origin+"/auth/oauth/demo", strings.NewReader("{}"))
	req.Host = "evil.example"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	s.Mux.ServeHTTP(rec, req)
	var told struct{ URL string }
	if err := json.Unmarshal(rec.Body.Bytes(), &told); err != nil {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if u, err := url.Parse(told.URL); err != nil || u.Query().Get("redirect_uri") != want {
		t.Errorf("Host: evil.example leads to %s", told.URL)
	}
}

// An error is believed only with a state, ends the attempt, and is not repeated.
func errorCallbacks(t *testing.T) {
	tellLies(t, "OA-13")
	s := lite(t)
	const script = `<script>alert(1)</script>`
	for kind, want := range map[string]string{"access_denied": "oauth_denied", "server_error": "oauth_failed", script: "oauth_failed"} {
		b, before := s.Browser(), s.ledger(t)
		to, _ := begin(b, map[string]any{})
		cb, err := s.idp.Refuse(to, kind, script)
		if err != nil {
			t.Fatal(err)
		}
		s.refuses(t, before, back(b, with(cb.URL, "state", "x")), "oauth_expired", 0) // and the attempt waits on
		r := back(b, cb.URL)
		s.refuses(t, before, r, want, 0)
		if strings.Contains(r.String(), "alert") {
			t.Errorf("%s is shown: %v", kind, r)
		}
		s.refuses(t, before, back(b, s.visit(t, to, person("ada"))), "oauth_expired", 0)

		to, _ = begin(b, map[string]any{})
		if cb, err = s.idp.Refuse(to, kind, script); err != nil {
			t.Fatal(err)
		}
		r = b.Get(pathOf(cb.URL))
		at := r.Header.Get("Location")
		if page := b.Get(at); at != "/auth/error?code="+want || strings.Contains(page.String(), "alert") {
			t.Errorf("%s leads to %s: %v", kind, at, page)
		}
	}
}

// A callback serves once: not again in its browser, nor in that of somebody who has seen
// it. Fifty at once are in TestOneStateOpensOneSession.
func replayed(t *testing.T) {
	s := lite(t)
	b := s.Browser()
	to, _ := begin(b, map[string]any{})
	callback, again := s.visit(t, to, person("ada")), b.Clone()
	if r := back(b, callback); r.Status != http.StatusOK || s.idp.TokenRequests() != 1 {
		t.Fatalf("the first time: %v", r)
	}
	mallory, _ := s.register(t, "mallory@example.net")
	begin(mallory, map[string]any{})
	for name, b := range map[string]*authtest.Browser{"with the same cookies": again, "in the same browser": b, "signed in as Mallory": mallory} {
		t.Run(name, func(t *testing.T) {
			want := "oauth_expired"
			if b.Cookie("__Host-torii_flow") == "" {
				want = "oauth_flow_missing"
			}
			session, before := b.Session(), s.ledger(t)
			s.refuses(t, before, back(b, callback), want, 0)
			if b.Session() != session {
				t.Error("there is another session")
			}
		})
	}
}
