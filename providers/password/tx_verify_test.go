package password_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/password"
)

// Who signs up in a host's transaction proves the address afterwards and keeps the
// password: by the flow, by the password, not by the link alone.
func TestProvingAfterAHostsTransaction(t *testing.T) {
	onPool(t, func(t *testing.T, s *site, pool *sql.DB) {
		for _, way := range []string{"flow", "code", "password", "link"} {
			email, flow := way+"@example.org", ""
			err := inTx(t, s, pool, func(ctx context.Context, tx *sql.Tx, pw password.Tx) error {
				u, err := pw.Register(ctx, password.Registration{Email: email, Password: phrase})
				if err != nil {
					return err
				}
				flow, err = s.Auth.InTx(tx).RequestVerification(ctx, u.ID, auth.Client{})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if r := s.Browser().Post("/auth/login", map[string]string{"email": email, "password": phrase}); r.Code() != "invalid_credentials" {
				t.Errorf("%s: sign in before the proof: %v", way, r)
			}
			mail := s.Mail(t, email)
			link, err := url.Parse(mail.Links()[0])
			if err != nil {
				t.Fatal(err)
			}
			app, body, page := s.App(), map[string]string{"token": link.Query().Get("token")}, `name="password"`
			switch way {
			case "code":
				body = map[string]string{"code": mail.Code()}
				fallthrough
			case "flow":
				app.Header.Set("Torii-Flow", flow)
				page = "your sign-up at app.example is complete"
			case "password":
				body["password"] = phrase
			}
			if r := app.Get(link.RequestURI()); !strings.Contains(string(r.Body), page) {
				t.Errorf("%s: the page lacks %q\n%v", way, page, r)
			}
			if r := app.Post("/auth/email/verify", body); r.Status != http.StatusOK {
				t.Fatalf("%s: %v\n%s", way, r, s.Log())
			}
			kept := s.Client.Credential.Query().Where(credential.HasUser(), credential.Kind(password.Kind)).CountX(t.Context())
			if want := map[string]int{"flow": 1, "code": 2, "password": 3, "link": 3}[way]; kept != want {
				t.Errorf("%s: %d passwords are there, want %d", way, kept, want)
			}
		}
	}, authtest.ProveFirst())
}

// A wrong password beside the link changes nothing, and is counted.
func TestAWrongPasswordBesideALink(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s = newSite(t, s.Client, auth.Config{}, authtest.ProveFirst())
		b := s.Browser()
		b.Post("/auth/register", map[string]string{"email": "ada@example.org", "password": phrase})
		link, err := url.Parse(s.Mail(t, "ada@example.org").Links()[0])
		if err != nil {
			t.Fatal(err)
		}
		body := map[string]string{"token": link.Query().Get("token"), "password": "not the one she chose"}
		for range 5 {
			if r := s.Browser().Post("/auth/email/verify", body); r.Code() != "wrong_password" {
				t.Fatalf("%v, want wrong_password", r)
			}
		}
		if r := s.Browser().Post("/auth/email/verify", body); r.Code() != "too_many_attempts" {
			t.Errorf("the sixth: %v, want too_many_attempts", r)
		}
		if r := b.Post("/auth/email/verify", map[string]string{"token": body["token"]}); r.Status != http.StatusOK {
			t.Errorf("where the sign-up began: %v", r)
		}
	})
}

// The mail's link leads where the person wanted to go, in this site alone.
func TestASignUpReturns(t *testing.T) {
	for to, want := range map[string]string{"/orders?page=2": "/orders?page=2", "//evil.example": "/", "https://evil.example/": "/", "": "/"} {
		s := newSite(t, authtest.Database(t), auth.Config{}, authtest.ProveFirst())
		b := s.Browser()
		b.Post("/auth/register", map[string]string{"email": "ada@example.org", "password": phrase, "return_to": to})
		link, err := url.Parse(s.Mail(t, "ada@example.org").Links()[0])
		if err != nil {
			t.Fatal(err)
		}
		b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r := b.Post("/auth/email/verify", url.Values{"token": {link.Query().Get("token")}}.Encode())
		if r.Status != http.StatusSeeOther || r.Header.Get("Location") != want || b.Session() == "" {
			t.Errorf("%q: %v to %q, want 303 to %q", to, r, r.Header.Get("Location"), want)
		}
	}
}
