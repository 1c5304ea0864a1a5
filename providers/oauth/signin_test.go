package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// The happy story: somebody comes for the first time, leaves, and comes again.
func TestSignUpAndSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.Browser()
		r := s.come(t, b, person("ada"), map[string]any{"return_to": "/books?page=2"})
		if r.Status != http.StatusOK || b.Session() == "" {
			t.Fatalf("sign-up: %v\n%s", r, s.Log())
		}
		var told struct {
			User struct {
				Email, Name     string
				EmailVerifiedAt *string `json:"email_verified_at"`
			}
			ReturnTo string `json:"return_to"`
		}
		if err := r.JSON(&told); err != nil || told.User.Email != "ada@example.org" || told.User.EmailVerifiedAt == nil || told.User.Name != "The ada" || told.ReturnTo != "/books?page=2" {
			t.Errorf("%+v, %v", told, err)
		}
		if s.idp.TokenRequests() != 1 || s.idp.DiscoveryRequests() != 1 || s.idp.JWKSRequests() != 1 || s.idp.UserInfoRequests() != 0 {
			t.Errorf("the provider was asked %d, %d, %d, %d times", s.idp.TokenRequests(), s.idp.DiscoveryRequests(), s.idp.JWKSRequests(), s.idp.UserInfoRequests())
		}
		first := r.UserID()
		b.Post("/auth/logout", nil)
		who := person("ada")
		who.Email = "another@example.net" // changes nothing here
		if r := s.come(t, b, who, map[string]any{}); r.Status != http.StatusOK || r.UserID() != first {
			t.Errorf("sign-in: %v, want user %s", r, first)
		}
		if u, err := s.Auth.User(t.Context(), first); err != nil || u.Email != "ada@example.org" {
			t.Errorf("the address is %v, %v", u, err)
		}
		if s.users(t) != 1 || s.links(t) != 1 {
			t.Errorf("%d users, %d links", s.users(t), s.links(t))
		}
		if b.Cookie("__Host-torii_flow") != "" {
			t.Error("the flow is still in its cookie")
		}
	})
}

// A browser without a program: a form, the provider, and back to a page.
func TestInABrowser(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Algorithms = nil }) // RS256, as of most providers
	s.idp.Algorithm = authtest.RS256
	b := s.Browser()
	b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r := b.Do(http.MethodPost, "/auth/oauth/demo", "return_to=%2Fbooks")
	to := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || !strings.HasPrefix(to, s.idp.Issuer()+"/authorize?") {
		t.Fatalf("begin: %v, Location %q", r, to)
	}
	b.Header.Del("Content-Type")
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	if r := b.Get(pathOf(s.visit(t, to, person("ada")))); r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/books" || b.Session() == "" {
		t.Errorf("callback: %v, Location %q", r, r.Header.Get("Location"))
	}
}

// An app keeps the flow, and gets a token.
func TestByAnApp(t *testing.T) {
	s := lite(t)
	app := s.App()
	r := s.come(t, app, person("ada"), map[string]any{})
	if r.Status != http.StatusOK || r.Token() == "" || len(r.Cookies) > 0 {
		t.Errorf("%v, cookies %v", r, r.Cookies)
	}
}
