package password_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// A mail server that is down loses nothing; what was delivered is not sent again.
func TestAMailIsTriedAgain(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		ctx := t.Context()
		s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		s.Outbox.Fail(errors.New("451 come back later"))
		s.Browser().Post("/auth/password/reset/request", map[string]string{"email": ada})
		if err := s.Auth.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
		if row := s.Client.Outbox.Query().OnlyX(ctx); row.Attempts != 1 || !row.NextAttemptAt.After(s.Clock.Now()) {
			t.Errorf("after a failure: %d attempts, next at %v", row.Attempts, row.NextAttemptAt)
		}
		s.Outbox.Fail(nil)
		if err := s.Auth.Deliver(ctx); err != nil || len(s.Outbox.Messages()) != 0 {
			t.Errorf("tried before its time: %d mails, %v", len(s.Outbox.Messages()), err)
		}
		s.Clock.Advance(time.Minute)
		s.Mail(t, ada)
		if err := s.Auth.Deliver(ctx); err != nil || len(s.Outbox.Messages()) != 1 {
			t.Errorf("%d mails, %v; want one", len(s.Outbox.Messages()), err)
		}
		if n := s.Client.MagicToken.Query().CountX(ctx); n != 2 {
			t.Errorf("%d secrets, want one for each try", n)
		}
		s.Outbox.Fail(mail.Permanent(errors.New("550 no such user")))
		s.Browser().Post("/auth/password/reset/request", map[string]string{"email": ada})
		if err := s.Auth.Deliver(ctx); err != nil || s.Client.Outbox.Query().Where(outbox.Purpose(string(mail.Reset))).CountX(ctx) != 0 {
			t.Errorf("a refusal for good is tried again, %v", err)
		}
	})
}

// Several instances share an outbox: each mail is sent once.
func TestInstancesShareTheOutbox(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		const people = 20
		for i := range people {
			b := s.Browser()
			b.IP = fmt.Sprint("198.51.100.", i)
			b.Post("/auth/register", map[string]string{"email": fmt.Sprintf("p%d@example.org", i), "password": phrase})
			b.Post("/auth/password/reset/request", map[string]string{"email": fmt.Sprintf("p%d@example.org", i)})
		}
		others := make([]*authtest.Site, 4)
		for i := range others {
			others[i] = authtest.NewOn(t, s.Client, auth.Config{
				Providers: []auth.Provider{password.New(password.Config{})}, Now: s.Clock.Now, Mail: auth.MailConfig{Sender: s.Outbox},
			})
		}
		others = append(others, s)
		authtest.InParallel(len(others), func(i int) error { return others[i].Auth.Deliver(t.Context()) })
		to := map[string]int{}
		for _, m := range s.Outbox.Messages() {
			to[m.To.Address]++
		}
		for i := range people {
			if n := to[fmt.Sprintf("p%d@example.org", i)]; n != 1 {
				t.Errorf("p%d has %d mails, want 1; log:\n%s", i, n, s.Log())
			}
		}
	})
}

// The page works without JavaScript: its form is taken from this site alone.
func TestTheResetPage(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})
	s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
	secret := forget(t, s)
	form := func(origin, phrase string) *authtest.Reply {
		b := s.Browser()
		b.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		b.Header.Set("Sec-Fetch-Site", origin)
		return b.Post("/auth/password/reset/confirm", "token="+secret+"&new_password="+url.QueryEscape(phrase))
	}
	for _, origin := range []string{"cross-site", "same-site", "none", ""} {
		if r := form(origin, another); r.Status != http.StatusForbidden {
			t.Errorf("a form from %q: %v, want 403", origin, r)
		}
	}
	r := form("same-origin", "short")
	if r.Status != http.StatusSeeOther || !strings.Contains(r.Header.Get("Location"), "problem=weak_password") {
		t.Fatalf("a weak password: %v to %s", r.Status, r.Header.Get("Location"))
	}
	if page := s.Browser().Get(r.Header.Get("Location")); !strings.Contains(string(page.Body), "too short") {
		t.Errorf("the page after that: %v", page)
	}
	if r := form("same-origin", another); r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/auth/password/reset?done=1" {
		t.Errorf("the form: %v to %s", r.Status, r.Header.Get("Location"))
	}
	if page := s.Browser().Get("/auth/password/reset?token=" + secret); !strings.Contains(string(page.Body), "not valid any more") {
		t.Errorf("the page of a used link: %v", page)
	}
	if page := s.Browser().Get(`/auth/password/reset?token=%22%3E%3Cscript%3E`); strings.Contains(string(page.Body), "<script") {
		t.Error("the page shows what is in its address")
	}
}

// A host's own page gets the secret in the fragment, which no server sees.
func TestAHostsOwnPage(t *testing.T) {
	s := authtest.New(t, auth.Config{
		Providers: []auth.Provider{password.New(password.Config{})},
		Mail:      auth.MailConfig{Pages: map[mail.Kind]string{mail.Reset: "/new-password"}},
	})
	s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
	secret := forget(t, s)
	r := s.Browser().Get("/auth/password/reset?token=" + secret)
	if r.Status != http.StatusSeeOther || r.Header.Get("Location") != "/new-password#token="+secret {
		t.Errorf("%d to %s, want 303 to the host's page", r.Status, r.Header.Get("Location"))
	}
}

// Host headers never change a link, and the language is the browser's.
func TestALinkIsBaseURLs(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})
	s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
	b := s.Browser()
	for _, name := range []string{"Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto"} {
		b.Header.Set(name, "evil.example")
	}
	b.Header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")
	b.Post("/auth/password/reset/request", map[string]string{"email": ada})
	m := s.Mail(t, ada)
	secretOf(t, m)
	if strings.Contains(m.Text+m.HTML, "evil") || m.Locale != "de" {
		t.Errorf("locale %q, text:\n%s", m.Locale, m.Text)
	}
}

func TestAChangeOfPasswordIsTold(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		b := s.Browser()
		b.Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		secret := forget(t, s)
		if r := b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": another}); r.Status != http.StatusOK {
			t.Fatalf("change: %v", r)
		}
		if m := s.Mail(t, ada); !strings.Contains(m.Text, "changed") || strings.Contains(m.Text, another) {
			t.Errorf("the notice: %q", m.Text)
		}
		if r := confirm(s.Browser(), secret, phrase); r.Code() != "invalid_token" {
			t.Errorf("a link from before the change: %v", r)
		}
	})
}
