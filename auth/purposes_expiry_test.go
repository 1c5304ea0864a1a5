package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

// A secret works until its last second, and not in the one after.
func TestWhenMailedSecretsExpire(t *testing.T) {
	eachPurpose(t, func(t *testing.T, s *authtest.Site, p purpose) {
		ways := map[string]func(k kept) *authtest.Reply{
			"link": func(k kept) *authtest.Reply { return k.offer(k.b, k.token) },
		}
		if p.code {
			ways["code"] = func(k kept) *authtest.Reply { return k.try(k.b, k.typed) }
		}
		for way, use := range ways {
			k := p.prepare(t, s)
			s.Clock.Advance(p.lifetime - time.Second)
			if r := use(k); r.Status != p.status {
				t.Errorf("the %s a second before its end: %v, want %d", way, r, p.status)
			}
			k = p.prepare(t, s)
			s.Clock.Advance(p.lifetime)
			refused(t, use(k), "the "+way+" at its end")
			if page := k.b.Get("/auth" + p.page + "?token=" + k.token); strings.Contains(string(page.Body), "<form") {
				t.Errorf("the page behind the link has a form at its end:\n%s", page.Body)
			}
		}
	})
}

// A mail that could not be sent for a while has a secret that is no younger than what
// it is about: an undo ends with the address's reservation.
func TestAnUndoThatCameLateEndsInTime(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, p := mailingSite(t, client), purposeOf(t, "undo")
		for _, after := range []time.Duration{p.lifetime - time.Second, p.lifetime} {
			list := onTheirWay(t, s, member(t, s), true, []string{"verify", "sign in", "reset", "change"})
			s.Clock.Advance(24*time.Hour - time.Minute)
			late := arrived(t, s, list) // a minute later
			if len(late) != 1 {
				t.Fatalf("%d mails came a day late, want one", len(late))
			}
			s.Clock.Advance(after - 24*time.Hour)
			r := p.offer(elsewhere(s), late[0].token)
			if after == p.lifetime {
				refused(t, r, "the undo a week after the change")
			} else if r.Status != p.status {
				t.Errorf("the undo a second before: %v, want %d", r, p.status)
			}
		}
	})
}
