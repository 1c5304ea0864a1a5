package oauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/providers/oauth"
)

// Somebody else's callback, put into a browser, signs nobody in, and leaves alone who is.
func TestAttackForeignCallback(t *testing.T) {
	s := lite(t)
	attacker := s.Browser()
	to, _ := begin(attacker, map[string]any{})
	callback := s.visit(t, to, person("mallory"))
	for name, victim := range map[string]*authtest.Browser{
		"a browser that has not been here": s.Browser(),
		"one that is about to sign in":     func() *authtest.Browser { b := s.Browser(); begin(b, map[string]any{}); return b }(),
		"one that is signed in":            func() *authtest.Browser { b, _ := s.register(t, "victim@example.net"); return b }(),
		"one with a session and a flow":    func() *authtest.Browser { b, _ := s.register(t, "victim2@example.net"); begin(b, linkIt); return b }(),
	} {
		before := victim.Session()
		for _, site := range []string{"cross-site", "same-site", "none", "same-origin"} {
			victim.Header.Set("Sec-Fetch-Site", site)
			if r := victim.Get(pathOf(callback)); !strings.HasPrefix(r.Header.Get("Location"), "/auth/error?code=oauth_") || victim.Session() != before {
				t.Errorf("%s: %v, Location %q", name, r, r.Header.Get("Location"))
			}
		}
		victim.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if s.links(t) != 0 || s.idp.TokenRequests() != 0 {
		t.Errorf("%d links, %d requests", s.links(t), s.idp.TokenRequests())
	}
	// The flow's owner is not kept out by any of that, nor by whoever only looks.
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if r := attacker.Do(method, pathOf(callback), nil); r.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %v", method, r)
		}
	}
	if r := back(attacker, callback); r.Status != http.StatusOK {
		t.Errorf("its owner: %v", r)
	}
}

// No page of another site begins anything, by whatever it can make a browser send.
func TestAttackBeginFromElsewhere(t *testing.T) {
	s := lite(t)
	for name, send := range map[string]func(b *authtest.Browser) *authtest.Reply{
		"a form": func(b *authtest.Browser) *authtest.Reply {
			b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return b.Post("/auth/oauth/demo", "link=true&return_to=/")
		},
		"text": func(b *authtest.Browser) *authtest.Reply {
			b.Header.Set("Content-Type", "text/plain")
			return b.Post("/auth/oauth/demo", `{"link":true}`)
		},
		"no content type": func(b *authtest.Browser) *authtest.Reply {
			b.Header.Set("Content-Type", "")
			return b.Post("/auth/oauth/demo", `{"link":true}`)
		},
		"JSON": func(b *authtest.Browser) *authtest.Reply { return b.Post("/auth/oauth/demo", `{"link":true}`) },
		"another method": func(b *authtest.Browser) *authtest.Reply {
			b.Header.Set("X-HTTP-Method-Override", "POST")
			return b.Get("/auth/oauth/demo?_method=POST")
		},
		"native":    func(b *authtest.Browser) *authtest.Reply { return b.Post("/auth/oauth/demo/native/begin", nil) },
		"unlinking": func(b *authtest.Browser) *authtest.Reply { return b.Delete("/auth/oauth/accounts/oac_x") },
	} {
		for site, origin := range map[string]string{"cross-site": "https://evil.example", "same-site": "https://sub.app.example", "": "http://app.example", "weird": "", "cross-site ": "null"} {
			b, _ := s.register(t, fmt.Sprintf("u%d@example.net", s.users(t)))
			before := s.Client.Challenge.Query().CountX(t.Context())
			b.Header.Set("Sec-Fetch-Site", strings.TrimSpace(site))
			b.Header.Set("Sec-Fetch-Mode", "navigate")
			b.Header.Set("Origin", origin)
			r := send(b)
			if started := r.Header.Get("Location") != "" || r.Status >= 200 && r.Status < 300 && name != "another method"; started || s.Client.Challenge.Query().CountX(t.Context()) != before {
				t.Errorf("%s from %q %q: %v", name, site, origin, r)
			}
		}
	}
}

