package auth_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// waiting is a site on which a new account waits for the proof of its address.
func waiting(t *testing.T, client *ent.Client, providers ...auth.Provider) *authtest.Site {
	t.Helper()
	return newSite(t, client, auth.Config{Providers: providers}, authtest.ProveFirst())
}

// linked is the token of the link in the last mail to an address.
func linked(t *testing.T, s *authtest.Site, address string) string {
	t.Helper()
	links := s.Mail(t, address).Links()
	if len(links) == 0 {
		t.Fatalf("no link in the mail to %s", address)
	}
	u, err := url.Parse(links[0])
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("token")
}

func TestASignUpWaitsForItsAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := waiting(t, client)
		for _, way := range []string{"token", "code"} {
			email := way + "@example.org"
			b := s.Browser()
			body := map[string]string{"email": email, "password": phrase, "name": "Ada"}
			free := b.Post("/auth/register", body)
			if free.Status != http.StatusAccepted || b.Cookie("__Host-torii_flow") == "" {
				t.Fatalf("register: %v", free)
			}
			if n := client.User.Query().CountX(t.Context()); n != map[string]int{"token": 0, "code": 1}[way] {
				t.Fatalf("%d users before the proof", n)
			}
			if r := s.Browser().Post("/auth/login", body); r.Code() != "invalid_credentials" {
				t.Errorf("sign in before the proof: %v", r)
			}
			proof := map[string]string{"token": linked(t, s, email)}
			if way == "code" {
				proof = map[string]string{"code": s.Mail(t, email).Code()}
			}
			if r := s.Browser().Post("/auth/email/verify", proof); r.Code() != "invalid_token" {
				t.Errorf("in another browser: %v", r)
			}
			r := b.Post("/auth/email/verify", proof)
			if r.Status != http.StatusOK || b.Session() == "" {
				t.Fatalf("verify: %v\n%s", r, s.Log())
			}
			var got struct {
				User struct {
					Name       string
					VerifiedAt string `json:"email_verified_at"`
				}
			}
			if err := r.JSON(&got); err != nil || got.User.Name != "Ada" || got.User.VerifiedAt == "" {
				t.Errorf("user: %v", r)
			}
			if r := b.Get("/auth/user"); r.Status != http.StatusOK {
				t.Errorf("signed in: %v", r)
			}
			if r := b.Post("/auth/email/verify", proof); r.Code() != "invalid_token" {
				t.Errorf("once more: %v", r)
			}
			if r := s.Browser().Post("/auth/login", body); r.Status != http.StatusOK {
				t.Errorf("sign in after the proof: %v", r)
			}
			taken := s.Browser().Post("/auth/register", body)
			if taken.Status != free.Status || string(taken.Body) != string(free.Body) {
				t.Errorf("a taken address: %v, a free one: %v", taken, free)
			}
			if m := s.Mail(t, email); m.Subject != "You already have an account at app.example" {
				t.Errorf("the owner was told %q", m.Subject)
			}
		}
	})
}

func TestAnAddressChangesAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := waiting(t, client)
		b := s.Browser()
		b.Post("/auth/register", map[string]string{"email": "ada@example.org", "password": phrase})
		b.Post("/auth/email/verify", map[string]string{"token": linked(t, s, "ada@example.org")})
		before := b.Session()
		if r := b.Post("/auth/email/change", map[string]string{"email": "lovelace@example.org"}); r.Status != http.StatusAccepted {
			t.Fatalf("change: %v", r)
		}
		confirm := map[string]string{"token": linked(t, s, "lovelace@example.org")}
		other := s.Browser()
		other.Post("/auth/login", map[string]string{"email": "ada@example.org", "password": phrase})
		if r := other.Post("/auth/email/change/confirm", confirm); r.Code() != "invalid_token" {
			t.Errorf("in another session: %v", r)
		}
		if r := b.Post("/auth/email/change/confirm", confirm); r.Status != http.StatusOK || b.Session() == before {
			t.Fatalf("confirm: %v", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": "lovelace@example.org", "password": phrase}); r.Status != http.StatusOK {
			t.Errorf("sign in by the new address: %v", r)
		}
		undo := map[string]string{"token": linked(t, s, "ada@example.org")}
		if r := b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": phrase + " of Mallory"}); r.Status != http.StatusOK {
			t.Fatalf("password: %v", r)
		}
		if r := s.Browser().Post("/auth/register", map[string]string{"email": "ada@example.org", "password": phrase}); r.Status != http.StatusAccepted {
			t.Errorf("register the reserved address: %v", r)
		}
		if r := s.Browser().Post("/auth/email/change/undo", undo); r.Status != http.StatusNoContent {
			t.Fatalf("undo: %v", r)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("Mallory's session: %v", r)
		}
		m := s.Mail(t, "ada@example.org")
		if m.Subject != "Set a new password for app.example" {
			t.Errorf("after the undo came %q", m.Subject)
		}
		reset := s.Browser()
		if r := reset.Post("/auth/password/reset/confirm", map[string]string{"token": linked(t, s, "ada@example.org"), "new_password": phrase}); r.Status != http.StatusNoContent {
			t.Errorf("reset: %v", r)
		}
		if r := reset.Post("/auth/login", map[string]string{"email": "ada@example.org", "password": phrase}); r.Status != http.StatusOK {
			t.Errorf("the owner: %v", r)
		}
	})
}
