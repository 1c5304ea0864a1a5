package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// OpenID Connect Core, section 3.1.3.7.
func badIDTokens(t *testing.T) {
	tellLies(t, "OA-05")
	t.Run("an algorithm that is not configured", func(t *testing.T) {
		s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Algorithms = nil }) // for RS256 alone
		before := s.ledger(t)
		s.refuses(t, before, s.come(t, s.Browser(), person("ada"), map[string]any{}), "oauth_failed", 1)
	})
}

// Who somebody is, is told by provider, issuer and subject, never by another claim. That
// two issuers of one provider are two is in TestTenants.
func sameSubject(t *testing.T) {
	s := newPair(t)
	ada := person("ada")
	ada.More = map[string]any{"preferred_username": "ada", "login": "ada", "oid": "ada"}
	victim := s.come(t, s.Browser(), ada, map[string]any{}).UserID()
	b, before := s.Browser(), s.ledger(t)
	s.refuses(t, before, s.comeByOther(t, b, ada), "email_taken", 1)
	same := ada
	same.Subject, same.EmailVerified = "Ada", false // in capitals: somebody else
	s.refuses(t, s.ledger(t), s.come(t, s.Browser(), same, map[string]any{}), "email_taken", 1)
	// With an address of their own they are somebody of their own.
	ada.Email, same.Email = "mallory@example.net", "mallory2@example.net"
	first, second := s.comeByOther(t, s.Browser(), ada), s.come(t, s.Browser(), same, map[string]any{})
	if first.Status != http.StatusOK || second.Status != http.StatusOK || first.UserID() == victim || second.UserID() == victim || first.UserID() == second.UserID() {
		t.Errorf("%v and %v, the victim is %s", first, second, victim)
	}
	if after := s.ledger(t); after != (ledger{users: 3, sessions: 3, links: 3, sent: 5}) {
		t.Errorf("it is %+v", after)
	}
}

// For a provider of many tenants the issuer is made of the tenant that is told, by a
// template of the configuration. A token that brings its own is refused, and nobody is
// asked there for keys.
func ownIssuer(t *testing.T) {
	e := newEntra(t, "common")
	for name, more := range map[string]map[string]any{
		"of an attacker": {"iss": "https://liar.example", "tid": directory},
		"that looks so":  {"iss": "https://liar.example/" + directory + "/v2.0", "tid": directory},
		"the template":   {"iss": entra + "{tenantid}/v2.0", "tid": directory},
		"of all":         {"iss": entra + "common/v2.0", "tid": "common"},
		"none":           {"iss": "", "tid": directory},
	} {
		t.Run(name, func(t *testing.T) {
			before := e.ledger(t)
			e.refuses(t, before, e.enter(t, e.Browser(), "ada", more), "oauth_failed", 1)
		})
	}
	for _, u := range e.wire.urls() {
		if !strings.HasPrefix(u, e.idp.Issuer()+"/") {
			t.Errorf("asked %s", u)
		}
	}
}

// Where the browser goes is decided when it begins, and is a path of this site.
func returnTargets(t *testing.T) {
	s := lite(t)
	for raw, want := range map[string]string{
		"/books?page=2#top": "/books?page=2#top", "": "/", "/": "/",
		"https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/\t/evil.example": "/", "///evil.example": "/",
		"javascript:alert(1)": "/", "/%2f/evil.example": "/", "/%5cevil.example": "/", "evil.example": "/", "/../..//evil.example": "/",
		"https://app.example@evil.example": "/", "https:evil.example": "/", "/books\r\nSet-Cookie: a=b": "/", "/\u2044evil.example": "/%e2%81%84evil.example", "\u0000//evil.example": "/",
	} {
		b := s.Browser()
		b.Header.Set("Referer", "https://evil.example/")
		sent := s.idp.TokenRequests()
		to, r := begin(b, map[string]any{"return_to": raw})
		if r.Status != http.StatusOK {
			t.Fatalf("%q: %v", raw, r)
		}
		callback := s.visit(t, to, person("ada")) + "&return_to=" + url.QueryEscape("/elsewhere")
		if r := b.Get(pathOf(callback)); r.Status != http.StatusSeeOther || r.Header.Get("Location") != want || s.idp.TokenRequests() != sent+1 {
			t.Errorf("%q leads to %q, want %q (%v)", raw, r.Header.Get("Location"), want, r)
		}
		// A page that goes there by itself is told the same, or nothing.
		var told struct {
			ReturnTo string `json:"return_to"`
		}
		r = s.come(t, s.Browser(), person("ada"), map[string]any{"return_to": raw})
		if r.Status != http.StatusOK || r.JSON(&told) != nil || want == "/" && told.ReturnTo != "" && told.ReturnTo != "/" {
			t.Errorf("%q is told as %q", raw, told.ReturnTo)
		}
	}
	if s.users(t) != 1 || s.links(t) != 1 {
		t.Errorf("%d users, %d links", s.users(t), s.links(t))
	}
}

