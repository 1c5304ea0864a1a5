package auth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/torii-go/torii/ent"
)

// The log and the events are read by more people than the mails are.
func TestNoLogAndNoEventHasASecretOrAnAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		secrets := map[string]string{"the password": phrase}
		for _, p := range purposes {
			k := p.prepare(t, s)
			keep := func(when string) {
				secrets["the address "+when+p.name], secrets["where the mail went "+when+p.name] = k.email, k.to
				secrets["the session "+when+p.name] = k.b.Session()
				for i, flow := range strings.Split(k.b.Cookie(flowCookie), ".") {
					secrets[fmt.Sprint("flow ", i, " ", when, p.name)] = flow
				}
			}
			keep("before ")
			secrets["the link to "+p.name], secrets["the code to "+p.name] = k.token, k.typed
			secrets["the bare code to "+p.name] = strings.ReplaceAll(k.typed, "-", "")
			k.b.Get("/auth" + p.page + "?token=" + k.token)
			elsewhere(s).Get("/auth" + p.page + "?token=" + k.token)
			if p.bound { // refused there
				p.offer(elsewhere(s), k.token)
			}
			if p.code {
				p.try(k.b, "0000-0000")
				p.try(elsewhere(s), k.typed)
			}
			k.works(t, "looking at it")
			p.offer(k.b, k.token)
			keep("after ")
		}
		all, written := s.Log(), client.AuthEvent.Query().AllX(t.Context())
		if len(written) < 2*len(purposes) || !strings.Contains(all, "level=") {
			t.Fatalf("%d events, and the log:\n%s", len(written), all)
		}
		for _, e := range written {
			all += fmt.Sprintln(e)
		}
		for name, value := range secrets {
			if value != "" && strings.Contains(all, value) {
				t.Errorf("%s is in the log or the events: %q", name, value)
			}
		}
	})
}
