package magiclink_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

// entered is what POST /magic-link/verify answers.
type entered struct {
	User struct {
		ID, Email  string
		VerifiedAt string `json:"email_verified_at"`
	}
	Session struct{ Factors []struct{ Kind string } }
	Token   string
}

func TestALinkMakesAnAccountAndSignsIn(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		b := s.Browser()
		secret := secretIn(letter(t, b, "Ada@Example.org"))
		if n := client.User.Query().CountX(t.Context()); n != 0 {
			t.Fatalf("%d users before the mail is answered", n)
		}
		for range 3 { // a mail program that looks ahead
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				if r := s.Browser().Do(method, "/auth/magic-link/verify?token="+secret, nil); r.Status != http.StatusOK || len(r.Cookies) != 0 {
					t.Errorf("%s: %v, cookies %v", method, r, r.Cookies)
				}
			}
		}
		r := press(b, secret)
		var first entered
		if err := r.JSON(&first); err != nil || r.Status != http.StatusOK || b.Session() == "" || first.Token != "" {
			t.Fatalf("the link: %v\n%s", r, s.Log())
		}
		if first.User.Email != ada || first.User.VerifiedAt == "" || len(first.Session.Factors) != 1 || first.Session.Factors[0].Kind != auth.FactorEmail {
			t.Errorf("signed in as %v", r)
		}
		if b.Cookie(flowCookie) != "" {
			t.Error("the flow is still in the cookie")
		}
		if r := b.Get("/auth/user"); r.UserID() != first.User.ID {
			t.Errorf("GET /user: %v", r)
		}
		if r := press(b, secret); r.Code() != "invalid_token" {
			t.Errorf("the link once more: %v", r)
		}

		other := s.Browser()
		code := letter(t, other, ada).Code()
		r = typeIn(other, strings.ToLower(code))
		if r.Status != http.StatusOK || r.UserID() != first.User.ID || other.Session() == "" {
			t.Fatalf("the code %s: %v", code, r)
		}
		if r := typeIn(other, code); r.Code() != "invalid_token" {
			t.Errorf("the code once more: %v", r)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the first browser: %v", r)
		}
	})
}

// What is in the database is an account of somebody who can read the mail, and of nobody
// who was there before.
func TestTheFirstLinkTakesAnUnprovenAccountOver(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{})}})
		mallory := s.Browser()
		theirs := map[string]string{"email": ada, "password": "a phrase of Mallory"}
		id := mallory.Post("/auth/register", theirs).UserID()

		b := s.Browser()
		if r := press(b, secretIn(letter(t, b, ada))); r.Status != http.StatusOK || r.UserID() != id {
			t.Fatalf("the link: %v", r)
		}
		if r := mallory.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("the session from before: %v, want 401", r)
		}
		if r := s.Browser().Post("/auth/login", theirs); r.Code() != "invalid_credentials" {
			t.Errorf("the password from before: %v", r)
		}
		if r := press(b, secretIn(letter(t, b, ada))); r.Status != http.StatusOK || r.UserID() != id {
			t.Errorf("the next link: %v", r)
		}
	})
}

// Who is signed in to the account has shown to be its owner: proving the address then
// takes nothing away. A session of another account's shows nothing.
func TestALinkPressedByWhoIsSignedIn(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{})}})
		for email, kept := range map[string]bool{ada: true, "bob@example.org": false} {
			own := map[string]string{"email": email, "password": "a long pass phrase"}
			b := s.Browser()
			id := b.Post("/auth/register", own).UserID()
			if !kept {
				b = s.Browser()
				b.Post("/auth/register", map[string]string{"email": "eve@example.org", "password": "a long pass phrase"})
			}
			before := b.Session()
			if r := press(b, secretIn(letter(t, b, email))); r.Status != http.StatusOK || r.UserID() != id || b.Session() == before {
				t.Fatalf("the link for %s: %v", email, r)
			}
			want := http.StatusUnauthorized
			if kept {
				want = http.StatusOK
			}
			if r := s.Browser().Post("/auth/login", own); r.Status != want {
				t.Errorf("the password of %s after the link: %v, want %d", email, r, want)
			}
		}
	})
}

// A second factor is asked for, and the link is used all the same: who reads the mail has
// one try at the rest, not ten minutes of them.
func TestASecondFactorIsAskedForAfterTheLink(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		factor := &authtest.SecondFactor{}
		s := newSite(t, client, magiclink.Config{}, factor)
		b := s.Browser()
		id := signIn(t, b, ada).UserID()
		b.Post("/auth/logout", nil)
		if err := factor.Enrol(t.Context(), id, "314159"); err != nil {
			t.Fatal(err)
		}
		for way, answer := range map[string]func(b *authtest.Browser) *authtest.Reply{
			"link": func(b *authtest.Browser) *authtest.Reply { return press(b, secretIn(letter(t, b, ada))) },
			"code": func(b *authtest.Browser) *authtest.Reply { return typeIn(b, letter(t, b, ada).Code()) },
		} {
			b := s.Browser()
			r := answer(b)
			if r.Status != http.StatusUnauthorized || r.Code() != "second_factor_required" || b.Session() != "" {
				t.Fatalf("the %s alone: %v, session %t", way, r, b.Session() != "")
			}
			m, _ := s.Outbox.Last(ada)
			if r := press(b, secretIn(m)); r.Code() != "invalid_token" {
				t.Errorf("the link again, after the %s: %v", way, r)
			}
			if r := typeIn(b, m.Code()); r.Code() != "invalid_token" {
				t.Errorf("the code again, after the %s: %v", way, r)
			}
			if r := s.Browser().Post("/auth/test-factor", map[string]string{"code": "314159"}); r.Code() != "invalid_token" {
				t.Errorf("the factor in another browser, after the %s: %v", way, r)
			}
			if r := b.Post("/auth/test-factor", map[string]string{"code": "314159"}); r.Status != http.StatusOK || b.Session() == "" || r.UserID() != id {
				t.Errorf("the factor after the %s: %v", way, r)
			}
			s.Clock.Advance(time.Hour) // the tries of a code, and the limit on mails
		}
	})
}

func TestAppsSendTheFlowInAHeader(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		for way, answer := range map[string]func(*authtest.Browser) *authtest.Reply{
			"link": func(b *authtest.Browser) *authtest.Reply { return press(b, secretIn(s.Mail(t, ada))) },
			"code": func(b *authtest.Browser) *authtest.Reply { return typeIn(b, s.Mail(t, ada).Code()) },
		} {
			app := s.App()
			asked := ask(app, ada)
			if asked.Status != http.StatusAccepted || len(asked.Flow()) != 43 || len(asked.Cookies) != 0 {
				t.Fatalf("ask: %v, cookies %v", asked, asked.Cookies)
			}
			if r := answer(app); r.Code() != "invalid_token" {
				t.Errorf("the %s without the header: %v", way, r)
			}
			stranger := s.App()
			stranger.Header.Set("Torii-Flow", ask(stranger, "eve@example.org").Flow())
			if r := answer(stranger); r.Code() != "invalid_token" {
				t.Errorf("the %s with another flow: %v", way, r)
			}
			app.Header.Set("Torii-Flow", asked.Flow())
			r := answer(app)
			if r.Status != http.StatusOK || len(r.Token()) != 43 || len(r.Cookies) != 0 {
				t.Fatalf("the %s: %v, cookies %v", way, r, r.Cookies)
			}
			app.Header.Set("Authorization", "Bearer "+r.Token())
			if r := app.Get("/auth/user"); r.Status != http.StatusOK {
				t.Errorf("signed in by the %s: %v", way, r)
			}
		}
	})
}