// A thief has the database, an answer or the log: no token of the provider's is in it, nor
// can one user have another's.
func dumped(t *testing.T) {
	dir := t.TempDir()
	client, err := migrate.Open(t.Context(), "sqlite3", "file:"+filepath.Join(dir, "torii.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	var w *wire
	s := newSite(t, client, func(idp *oauth.IDP) { keeps(idp); w = tap(idp) })
	b := s.Browser()
	r := s.come(t, b, person("ada"), map[string]any{})
	if r.Status != http.StatusOK || len(w.answers) != 1 {
		t.Fatalf("%v, %d answers", r, len(w.answers))
	}
	secrets := map[string]string{"code": w.sent().Get("code"), "verifier": w.sent().Get("code_verifier")}
	var told map[string]any
	if err := json.Unmarshal([]byte(w.answers[0]), &told); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		secrets[name], _ = told[name].(string)
	}
	places := map[string]string{"the log": s.Log(), "the answer": r.String() + fmt.Sprint(r.Header), "/user": b.Get("/auth/user").String(), "/oauth/accounts": b.Get("/auth/oauth/accounts").String()}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database: %v", err)
	}
	size := 0
	for _, name := range files { // with what is not in the main file yet
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		size += len(text)
		places[filepath.Base(name)] = string(text)
	}
	if !strings.Contains(strings.Join([]string{places["torii.db"], places["torii.db-wal"]}, ""), "ada@example.org") {
		t.Fatalf("the dump of %d bytes has nothing of Ada", size)
	}
	for what, secret := range secrets {
		for where, text := range places {
			if len(secret) < 20 || strings.Contains(text, secret) {
				t.Errorf("the %s of %d characters is in %s", what, len(secret), where)
			}
		}
	}
	_, mallory := s.register(t, "mallory@example.net")
	if token, err := s.oauth.Token(t.Context(), mallory, "demo"); token != "" || !errors.Is(err, oauth.ErrNoToken) || s.idp.TokenRequests() != 1 {
		t.Errorf("Mallory has got a token: %v", err)
	}
}

// The scopes are the configuration's.
func moreScopes(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Scopes = []string{"openid", "email"} })
	for _, query := range []string{"", "?scope=openid+admin&scopes=admin&prompt=none&redirect_uri=https://evil.example"} {
		b := s.Browser()
		r := b.Post("/auth/oauth/demo"+query, map[string]any{"scope": "openid admin", "scopes": []string{"admin"}, "auth_params": map[string]string{"scope": "admin"}})
		var told struct{ URL string }
		if r.Status != http.StatusOK || r.JSON(&told) != nil {
			t.Fatal(r)
		}
		u, err := url.Parse(told.URL)
		if err != nil || strings.Join(u.Query()["scope"], ",") != "openid email" || strings.Contains(told.URL, "admin") || strings.Contains(told.URL, "evil") || u.Query().Has("prompt") {
			t.Errorf("%s leads to %s", query, told.URL)
		}
	}
	if after := s.ledger(t); after != (ledger{}) {
		t.Errorf("it is %+v", after)
	}
}

// Nothing that a provider names as a picture is ever asked for.
func pictures(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			came <- struct{}{}
			_ = conn.Close()
		}
	}()
	defer listener.Close()
	var w *wire
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { w = tap(idp) })
	at := listener.Addr().String()
	for i, picture := range []string{"https://" + at + "/a.png", "http://" + at + "/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"} {
		who := person(fmt.Sprint("person", i))
		who.Picture = picture
		b := s.Browser()
		if r := s.come(t, b, who, map[string]any{}); r.Status != http.StatusOK || strings.Contains(r.String(), picture) != (i == 0) {
			t.Errorf("%s: %v", picture, r)
		}
		b.Get("/auth/user")
		b.Get("/auth/oauth/accounts")
	}
	for _, u := range w.urls() {
		if !strings.HasPrefix(u, s.idp.Issuer()+"/") {
			t.Errorf("asked %s", u)
		}
	}
	if n := s.idp.TokenRequests(); n != 4 {
		t.Errorf("for 4 people codes were sent %d times", n)
	}
	select {
	case <-came:
		t.Error("the picture was asked for")
	case <-time.After(50 * time.Millisecond): // whoever asks in the background
	}
}

// Who is nobody gets no account.
func badPeople(t *testing.T) {
	tellLies(t, "OA-19")
	for name, subject := range map[string]string{"nobody": "", "too long": strings.Repeat("x", 256), "a NUL": "a\x00b", "no UTF-8": "\xff", "two lines": "a\nb"} {
		t.Run("the profile of an API: "+name, func(t *testing.T) {
			s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { asOAuth2(idp); idp.Profile = tells(oauth.Profile{Subject: subject}, nil) })
			before := s.ledger(t)
			s.refuses(t, before, s.come(t, s.Browser(), person("ada"), map[string]any{}), "oauth_failed", 1)
		})
	}
}

// Keys that nobody has published are not looked for again and again.
func madeUpKeys(t *testing.T) {
	n := newNative(t)
	app := n.App()
	if r := n.finish(app, n.token(t, n.start(t, app))); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	n.Clock.Advance(2 * time.Minute)
	before, asked := n.ledger(t), n.idp.JWKSRequests()
	b64 := base64.RawURLEncoding.EncodeToString
	const forgers, each = 10, 100
	got := authtest.InParallel(forgers, func(i int) string {
		worst := ""
		for j := range each {
			b := n.App()
			b.IP = fmt.Sprintf("198.51.100.%d", i)
			nonce := n.start(t, b)
			header := fmt.Sprintf(`{"alg":"ES256","kid":"made up %d %d"}`, i, j)
			claims := fmt.Sprintf(`{"iss":%q,"aud":"app","sub":"ada","nonce":%q,"iat":%d,"exp":%d}`, n.idp.Issuer(), nonce, n.Clock.Now().Unix(), n.Clock.Now().Unix()+600)
			r := n.finish(b, b64([]byte(header))+"."+b64([]byte(claims))+"."+b64(make([]byte, 64)))
			if r.Code() != "invalid_credentials" {
				worst = r.String()
			}
		}
		return worst
	})
	if got[""] != forgers {
		t.Errorf("%v", got)
	}
	if more := n.idp.JWKSRequests() - asked; more != 1 {
		t.Errorf("for %d made-up keys those of the provider were asked for %d times", forgers*each, more)
	}
	if after := n.ledger(t); after != before {
		t.Errorf("it was %+v and is %+v", before, after)
	}
}
