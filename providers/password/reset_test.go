package password_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

const another = "another long phrase"

// eachReset runs f on every database with an application that mails, and an account.
func eachReset(t *testing.T, f func(t *testing.T, s *authtest.Site, pw *password.Provider)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		pw := password.New(password.Config{})
		f(t, authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{pw, &authtest.SecondFactor{}}}), pw)
	})
}

const ada = "ada@example.org"

// forget asks for a link, as somebody whose address is not limited, and returns its secret.
func forget(t *testing.T, s *authtest.Site) string {
	t.Helper()
	if err := s.Auth.Deliver(t.Context()); err != nil { // what waits from before
		t.Fatal(err)
	}
	s.Outbox.Clear()
	if r := s.Browser().Post("/auth/password/reset/request", map[string]string{"email": ada}); r.Status != http.StatusAccepted {
		t.Fatalf("request: %v", r)
	}
	return secretOf(t, s.Mail(t, ada))
}

func secretOf(t *testing.T, m mail.Message) string {
	t.Helper()
	for _, link := range m.Links() {
		if u, err := url.Parse(link); err == nil && u.Query().Get("token") != "" {
			if !strings.HasPrefix(link, authtest.Origin+"/auth/") {
				t.Errorf("the link %s does not begin with BaseURL", link)
			}
			return u.Query().Get("token")
		}
	}
	t.Fatalf("no link in %q", m.Text)
	return ""
}

func confirm(b *authtest.Browser, secret, phrase string) *authtest.Reply {
	return b.Post("/auth/password/reset/confirm", map[string]string{"token": secret, "new_password": phrase})
}

func TestAPasswordIsResetByMail(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		b := s.Browser()
		b.Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		secret := forget(t, s)
		valid := func() string {
			return s.Browser().Post("/auth/password/reset/verify", map[string]string{"token": secret}).String()
		}
		for range 3 { // a mail program that looks ahead
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				if r := s.Browser().Do(method, "/auth/password/reset?token="+secret, nil); r.Status != http.StatusOK {
					t.Errorf("%s: %v", method, r)
				}
			}
			if got := valid(); !strings.Contains(got, `"valid":true`) {
				t.Errorf("verify: %s", got)
			}
		}
		page := s.Browser().Get("/auth/password/reset?token=" + secret)
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "strict-origin", "Content-Security-Policy": "frame-ancestors 'none'",
		} {
			if got := page.Header.Get(header); !strings.Contains(got, want) {
				t.Errorf("%s of the page = %q, want %s", header, got, want)
			}
		}
		if text := string(page.Body); !strings.Contains(text, ada) || strings.Contains(text, "<script") {
			t.Errorf("the page does not name the account, or has a script:\n%s", text)
		}
		if r := confirm(s.Browser(), secret, "short"); r.Status != http.StatusUnprocessableEntity || r.Field("new_password") != password.CodeWeak {
			t.Errorf("a weak password: %v", r)
		}
		if r := confirm(s.Browser(), secret, another); r.Status != http.StatusNoContent {
			t.Fatalf("confirm: %v", r)
		}
		if r := confirm(s.Browser(), secret, another); r.Status != http.StatusBadRequest || r.Code() != "invalid_token" {
			t.Errorf("confirmed again: %v", r)
		}
		if got := valid(); !strings.Contains(got, `"valid":false`) {
			t.Errorf("verify after its use: %s", got)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("a session from before: %v, want 401", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": ada, "password": phrase}); r.Status != http.StatusUnauthorized {
			t.Errorf("the old password: %v", r)
		}
		r := b.Post("/auth/login", map[string]string{"email": ada, "password": another})
		if r.Status != http.StatusOK || strings.Contains(r.String(), `"email_verified_at":null`) {
			t.Errorf("the new password: %v; want the address proven", r)
		}
		if m := s.Mail(t, ada); !strings.Contains(m.Subject, "password") || len(s.Outbox.Messages()) != 2 {
			t.Errorf("%d mails, the last %q; want the link and a notice", len(s.Outbox.Messages()), m.Subject)
		}
	})
}