// A link to a form of sign-in whose return_to leads on to a provider does not exchange the
// account that was just signed in to for one of the provider's choice.
func TestAttackReturnToAProvider(t *testing.T) {
	s := lite(t)
	b, userID := s.register(t, "victim@example.net")
	b.Header.Set("Sec-Fetch-Mode", "navigate")
	b.Header.Set("Sec-Fetch-User", "?1")
	if r := b.Get("/auth/oauth/demo?return_to=/"); r.Status != http.StatusOK || r.Header.Get("Location") != "" || !strings.Contains(string(r.Body), "<button") {
		t.Errorf("%v, Location %q", r, r.Header.Get("Location"))
	}
	if b.Get("/auth/user").UserID() != userID {
		t.Error("somebody else is signed in")
	}
	for _, query := range []string{"link=true", "link=1", "link=false", "link=x"} {
		if r := b.Get("/auth/oauth/demo?" + query); r.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", query, r)
		}
	}
	// What is in a query is no member of a body.
	r := b.Post("/auth/oauth/demo?link=true&fresh=true", map[string]any{})
	var told struct{ URL string }
	if r.Status != http.StatusOK || r.JSON(&told) != nil || strings.Contains(told.URL, "max_age") {
		t.Fatal(r)
	}
	if r := back(b, s.visit(t, told.URL, person("ada"))); r.UserID() == userID {
		t.Errorf("it was linked: %v", r)
	}
}

// Wherever a sign-in stops on its way, it ends on this site.
func TestAttackReturnToAfterEverything(t *testing.T) {
	for _, raw := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/%2f%2fevil.example", "/.//evil.example", "\t//evil.example", "/ok"} {
		s := lite(t)
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ann@example.org", EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.factor.Enrol(t.Context(), u.ID, "123456"); err != nil {
			t.Fatal(err)
		}
		for name, rest := range map[string]func(b *authtest.Browser) *authtest.Reply{
			"second factor": func(b *authtest.Browser) *authtest.Reply {
				s.come(t, b, person("ann"), map[string]any{"return_to": raw})
				return b.Post("/auth/test-factor", map[string]string{"code": "123456"})
			},
			"address": func(b *authtest.Browser) *authtest.Reply {
				s.come(t, b, authtest.Person{Subject: "bob"}, map[string]any{"return_to": raw})
				return b.Post("/auth/register/complete", map[string]string{"email": "bob@example.net", "return_to": "//evil.example"})
			},
			"link": func(b *authtest.Browser) *authtest.Reply {
				b.Post("/auth/register", map[string]string{"email": "eve@example.net", "password": phrase})
				return s.come(t, b, person("eve"), map[string]any{"link": true, "return_to": raw})
			},
		} {
			var told struct {
				ReturnTo string `json:"return_to"`
			}
			r := rest(s.Browser())
			if err := r.JSON(&told); err != nil || r.Status > 299 || told.ReturnTo != auth.ReturnTo(raw, "") || strings.Contains(told.ReturnTo, "evil") {
				t.Errorf("%q, %s: %v leads to %q", raw, name, r, told.ReturnTo)
			}
		}
	}
}

