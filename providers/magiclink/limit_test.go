package magiclink_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/magiclink"
)

func TestMailsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{IgnoreUnknown: true})
		if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: ada}); err != nil {
			t.Fatal(err)
		}
		from := func(ip, email string) *authtest.Reply {
			b := s.Browser()
			b.IP = ip
			return ask(b, email)
		}
		for n, email := range []string{ada, "nobody@example.org", "no address"} {
			got := authtest.InParallel(10, func(int) int { return from(fmt.Sprint("192.0.2.", 70+n), email).Status })
			if got[http.StatusAccepted] != 5 || got[http.StatusTooManyRequests] != 5 {
				t.Errorf("10 requests for %q from one address: %v, want 5 and 5 times 429", email, got)
			}
			// Which leaves 15 for everybody else.
			got = authtest.InParallel(30, func(i int) int { return from(fmt.Sprint("198.51.100.", i), email).Status })
			if got[http.StatusAccepted] != 15 || got[http.StatusTooManyRequests] != 15 {
				t.Errorf("30 requests for %q: %v, want 15 and 15 times 429", email, got)
			}
			r := from("198.51.100.200", email)
			if r.Code() != "too_many_attempts" || r.Header.Get("Retry-After") != "900" || len(r.Cookies) != 0 {
				t.Errorf("one more for %q: %v, Retry-After %q, cookies %v", email, r, r.Header.Get("Retry-After"), r.Cookies)
			}
		}
		got := authtest.InParallel(40, func(i int) int { return from("203.0.113.9", fmt.Sprint("p", i, "@example.org")).Status })
		if got[http.StatusAccepted] != 20 || got[http.StatusTooManyRequests] != 20 {
			t.Errorf("40 requests from one address: %v, want 20 and 20 times 429", got)
		}
		if n := client.Challenge.Query().CountX(t.Context()); n != 3*20+20 {
			t.Errorf("%d flows, want one for each request that was let through, %d", n, 3*20+20)
		}
		if err := s.Auth.Deliver(t.Context()); err != nil || len(s.Outbox.Messages()) != 20 {
			t.Errorf("%d mails, %v, want 20 to the one who has an account", len(s.Outbox.Messages()), err)
		}
		s.Clock.Advance(15 * time.Minute)
		if r := from("203.0.113.9", ada); r.Status != http.StatusAccepted {
			t.Errorf("a quarter of an hour later: %v", r)
		}
	})
}

// A flow may try five codes, over all mails that it asks for, and however long it waits
// in between. Its links are not for guessing at, and go on working.
func TestCodesAreLimited(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, magiclink.Config{})
		b := s.Browser()
		wrong := func(m string) string {
			if m == "0000-0000" {
				return "1111-1111"
			}
			return "0000-0000"
		}
		first := letter(t, b, ada)
		for i := range 4 {
			if r := typeIn(b, wrong(first.Code())); r.Code() != "invalid_token" {
				t.Errorf("wrong code %d: %v", i+1, r)
			}
		}
		second := letter(t, b, ada)
		if r := typeIn(b, wrong(second.Code())); r.Code() != "invalid_token" {
			t.Errorf("the fifth wrong code: %v", r)
		}
		if r := typeIn(b, second.Code()); r.Code() != "invalid_token" || b.Session() != "" {
			t.Errorf("the right code after five wrong ones: %v, want it dead", r)
		}
		if r := press(b, secretIn(second)); r.Status != http.StatusOK {
			t.Errorf("the link: %v", r)
		}

		// Who has spent a flow on somebody's address keeps nobody from typing in another.
		c := s.Browser()
		c.IP = "198.51.100.1"
		m := letter(t, c, ada)
		if r := typeIn(c, m.Code()); r.Status != http.StatusOK {
			t.Errorf("in another browser: %v", r)
		}
	})
}