// One link, fifty presses: one password is set.
func TestAResetLinkIsUsedOnce(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		secret := forget(t, s)
		got := authtest.InParallel(50, func(i int) int { return confirm(s.Browser(), secret, fmt.Sprint("a long new phrase ", i)).Status })
		if got[http.StatusNoContent] != 1 || got[http.StatusBadRequest] != 49 {
			t.Errorf("50 confirmations: %v, want one 204 and 49 times 400", got)
		}
	})
}

func TestWhatEndsAResetLink(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, pw *password.Provider) {
		ctx := t.Context()
		b := s.Browser()
		id := b.Post("/auth/register", map[string]string{"email": ada, "password": phrase}).UserID()
		for _, row := range []struct {
			name string
			end  func()
		}{
			{"an hour", func() { s.Clock.Advance(time.Hour) }},
			{"another link that was used", func() {
				if r := confirm(s.Browser(), forget(t, s), phrase); r.Status != http.StatusNoContent {
					t.Errorf("the other link: %v", r)
				}
			}},
			{"a password set by the host", func() {
				if err := pw.Set(ctx, id, phrase); err != nil {
					t.Error(err)
				}
			}},
			{"another address", func() {
				s.Client.User.Update().Where(user.ID(id)).SetEmail("other@example.org").ExecX(ctx)
			}},
			{"disabling", func() {
				if err := errors.Join(s.Auth.DisableUser(ctx, id), s.Auth.EnableUser(ctx, id)); err != nil {
					t.Error(err)
				}
			}},
			{"deleting", func() {
				if err := s.Auth.DeleteUser(ctx, id); err != nil {
					t.Error(err)
				}
			}},
		} {
			s.Clock.Advance(15 * time.Minute) // the window of the limit on mails
			secret := forget(t, s)
			row.end()
			if r := confirm(s.Browser(), secret, another); r.Status != http.StatusBadRequest || r.Code() != "invalid_token" {
				t.Errorf("the link after %s: %v, want 400 invalid_token", row.name, r)
			}
			s.Client.User.Update().Where(user.ID(id)).SetEmail(ada).ExecX(ctx) // of the one row that changes it
		}
		s.Clock.Advance(15 * time.Minute)
		s.Outbox.Clear()
		s.Browser().Post("/auth/password/reset/request", map[string]string{"email": ada})
		if err := s.Auth.Deliver(ctx); err != nil || len(s.Outbox.Messages()) != 0 {
			t.Errorf("%d mails to a deleted user, %v", len(s.Outbox.Messages()), err)
		}
	})
}

// Known and unknown, disabled and malformed: one answer, one row in the outbox, and a
// mail for who has an account alone.
func TestARequestTellsNothing(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		var first string
		for _, email := range []string{ada, "nobody@example.org", "no address", ""} {
			before := s.Client.Outbox.Query().CountX(t.Context())
			r := s.Browser().Post("/auth/password/reset/request", map[string]string{"email": email})
			answer := fmt.Sprint(r, r.Header)
			if first == "" {
				first = answer
			}
			if answer != first || r.Status != http.StatusAccepted {
				t.Errorf("%q: %s, want %s", email, answer, first)
			}
			if n := s.Client.Outbox.Query().CountX(t.Context()); n > before+1 {
				t.Errorf("%q: %d rows in the outbox, after %d", email, n, before)
			}
		}
		if s.Mail(t, ada); len(s.Outbox.Messages()) != 1 {
			t.Errorf("%d mails, want one", len(s.Outbox.Messages()))
		}
		if n := s.Client.Outbox.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d rows are left in the outbox", n)
		}
	})
}