// What was begun in one way does not end in another.
func TestAttackSwappedFlows(t *testing.T) {
	idp, how := newIDP("demo")
	how.NativeClientIDs = []string{"app"}
	second := how
	second.ID = "second" // the same issuer and client: what it is told is true of the other too
	s := &site{Site: authtest.New(t, auth.Config{Providers: []auth.Provider{oauth.New(how, second)}}), idp: idp}
	idp.Now = s.Clock.Now
	b := s.App()
	r := b.Post("/auth/oauth/demo/native/begin", nil)
	var native struct{ Nonce, Flow string }
	if r.JSON(&native) != nil || native.Flow == "" {
		t.Fatal(r)
	}
	b.Header.Set("Torii-Flow", native.Flow)
	for name, try := range map[string]func() *authtest.Reply{
		"the nonce as a state": func() *authtest.Reply { return back(b, "/auth/oauth/demo/callback?code=x&state="+native.Nonce) },
		"the flow as a state":  func() *authtest.Reply { return back(b, "/auth/oauth/demo/callback?code=x&state="+native.Flow) },
		"no state":             func() *authtest.Reply { return back(b, "/auth/oauth/demo/callback?code=x&state=") },
	} {
		if r := try(); r.Code() != "oauth_expired" {
			t.Errorf("%s: %v", name, r)
		}
	}
	to, _ := begin(b, map[string]any{}) // an ID token of the web, for an app's flow
	callback := s.visit(t, to, person("ada"))
	for _, path := range []string{"/auth/oauth/demo/native/finish", "/auth/oauth/second/native/finish"} {
		if r := b.Post(path, map[string]string{"id_token": "e30.e30.e30"}); r.Code() != auth.ErrInvalidCredentials.Code {
			t.Errorf("%s: %v", path, r)
		}
	}
	if r := back(b, strings.Replace(callback, "/demo/", "/second/", 1)); r.Code() != "oauth_expired" || idp.TokenRequests() != 0 {
		t.Errorf("at the second: %v", r)
	}
	if r := back(b, callback); r.Status != http.StatusOK {
		t.Errorf("at its own: %v", r)
	}
	// A flow of another provider's native sign-in.
	r = b.Post("/auth/oauth/second/native/begin", nil)
	b.Header.Set("Torii-Flow", r.Flow())
	if r := b.Post("/auth/oauth/demo/native/finish", map[string]string{"id_token": "e30.e30.e30"}); r.Code() != auth.ErrInvalidCredentials.Code {
		t.Errorf("of the second: %v", r)
	}
	if n := s.Client.Challenge.Query().Where(challenge.Purpose("oauth:native")).CountX(t.Context()); n != 2 {
		t.Errorf("%d native flows wait, want one of each: another's uses up nothing", n)
	}
}

// Nobody fills the database with what never comes back.
func TestAttackFlowsAreCounted(t *testing.T) {
	s := lite(t)
	codes := map[int]int{}
	for range 1010 { // 1000 of a kind
		codes[s.Browser().Post("/auth/oauth/demo/native/begin", nil).Status]++
	}
	if codes[http.StatusOK] != 1000 || codes[http.StatusTooManyRequests] != 10 {
		t.Errorf("%v", codes)
	}
	if _, r := begin(s.Browser(), map[string]any{}); r.Status != http.StatusOK {
		t.Errorf("another kind: %v", r)
	}
	if n := s.Client.Challenge.Query().CountX(t.Context()); n != 1001 {
		t.Errorf("%d rows", n)
	}
	// What is over is swept.
	s.Clock.Advance(time.Hour)
	if _, err := s.Auth.CleanUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.Client.Challenge.Query().CountX(t.Context()); n != 0 {
		t.Errorf("an hour later %d rows", n)
	}
}

// By signing in at a provider nobody proves what the account asks for beside it.
func TestAttackRecentByProvider(t *testing.T) {
	s := lite(t)
	b, userID := s.register(t, "ann@example.net")
	if r := s.come(t, b, person("ann"), linkIt); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	other := s.Browser()
	if r := s.come(t, other, person("ann"), map[string]any{"fresh": true}); r.UserID() != userID {
		t.Fatal(r)
	}
	id := accounts(t, other).Accounts[0].ID
	for name, r := range map[string]*authtest.Reply{
		"link":     func() *authtest.Reply { _, r := begin(other, linkIt); return r }(),
		"unlink":   other.Delete("/auth/oauth/accounts/" + id),
		"delete":   other.Delete("/auth/user"),
		"address":  other.Post("/auth/email/change", map[string]string{"email": "eve@example.net"}),
		"password": other.Delete("/auth/password"),
	} {
		if r.Code() != auth.ErrStepUpRequired.Code {
			t.Errorf("%s: %v", name, r)
		}
	}
	// Somebody signed in as nobody knows when is recent for nothing, though it is all they have.
	only := s.Browser()
	if r := s.come(t, only, person("bob"), map[string]any{}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	if _, r := begin(only, linkIt); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("bob links: %v", r)
	}
	// Nor who proved themselves at the provider an hour ago.
	past := person("bob")
	past.SignedInAt = s.Clock.Now().Add(-time.Hour)
	past.More = map[string]any{"auth_time": past.SignedInAt.Unix()}
	if r := s.come(t, only, past, map[string]any{}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	if _, r := begin(only, linkIt); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("bob links, proven an hour ago: %v", r)
	}
}
