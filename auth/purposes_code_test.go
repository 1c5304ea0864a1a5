package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/challenge"
)

// eachCode runs f for every purpose with a code.
func eachCode(t *testing.T, f func(t *testing.T, s *authtest.Site, p purpose)) {
	t.Helper()
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for _, p := range purposes {
			if p.code {
				t.Run(strings.ReplaceAll(p.name, " ", "_"), func(t *testing.T) { f(t, s, p) })
			}
		}
	})
}

// wrong are codes that a mail does not have.
func (k kept) wrong(n int) (list []string) {
	for i := 0; len(list) < n; i++ {
		if code := fmt.Sprintf("0000-%04d", i); code != k.typed {
			list = append(list, code)
		}
	}
	return list
}

// fails tries wrong codes from the right browser.
func (k kept) fails(t *testing.T, n int) {
	t.Helper()
	for i, code := range k.wrong(n) {
		refused(t, k.try(k.b, code), fmt.Sprint("wrong code ", i+1))
	}
}

// patience is longer than the first waits of the limit on codes, and shorter than a code
// lives.
const patience = 5 * time.Minute

// resend asks for another mail in the same browser and reads it.
func (k *kept) resend(t *testing.T, s *authtest.Site) {
	t.Helper()
	path := "/auth/email/verify/request"
	if strings.HasPrefix(k.route, "/magic-link") {
		path = "/auth/magic-link"
	}
	posts(t, k.b, path, map[string]string{"email": k.to}, http.StatusAccepted)
	k.open(t, s)
}

func TestHowACodeMayBeTyped(t *testing.T) {
	t.Parallel()
	s := mailingSite(t, authtest.Database(t))             // read before any database is asked
	for _, name := range []string{"sign in", "sign up"} { // one of each route
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { typed(t, s, purposeOf(t, name)) })
	}
}

func typed(t *testing.T, s *authtest.Site, p purpose) {
	replacing := func(old, new string) func(string) string {
		return func(c string) string { return strings.ReplaceAll(c, old, new) }
	}
	for _, row := range []struct {
		name  string
		digit string // that the code has to have
		typed func(string) string
	}{
		{"as it was mailed", "", func(c string) string { return c }},
		{"without its hyphen", "", replacing("-", "")},
		{"in lower case", "", strings.ToLower},
		{"with spaces", "", func(c string) string { return " " + strings.Join(strings.Split(c, ""), " ") + " " }},
		{"with more hyphens", "", func(c string) string { return "-" + c[:2] + "-" + c[2:] + "-" }},
		{"with O for zero", "0", replacing("0", "O")},
		{"with o for zero", "0", replacing("0", "o")},
		{"with I for one", "1", replacing("1", "I")},
		{"with l for one", "1", replacing("1", "l")},
		{"in lower case with spaces", "", func(c string) string { return strings.ToLower(strings.ReplaceAll(c, "-", "  ")) }},
	} {
		k := p.prepare(t, s)
		for !strings.Contains(k.typed, row.digit) { // one mail in five has it
			forgetTries(t, s.Client)
			k.resend(t, s)
		}
		if r := k.try(k.b, row.typed(k.typed)); r.Status != p.status {
			t.Errorf("the code %s, %s: %v, want %d", k.typed, row.name, r, p.status)
		}
		refused(t, k.try(k.b, k.typed), "the code once more, "+row.name)
	}
	k := p.prepare(t, s)
	for name, typed := range map[string]string{
		"cut short": k.typed[:8], "with one more": k.typed + "0", "twice": k.typed + k.typed, "backwards": backwards(k.typed), "with a look-alike": "\u0410" + k.typed[1:],
		"with a tab": k.typed[:4] + "\t" + k.typed[5:], "in full width": strings.ReplaceAll(k.typed, k.typed[:1], string(rune(k.typed[0])+0xfee0)),
	} {
		if typed == k.typed {
			continue // the same backwards
		}
		refused(t, k.try(k.b, typed), "the code "+name)
		forgetTries(t, s.Client)
	}
	if r := k.try(k.b, k.typed); r.Status != p.status {
		t.Errorf("the code after these: %v, want %d", r, p.status)
	}
}

func backwards(s string) string {
	out := []byte(s)
	for i := range len(out) / 2 {
		out[i], out[len(out)-1-i] = out[len(out)-1-i], out[i]
	}
	return string(out)
}

