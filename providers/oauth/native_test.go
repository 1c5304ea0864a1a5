package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/password"
)

// native is a site whose apps get ID tokens for the client "app" from the system they run on.
type native struct{ *site }

func newNative(t testing.TB) *native {
	t.Helper()
	s := &site{}
	var hows []oauth.IDP
	for _, id := range []string{"demo", "other"} {
		back := []string{"app.example:/back"}
		idp := authtest.NewIDP(issuer+"/"+id, authtest.IDPClient{ID: "app", RedirectURIs: back}, authtest.IDPClient{ID: "foreign", RedirectURIs: back})
		idp.Algorithm = authtest.ES256
		s.idp, s.other = s.other, idp // the last is the other
		hows = append(hows, oauth.IDP{
			ID: id, Name: "The " + id, ClientID: "web", NativeClientIDs: []string{"app"}, Issuer: idp.Issuer(), Transport: idp.Client().Transport,
			Algorithms: []string{authtest.ES256}, Authoritative: func(p oauth.Profile) bool { return strings.HasSuffix(p.Email, "@example.org") },
		})
	}
	s.oauth = oauth.New(hows...)
	s.Site = authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), s.oauth}})
	s.idp.Now, s.other.Now = s.Clock.Now, s.Clock.Now
	return &native{s}
}

// start is what an app asks for first: a nonce of the provider "demo".
func (n *native) start(t testing.TB, b *authtest.Browser) string { return n.startAt(t, "demo", b) }

func (n *native) startAt(t testing.TB, provider string, b *authtest.Browser) string {
	t.Helper()
	r := b.Post("/auth/oauth/"+provider+"/native/begin", nil)
	var told struct{ Nonce string }
	if r.Status != http.StatusOK || r.JSON(&told) != nil || r.Flow() == "" || told.Nonce == "" {
		t.Errorf("begin: %v", r)
	}
	b.Header.Set("Torii-Flow", r.Flow())
	return told.Nonce
}

func (n *native) finish(b *authtest.Browser, token string) *authtest.Reply {
	return b.Post("/auth/oauth/demo/native/finish", map[string]string{"id_token": token})
}

// token is the ID token that an app gets for a nonce.
func (n *native) token(t testing.TB, nonce string) string {
	t.Helper()
	return appToken(t, n.idp, "app", nonce)
}

func appToken(t testing.TB, idp *authtest.IDP, client, nonce string) string {
	t.Helper()
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
	query := url.Values{
		"client_id": {client}, "response_type": {"code"}, "scope": {"openid email profile"}, "redirect_uri": {"app.example:/back"},
		"nonce": {nonce}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if nonce == "" {
		query.Del("nonce")
	}
	cb, err := idp.SignIn(idp.Issuer()+"/authorize?"+query.Encode(), person("ada"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(cb.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, idp.Issuer()+"/token", strings.NewReader(url.Values{
		"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "client_id": {client},
		"redirect_uri": {"app.example:/back"}, "code_verifier": {verifier},
	}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	idp.ServeHTTP(w, r)
	var told struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.IDToken == "" {
		t.Fatalf("the app's token: %d %s", w.Code, w.Body)
	}
	return told.IDToken
}

func TestNative(t *testing.T) {
	n := newNative(t)
	app := n.App()
	r := n.finish(app, n.token(t, n.start(t, app)))
	if r.Status != http.StatusOK || r.Token() == "" || n.users(t) != 1 || n.links(t) != 1 {
		t.Fatalf("%v\n%s", r, n.Log())
	}
	if r := n.App().Post("/auth/oauth/demo/native/finish", map[string]string{}); r.Status != http.StatusBadRequest {
		t.Errorf("nothing: %v", r)
	}
	if r := n.App().Post("/auth/oauth/nobody/native/begin", nil); r.Code() != "unknown_provider" {
		t.Errorf("an unknown provider: %v", r)
	}
}

// A provider that answers by a form: the browser brings it without cookies, and is sent on.
func TestFormPost(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.FormPost = true })
	b := s.Browser()
	to, _ := begin(b, map[string]any{"return_to": "/books"})
	who := person("ada")
	who.Name = ""
	cb, err := s.idp.SignIn(to, who)
	if err != nil || cb.Form == nil {
		t.Fatalf("%+v, %v", cb, err)
	}
	cb.Form.Set("user", `{"name":{"firstName":"Ada","lastName":"L."},"email":"evil@example.org"}`)
	bare := s.Browser() // cross-site POST: SameSite=Lax cookies stay at home
	bare.Header.Set("Sec-Fetch-Site", "cross-site")
	bare.Header.Set("Origin", "https://id.example")
	bare.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r := bare.Post(pathOf(cb.URL), cb.Form.Encode())
	at := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || !strings.HasPrefix(at, "/auth/oauth/demo/callback?") || len(r.Cookies) > 0 || s.sessions(t) != 0 {
		t.Fatalf("the form: %v, Location %q", r, at)
	}
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	if r := b.Get(at); r.Header.Get("Location") != "/books" || b.Session() == "" {
		t.Fatalf("sent on: %v, Location %q\n%s", r, r.Header.Get("Location"), s.Log())
	}
	b.Header.Set("Sec-Fetch-Site", "same-origin")
	if r := b.Get("/auth/user"); !strings.Contains(r.String(), `"Ada L."`) || !strings.Contains(r.String(), "ada@example.org") {
		t.Errorf("%v", r)
	}
	for name, row := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON": {"application/json", `{"code":"x"}`, 415}, "too much": {"application/x-www-form-urlencoded", "code=" + strings.Repeat("x", 5000), 413},
		"far too much":      {"application/x-www-form-urlencoded", "code=" + strings.Repeat("x", 70<<10), 413},
		"a parameter twice": {"application/x-www-form-urlencoded", "iss=a&iss=b", 400},
	} {
		bare.Header.Set("Content-Type", row.kind)
		if r := bare.Post("/auth/oauth/demo/callback", row.body); r.Status != row.status {
			t.Errorf("%s: %v, want %d", name, r, row.status)
		}
	}
	plain := lite(t).Browser()
	plain.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r := plain.Post("/auth/oauth/demo/callback", "code=x"); r.Status != http.StatusNotFound {
		t.Errorf("a provider that posts no form: %v", r)
	}
}
