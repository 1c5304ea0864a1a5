package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/mail"
)

// Whose word for an address opens the account that has it, and whose does not.
func TestWhoOwnsAnAddress(t *testing.T) {
	for name, row := range map[string]struct {
		email    string // of the account, and what the provider tells
		verified any
		proven   bool   // the account's address is
		want     string // code; "" signs in
	}{
		"both are sure":                       {"ann@example.org", true, true, ""},
		"the account is not":                  {"ann@example.org", true, false, ""}, // reclaimed: see below
		"the provider is not":                 {"ann@example.org", false, true, "email_taken"},
		"neither is":                          {"ann@example.org", nil, false, "email_taken"},
		"the provider is not believed":        {"ann@example.net", true, true, "email_taken"},
		"the provider is not believed either": {"ann@example.net", true, false, "email_taken"},
	} {
		s := lite(t)
		u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: row.email, EmailVerified: row.proven})
		if err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		r := s.come(t, b, authtest.Person{Subject: "1", Email: strings.ToUpper(row.email[:1]) + row.email[1:], EmailVerified: row.verified}, map[string]any{})
		if r.Code() != row.want || row.want == "" && r.UserID() != u.ID {
			// Anybody may write an address in capitals; what is compared is canonical.
			t.Errorf("%s: %v, want %q", name, r, row.want)
		}
		if in := b.Session() != ""; in != (row.want == "") || s.links(t) != 0 != in || s.users(t) != 1 {
			t.Errorf("%s: session %t, %d links, %d users", name, in, s.links(t), s.users(t))
		}
	}
}

// Where addresses are proven first, an unproven one is asked by mail, whether it has an
// account or not; the identity is linked when the mail is answered here.
func TestProveFirst(t *testing.T) {
	s := newSite(t, authtest.Database(t), nil, authtest.ProveFirst())
	if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "taken@example.net", EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	who := authtest.Person{Subject: "ann", Email: "ann@example.net", EmailVerified: true}
	answers := map[string]bool{}
	for _, email := range []string{"taken@example.net", "ann@example.net"} {
		who.Email = email
		r := s.come(t, s.Browser(), who, map[string]any{})
		answers[r.String()] = true
		if r.Status != http.StatusAccepted || s.links(t) != 0 || s.users(t) != 1 {
			t.Errorf("%s: %v, %d links, %d users", email, r, s.links(t), s.users(t))
		}
	}
	if len(answers) != 1 {
		t.Errorf("who has an account is told: %v", answers)
	}
	// In a browser: a page that takes the code.
	b := s.Browser()
	to, _ := begin(b, map[string]any{"return_to": "/books"})
	r := b.Get(pathOf(s.visit(t, to, who)))
	if r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/email/verify/sent" || b.Session() != "" {
		t.Fatalf("%v, Location %q", r, r.Header.Get("Location"))
	}
	page := b.Get("/auth/email/verify/sent")
	if page.Status != http.StatusOK || !strings.Contains(string(page.Body), `name="code"`) || strings.Contains(string(page.Body), `name="token"`) {
		t.Fatalf("the page: %v", page)
	}
	m := s.Mail(t, "ann@example.net")
	b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r = b.Do(http.MethodPost, "/auth/email/verify", "code="+m.Code())
	if r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/books" || b.Session() == "" || s.links(t) != 1 {
		t.Fatalf("the code: %v, Location %q, %d links", r, r.Header.Get("Location"), s.links(t))
	}
	b.Header.Del("Content-Type")
	id := b.Get("/auth/user").UserID()
	if r := s.come(t, s.Browser(), who, map[string]any{}); r.Status != http.StatusOK || r.UserID() != id {
		t.Errorf("the next time: %v", r)
	}
}

// A provider that tells no address leaves it to the person, whose word is proven by mail.
func TestWithoutAnAddress(t *testing.T) {
	for name, email := range map[string]string{"none": "", "not one": "ann at home"} {
		s := newSite(t, authtest.Database(t), nil, authtest.ProveFirst())
		b := s.Browser()
		r := s.come(t, b, authtest.Person{Subject: "ann", Email: email, EmailVerified: true}, map[string]any{})
		if r.Code() != auth.ErrProfileRequired.Code || r.Field("email") != "required" || s.users(t) != 0 {
			t.Fatalf("%s: %v", name, r)
		}
		if r := b.Post("/auth/register/complete", map[string]string{"email": "ann@example.org"}); r.Status != http.StatusAccepted || s.users(t) != 0 {
			t.Fatalf("%s: %v", name, r)
		}
		token := tokenIn(t, s.Mail(t, "ann@example.org"))
		if r := b.Post("/auth/email/verify", map[string]string{"token": token}); r.Status != http.StatusOK || s.links(t) != 1 {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// A second factor stands between the provider and the session, and before the link.
func TestSecondFactor(t *testing.T) {
	s := lite(t)
	u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "ann@example.org", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.factor.Enrol(t.Context(), u.ID, "123456"); err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	if r := s.come(t, b, person("ann"), map[string]any{}); r.Code() != auth.ErrSecondFactorRequired.Code || b.Session() != "" || s.links(t) != 0 {
		t.Fatalf("%v, %d links", r, s.links(t))
	}
	if r := b.Post("/auth/test-factor", map[string]string{"code": "123456"}); r.Status != http.StatusOK || r.UserID() != u.ID || s.links(t) != 1 {
		t.Errorf("with the factor: %v, %d links", r, s.links(t))
	}
}

// tokenIn is what the link of a mail holds.
func tokenIn(t testing.TB, m mail.Message) string {
	t.Helper()
	for _, link := range m.Links() {
		if _, token, ok := strings.Cut(link, "token="); ok {
			return token
		}
	}
	t.Fatalf("no link in %q", m.Text)
	return ""
}
