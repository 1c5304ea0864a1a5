package passkey_test

import (
	"net/http"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// Where a sign-up goes on, when its mail has been answered, is decided when it begins, and
// is a page of the site.
func TestASignUpComesBackToItsPage(t *testing.T) {
	for _, row := range []struct{ asked, want string }{
		{"/welcome?first=1", "/welcome?first=1"},
		{"", ""},
		{"https://evil.example/", ""},
		{"//evil.example/", ""},
		{`/\evil.example/`, ""},
		{"javascript:alert(1)", ""},
	} {
		t.Run(row.asked, func(t *testing.T) {
			s := lite(t, passkey.Config{}, authtest.ProveFirst())
			b, phone := s.Browser(), authtest.NewAuthenticator()
			options := begin(t, b, "register", map[string]string{"email": "ann@example.com", "return_to": row.asked})
			answer := with(t, create(t, phone, options), map[string]any{"return_to": "https://evil.example/"})
			if r := b.Post("/auth/passkey/register/finish", answer); r.Status != http.StatusAccepted {
				t.Fatal(r)
			}
			r := b.Post("/auth/email/verify", map[string]string{"code": s.Mail(t, "ann@example.com").Code()})
			var opened struct {
				ReturnTo string `json:"return_to"`
			}
			if err := r.JSON(&opened); err != nil || r.Status != http.StatusOK || opened.ReturnTo != row.want {
				t.Errorf("%v, return_to %q, want %q", r, opened.ReturnTo, row.want)
			}
		})
	}
}
