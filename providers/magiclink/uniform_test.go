package magiclink_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/providers/magiclink"
)

// answer is all that a client is told, but for the flow, which is random.
func answer(t *testing.T, b *authtest.Browser, r *authtest.Reply) string {
	t.Helper()
	flow := r.Flow()
	if b.Header.Get("Torii-Transport") == "" {
		flow = b.Cookie(flowCookie)
	}
	if len(flow) != 43 && r.Status == http.StatusAccepted {
		t.Errorf("the flow %q of %v", flow, r)
	}
	text := fmt.Sprint(r.Status, r.Header, string(r.Body))
	if flow == "" {
		return text
	}
	return strings.ReplaceAll(text, flow, "FLOW")
}

// Known, unknown, disabled, no address at all: one answer and one waiting row each, and a
// mail to who is to have one.
func TestARequestTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		ctx := t.Context()
		keep := newSite(t, client, magiclink.Config{})
		for _, email := range []string{ada, "disabled@example.org"} {
			if r := signIn(t, keep.Browser(), email); r.Status != http.StatusOK {
				t.Fatalf("%s: %v", email, r)
			}
		}
		off, err := keep.Auth.UserByEmail(ctx, "disabled@example.org")
		if err == nil {
			err = keep.Auth.DisableUser(ctx, off.ID)
		}
		if err == nil {
			_, err = keep.Auth.CreateUser(ctx, auth.NewUser{Email: "unproven@example.org"})
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range []struct {
			ignore, app bool
		}{{false, false}, {false, true}, {true, false}, {true, true}} {
			s := newSite(t, client, magiclink.Config{IgnoreUnknown: row.ignore})
			s.Clock.Advance(time.Duration(i+1) * time.Hour) // the limit on mails
			transport := s.Browser
			if row.app {
				transport = s.App
			}
			sameForAll(t, s, transport, []asked{
				{ada, true}, {"ADA@EXAMPLE.ORG", true}, {"unproven@example.org", true},
				{fmt.Sprint("nobody", i, "@example.org"), !row.ignore}, {"disabled@example.org", false},
				{"no address", false}, {"", false}, {"a@b@example.org", false}, {"ada@example.org\r\nBcc: eve@example.org", false},
				{strings.Repeat("x", 300) + "@example.org", false}, {"\u212Aelvin@", false},
			})
		}
	})
}

// asked is an address, and whether it gets a mail.
type asked struct {
	email  string
	mailed bool
}

func sameForAll(t *testing.T, s *authtest.Site, transport func() *authtest.Browser, list []asked) {
	t.Helper()
	ctx := t.Context()
	waiting := func() int { return s.Client.Challenge.Query().Where(challenge.Purpose("sign_in")).CountX(ctx) }
	first := ""
	for _, row := range list {
		s.Outbox.Clear()
		flows := waiting()
		b := transport()
		r := ask(b, row.email)
		got := answer(t, b, r)
		if first == "" {
			first = got
		}
		if got != first || r.Status != http.StatusAccepted {
			t.Errorf("%.40q: %s, want %s", row.email, got, first)
		}
		if n := waiting(); n != flows+1 {
			t.Errorf("%.40q: %d flows, want one more than %d", row.email, n, flows)
		}
		if err := s.Auth.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
		if n := len(s.Outbox.Messages()); n > 1 || n == 1 != row.mailed {
			t.Errorf("%.40q: %d mails, want one: %t", row.email, n, row.mailed)
		}
		// Nor is it told by guessing at the code that came, or did not.
		if flow := r.Flow(); flow != "" {
			b.Header.Set("Torii-Flow", flow)
		}
		if r := typeIn(b, "0000-0000"); r.Status != http.StatusBadRequest || r.Code() != "invalid_token" {
			t.Errorf("a guess for %.40q: %v", row.email, r)
		}
	}
	if n := s.Client.Outbox.Query().CountX(ctx); n != 0 {
		t.Errorf("%d rows are left in the outbox", n)
	}
}

// Without an account a mail that was asked for under IgnoreUnknown opens none later.
func TestAnUnknownAddressIsNotLetInLater(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{IgnoreUnknown: true})
		b := s.Browser()
		if r := ask(b, ada); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: ada}); err != nil {
			t.Fatal(err)
		}
		if err := s.Auth.Deliver(t.Context()); err != nil || len(s.Outbox.Messages()) != 0 {
			t.Errorf("%d mails to an address that had no account when it was asked for, %v", len(s.Outbox.Messages()), err)
		}
		if r := press(b, secretIn(letter(t, b, ada))); r.Status != http.StatusOK {
			t.Errorf("asked again: %v", r)
		}
	})
}

func TestARequestThatCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		for _, body := range []string{`{}`, `{"email":null}`, `{"email":["ada@example.org"]}`, `{"email":1}`, `{"email":"ada@example.org","return_to":1}`, `{"Email":"ada@example.org"}`} {
			if r := s.Browser().Post("/auth/magic-link", body); r.Status != http.StatusBadRequest || r.Code() != "invalid_request" {
				t.Errorf("ask with %s: %v", body, r)
			}
		}
		b := s.Browser()
		m := letter(t, b, ada)
		for body, code := range map[string]string{
			`{}`: "invalid_request", `{"token":null}`: "invalid_request", `{"token":["` + secretIn(m) + `"]}`: "invalid_request",
			`{"token":"` + secretIn(m) + `","code":"` + m.Code() + `"}`: "invalid_request",
			`{"token":""}`: "invalid_token", `{"code":""}`: "invalid_token", `{"token":"\u0000"}`: "invalid_token",
			`{"token":"` + secretIn(m) + ` "}`: "invalid_token", `{"code":"` + secretIn(m) + `"}`: "invalid_token", `{"token":"` + m.Code() + `"}`: "invalid_token",
		} {
			if r := b.Post("/auth/magic-link/verify", body); r.Status != http.StatusBadRequest || r.Code() != code {
				t.Errorf("answer with %s: %v, want 400 %s", body, r, code)
			}
		}
		if r := press(b, secretIn(m)); r.Status != http.StatusOK {
			t.Errorf("the link after all that: %v", r)
		}
	})
}
