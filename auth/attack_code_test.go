package auth_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/clientip"
)

// Whose tries a typed code costs.

// form is a body.
type form = map[string]string

// guess types wrong codes, each of which must be refused as one.
func guess(t *testing.T, b *authtest.Browser, path string, n int) {
	t.Helper()
	for range n {
		refused(t, b.Post(path, form{"code": "0000-0000"}), "a wrong code")
	}
}

// typeCode types the code of the last mail to an address.
func typeCode(t *testing.T, s *authtest.Site, b *authtest.Browser, path, email string) *authtest.Reply {
	t.Helper()
	return b.Post(path, form{"code": s.Mail(t, email).Code()})
}

// deliver sends what waits, so that the last mail to somebody is the next one.
func deliver(t *testing.T, s *authtest.Site) {
	t.Helper()
	if err := s.Auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Whoever asks for somebody else's mail can spend the tries of the flow that this makes,
// and nothing besides: not even where no mail was sent, so that nobody could notice.
func TestASpentFlowKeepsNobodyElseFromTyping(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		for ask, answer := range map[string]string{"/auth/email/verify/request": "/auth/email/verify", "/auth/magic-link": "/auth/magic-link/verify"} {
			v, mallory := member(t, s), elsewhere(s)
			posts(t, mallory, ask, form{"email": v.email}, http.StatusAccepted)
			deliver(t, s)
			guess(t, mallory, answer, 5)
			for range 3 { // as long as the spent flow lasts
				b := elsewhere(s)
				posts(t, b, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
				if r := typeCode(t, s, b, "/auth/magic-link/verify", v.email); r.Status != http.StatusOK {
					t.Errorf("the right code at once, after somebody spent a flow of %s: %v", ask, r)
				}
				s.Clock.Advance(2 * time.Minute)
				guess(t, mallory, answer, 1)
			}
		}
	})
}

// Mallory alternates between guesses at somebody's code and sign-ins of her own.
func TestASuccessInAFlowGivesBackItsOwnTryAlone(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		v, mallory, own := member(t, s), elsewhere(s), person()
		posts(t, mallory, "/auth/magic-link", form{"email": own}, http.StatusAccepted)
		code := s.Mail(t, own).Code()
		s.Clock.Advance(time.Second) // the newer flow is tried first
		posts(t, mallory, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
		forgetTries(t, client)
		guess(t, mallory, "/auth/magic-link/verify", 4)
		posts(t, mallory, "/auth/magic-link/verify", form{"code": code}, http.StatusOK)
		if n := client.RateLimit.GetX(t.Context(), "i:"+clientip.Bucket(netip.MustParseAddr(mallory.IP))).Count; n != 4 {
			t.Errorf("%d tries are counted for the client's address, want the 4 wrong ones", n)
		}
		if n := client.Challenge.Query().Where(challenge.AttemptsGT(0)).OnlyX(t.Context()).Attempts; n != 5 {
			t.Errorf("%d tries are counted in the other flow, want all 5", n)
		}
		refused(t, typeCode(t, s, mallory, "/auth/magic-link/verify", v.email), "the right code in the flow that is spent")
	})
}

// Pressed again, a form makes another flow in the same browser; a wrong code counts in
// each of them, and once.
func TestEachSignUpOfABrowserHasItsFiveCodes(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := mailingSite(t, client)
		v := visitor{b: elsewhere(s), email: person()}
		for range 4 {
			posts(t, v.b, "/auth/register", credentials(v.email, phrase), http.StatusAccepted)
		}
		guess(t, v.b, "/auth/email/verify", 4)
		if r := typeCode(t, s, v.b, "/auth/email/verify", v.email); r.Status != http.StatusOK {
			t.Errorf("the right code after four mistakes, with four flows: %v", r)
		}

		v = visitor{b: elsewhere(s), email: person()}
		posts(t, v.b, "/auth/register", credentials(v.email, phrase), http.StatusAccepted)
		guess(t, v.b, "/auth/email/verify", 5)
		refused(t, typeCode(t, s, v.b, "/auth/email/verify", v.email), "the right code after five mistakes")
		posts(t, v.b, "/auth/register", credentials(v.email, phrase), http.StatusAccepted)
		if r := typeCode(t, s, v.b, "/auth/email/verify", v.email); r.Status != http.StatusOK {
			t.Errorf("the code of the sign-up that was begun again: %v", r)
		}
	})
}