func TestMailsAreLimited(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		ask := func(ip, email string) int {
			b := s.Browser()
			b.IP = ip
			return b.Post("/auth/password/reset/request", map[string]string{"email": email}).Status
		}
		for _, email := range []string{ada, "nobody@example.org"} { // with an account or without
			got := authtest.InParallel(9, func(int) int { return ask("192.0.2.77", email) })
			if got[http.StatusAccepted] != 5 || got[http.StatusTooManyRequests] != 4 {
				t.Errorf("9 requests for %s from one address: %v, want 5 and 4 times 429", email, got)
			}
			got = authtest.InParallel(30, func(i int) int { return ask(fmt.Sprint("198.51.100.", i), email) })
			if got[http.StatusAccepted] != 15 || got[http.StatusTooManyRequests] != 15 {
				t.Errorf("30 requests for %s: %v, want 15 and 15 times 429", email, got)
			}
		}
		got := authtest.InParallel(40, func(i int) int { return ask("203.0.113.9", fmt.Sprint("p", i, "@example.org")) })
		if got[http.StatusAccepted] != 20 || got[http.StatusTooManyRequests] != 20 {
			t.Errorf("40 requests from one address: %v, want 20 and 20 times 429", got)
		}
	})
}

// A second factor is asked for before a password is reset: who reads the mail alone does
// not get in.
func TestAResetAsksForTheSecondFactor(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		factor := &authtest.SecondFactor{}
		s := authtest.NewOn(t, client, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), factor}})
		id := s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase}).UserID()
		// Proven, so that the proof by mail does not take the factor away.
		client.User.Update().Where(user.ID(id)).SetEmailVerifiedAt(s.Clock.Now()).ExecX(t.Context())
		if err := factor.Enrol(t.Context(), id, "314159"); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		r := confirm(b, forget(t, s), another)
		if r.Status != http.StatusUnauthorized || r.Code() != "second_factor_required" || b.Session() != "" {
			t.Fatalf("confirm: %v, want 401 second_factor_required", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": ada, "password": phrase}); r.Code() != "second_factor_required" {
			t.Errorf("the old password, until then: %v", r)
		}
		if r := b.Post("/auth/test-factor", map[string]string{"code": "314159"}); r.Status != http.StatusOK || b.Session() == "" {
			t.Fatalf("the factor: %v", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": ada, "password": phrase}); r.Code() != "invalid_credentials" {
			t.Errorf("the old password: %v", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": ada, "password": another}); r.Code() != "second_factor_required" {
			t.Errorf("the new password: %v", r)
		}
	})
}

// A dump of the database opens nothing: no string of any row is a secret.
func TestADumpResetsNothing(t *testing.T) {
	eachReset(t, func(t *testing.T, s *authtest.Site, _ *password.Provider) {
		ctx := t.Context()
		s.Browser().Post("/auth/register", map[string]string{"email": ada, "password": phrase})
		s.Outbox.Fail(errors.New("451 come back later")) // so that the mail stays in the outbox
		s.Browser().Post("/auth/password/reset/request", map[string]string{"email": ada})
		waiting := s.Client.Outbox.Query().AllX(ctx)
		s.Outbox.Fail(nil)
		secret := forget(t, s)
		dump, err := json.Marshal([]any{waiting, s.Client.Outbox.Query().AllX(ctx), s.Client.MagicToken.Query().AllX(ctx), fields(s.Client, t)})
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%d waiting, %v", len(waiting), err)
		}
		if strings.Contains(string(dump), secret) || strings.Contains(s.Log(), secret) {
			t.Error("the secret is in the database, or in the log")
		}
		for _, row := range s.Client.MagicToken.Query().AllX(ctx) {
			for _, guess := range []string{row.ID, string(row.TokenHash), fmt.Sprintf("%x", row.TokenHash)} {
				if r := confirm(s.Browser(), guess, another); r.Status != http.StatusBadRequest {
					t.Errorf("a string of the database: %v, want 400", r)
				}
			}
		}
	})
}

// fields are the sensitive columns, which entities do not marshal.
func fields(client *ent.Client, t *testing.T) []string {
	var list []string
	for _, row := range client.MagicToken.Query().Where(magictoken.UsedAtIsNil()).AllX(t.Context()) {
		list = append(list, string(row.TokenHash))
	}
	return list
}