// A flow may try five codes, over all mails that it asks for.
func TestHowOftenACodeMayBeWrong(t *testing.T) {
	eachCode(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		k.fails(t, 4)
		if r := k.try(k.b, k.typed); r.Status != p.status {
			t.Errorf("the fifth code, the right one: %v, want %d", r, p.status)
		}

		k = p.prepare(t, s)
		k.fails(t, 5)
		if r := k.try(k.b, k.typed); r.Status != http.StatusBadRequest && r.Status != http.StatusTooManyRequests {
			t.Errorf("the sixth code, the right one: %v, want a refusal", r)
		}
		s.Clock.Advance(patience)
		refused(t, k.try(k.b, k.typed), "the sixth code, after a while")
		k.resend(t, s)
		s.Clock.Advance(patience / 2)
		refused(t, k.try(k.b, k.typed), "the next mail's code")
		k.works(t, "too many codes") // only codes can be guessed

		k = p.prepare(t, s)
		k.fails(t, 4)
		older := k.typed
		k.resend(t, s)
		k.fails(t, 1)
		s.Clock.Advance(patience)
		refused(t, k.try(k.b, k.typed), "the right one of the second mail, after four wrong and one")
		s.Clock.Advance(patience / 2)
		refused(t, k.try(k.b, older), "the right one of the first mail")
	})
}

// Fifty at once are not more than one after another.
func TestWrongCodesAtOnce(t *testing.T) {
	eachCode(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		codes, copies := k.wrong(50), make([]*authtest.Browser, 50)
		for i := range copies {
			copies[i] = k.b.Clone()
			copies[i].IP = elsewhere(s).IP // no limit on addresses helps
		}
		got := authtest.InParallel(50, func(i int) int { return k.try(copies[i], codes[i]).Status })
		if got[http.StatusBadRequest] != 50 {
			t.Errorf("50 wrong codes: %v, want 400 each time", got)
		}
		if n := s.Client.Challenge.Query().Where(challenge.AttemptsGT(5)).CountX(t.Context()); n != 0 {
			t.Errorf("%d flows have counted more than five codes", n)
		}
		refused(t, k.try(k.b, k.typed), "the right code after them")
		if n := s.Client.AuthEvent.Query().Where(authevent.Code("internal")).CountX(t.Context()); n != 0 {
			t.Errorf("%d internal errors; log:\n%s", n, s.Log())
		}
		k.works(t, "wrong codes")
	})
}

// A code is nothing without the flow that asked for it.
func TestACodeNeedsItsFlow(t *testing.T) {
	eachCode(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		refused(t, k.try(elsewhere(s), k.typed), "without a flow")
		strangers := p.prepare(t, s)
		refused(t, k.try(strangers.b, k.typed), "in the flow of another address")
		if p.member { // another browser that asks for the same address
			other := k
			other.b = elsewhere(s)
			other.resend(t, s)
			s.Clock.Advance(patience)
			refused(t, k.try(other.b, k.typed), "in another flow of the same address")
			s.Clock.Advance(patience / 2)
		}
		forged := s.App()
		forged.Header.Set("Torii-Flow", strings.Repeat("A", 43))
		refused(t, k.try(forged, k.typed), "in a flow of nobody")
		if p.bound {
			refused(t, k.offer(elsewhere(s), k.token), "the link without a flow")
			refused(t, k.offer(strangers.b, k.token), "the link in another flow")
		}
		if r := k.try(k.b, k.typed); r.Status != p.status {
			t.Errorf("in its flow: %v, want %d", r, p.status)
		}
		if r := strangers.try(strangers.b, strangers.typed); r.Status != p.status {
			t.Errorf("the other address's code in its flow: %v, want %d", r, p.status)
		}
	})
}

// Who asks for a mail to somebody else's address gets a flow of their own, and spends that
// one's tries alone: what they may cause is a wait, which the link does not know.
func TestAForeignFlowSpendsItsOwnTries(t *testing.T) {
	eachCode(t, func(t *testing.T, s *authtest.Site, p purpose) {
		k := p.prepare(t, s)
		mallory := k
		mallory.b = elsewhere(s)
		switch {
		case p.name == "sign up":
			posts(t, mallory.b, "/auth/register", credentials(k.to, phrase), http.StatusAccepted)
		case strings.HasPrefix(p.route, "/magic-link"):
			posts(t, mallory.b, "/auth/magic-link", map[string]string{"email": k.to}, http.StatusAccepted)
		default:
			posts(t, mallory.b, "/auth/email/verify/request", map[string]string{"email": k.to}, http.StatusAccepted)
		}
		mallory.fails(t, 5)
		attempts := s.Client.Challenge.Query().Where(challenge.AttemptsGT(0)).CountX(t.Context())
		if attempts != 1 {
			t.Errorf("%d flows have counted tries, want Mallory's alone", attempts)
		}
		s.Clock.Advance(patience)
		if r := k.try(k.b, k.typed); r.Status != p.status {
			t.Errorf("the owner's code, after a while: %v, want %d", r, p.status)
		}
		s.Client.Challenge.Delete().Where(challenge.AttemptsGT(0)).ExecX(t.Context()) // for the next row

		k = p.prepare(t, s)
		mallory.b = elsewhere(s)
		posts(t, mallory.b, "/auth/magic-link", map[string]string{"email": k.to}, http.StatusAccepted)
		for _, code := range k.wrong(8) {
			mallory.try(mallory.b, code)
			purposeOf(t, "sign in").try(mallory.b, code)
		}
		k.works(t, "somebody else's wrong codes")
		s.Client.Challenge.Delete().ExecX(t.Context())
	})
}
