package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/magiclink"
)

// What a host's User refuses is said while the form is there, and says nothing about who
// has an account.
func TestAWaitingSignUpKnowsTheHostsFields(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{}, authtest.ProveFirst())
		form := func(email string, more map[string]any) *authtest.Reply {
			b := s.Browser()
			b.IP = "198.51.100.7"
			body := map[string]any{"email": email, "password": phrase}
			for k, v := range more {
				body[k] = v
			}
			return b.Post("/auth/register", body)
		}
		b := s.Browser()
		owner := map[string]any{"email": "ann@example.org", "password": phrase, "locale": "de", "username": "ann", "age": 9007199254740993}
		if r := b.Post("/auth/register", owner); r.Status != http.StatusAccepted {
			t.Fatalf("register: %v", r)
		}
		r := b.Post("/auth/email/verify", map[string]string{"token": linked(t, s, "ann@example.org")})
		if r.Status != http.StatusOK || !strings.Contains(r.String(), `"age":9007199254740993`) || !strings.Contains(r.String(), `"username":"ann"`) {
			t.Fatalf("verify: %v\n%s", r, s.Log())
		}
		for _, email := range []string{"ann@example.org", "free@example.org"} {
			if r := form(email, nil); r.Field("locale") != "required" {
				t.Errorf("%s without a locale: %v", email, r)
			}
			if r := form(email, map[string]any{"locale": "fr"}); r.Field("locale") == "" {
				t.Errorf("%s with a wrong locale: %v", email, r)
			}
			if r := form(email, map[string]any{"locale": "en", "username": "ann"}); r.Field("username") != "taken" {
				t.Errorf("%s with a taken name: %v", email, r)
			}
			if r := form(email, map[string]any{"locale": "en"}); r.Status != http.StatusAccepted {
				t.Errorf("%s: %v", email, r)
			}
		}
		if n := client.User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d users; a rehearsal left one", n)
		}
	})
}

// A mailed link cannot ask for what the host needs: that comes between the proof and the
// account.
func TestAMailedLinkWaitsForWhatTheHostNeeds(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{Providers: []auth.Provider{magiclink.New(magiclink.Config{})}}, authtest.ProveFirst())
		for _, way := range []string{"token", "code"} {
			b, email := s.Browser(), way+"@example.org"
			b.Post("/auth/magic-link", map[string]string{"email": email})
			proof := map[string]string{"token": linked(t, s, email)}
			if way == "code" {
				proof = map[string]string{"code": s.Mail(t, email).Code()}
			}
			if r := b.Post("/auth/magic-link/verify", proof); r.Code() != "profile_required" {
				t.Fatalf("%s: %v, want profile_required", way, r)
			}
			if r := b.Post("/auth/register/complete", map[string]string{"locale": "en"}); r.Status != http.StatusCreated || b.Session() == "" {
				t.Fatalf("%s: completed: %v\n%s", way, r, s.Log())
			}
			if u := client.User.Query().Where(user.Email(email)).OnlyX(t.Context()); u.EmailVerifiedAt == nil {
				t.Errorf("%s: the proof was forgotten", way)
			}
		}
	})
}
