package passkey_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/providers/passkey"
)

// What begins each time a page is opened, and who has to make room for it. Any site can open
// the page.

// opened is a login page that offers passkeys below its input field.
func opened(t *testing.T, b *authtest.Browser, times int, pause func()) {
	t.Helper()
	for range times {
		begin(t, b, "login", form{})
		pause()
	}
}

func TestAPageThatIsOpenedPushesNothingElseOut(t *testing.T) {
	for name, pause := range map[string]time.Duration{"at once": 0, "one after the other": 4 * time.Minute} {
		s := crowded(t, authtest.Database(t), passkey.Config{}, nil, authtest.ProveFirst())
		bob := s.newcomer("bob")
		signUp(t, bob.Browser, bob.device, bob.email)
		id := posts(t, bob.Browser, "/auth/email/verify", form{"code": s.Mail(t, bob.email).Code()}, http.StatusOK).UserID()
		if err := s.factor.Enrol(t.Context(), id, code); err != nil {
			t.Fatal(err)
		}

		ann := s.newcomer("ann")
		if r := signUp(t, ann.Browser, ann.device, ann.email); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		mailed := s.Mail(t, ann.email).Code()
		opened(t, ann.Browser, 20, func() { s.Clock.Advance(pause) })
		if n := len(flows(ann.Browser)); n > 8 {
			t.Errorf("%s: %d flows in the cookie", name, n)
		}
		// The last page's works, and so does what waits.
		if r := signIn(t, ann.Browser, bob.device); r.Code() != "second_factor_required" {
			t.Errorf("%s: sign-in: %v", name, r)
		}
		opened(t, ann.Browser, 20, func() {})
		if r := ann.Clone().Post("/auth/test-factor", form{"code": code}); r.UserID() != id {
			t.Errorf("%s: the second factor of a sign-in that waits: %v", name, r)
		}
		if r := ann.Post("/auth/email/verify", form{"code": mailed}); r.Status != http.StatusOK {
			t.Errorf("%s: the mail of a sign-up that waits: %v", name, r)
		}
	}
}

// What is over takes no room: a step-up and a passkey that was added leave their flow.
func TestWhatIsOverMakesRoom(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	ann := s.owner(t, "ann")
	posts(t, ann.Browser, "/auth/magic-link", form{"email": ann.email}, http.StatusAccepted)
	token := s.linked(t, ann.email)
	for range 12 {
		if r := finish(ann.Browser, "step-up", sign(t, ann.device, begin(t, ann.Browser, "step-up", nil))); r.Status != http.StatusOK {
			t.Fatal(r)
		}
	}
	posts(t, ann.Browser, "/auth/magic-link/verify", form{"token": token}, http.StatusOK)
}

// A crowd behind one address, or one of it who does nothing else, opens the login page: the
// others still step up, add passkeys and go to their provider.
func TestOpenedPagesUseUpNothingElse(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	ann := s.owner(t, "ann")
	var last *authtest.Reply
	for range 2000 {
		if last = s.Browser().Post("/auth/passkey/login/begin", form{}); last.Status != http.StatusOK {
			break
		}
	}
	if last.Code() != "too_many_attempts" || last.Header.Get("Retry-After") == "" {
		t.Fatalf("without an end: %v", last)
	}
	rows := s.client.Challenge.Query().CountX(t.Context())
	s.Browser().Post("/auth/passkey/login/begin", form{})
	if n := s.client.Challenge.Query().CountX(t.Context()); n != rows {
		t.Errorf("a refused one wrote %d rows", n-rows)
	}
	for what, r := range map[string]*authtest.Reply{
		"a step-up":               ann.Post("/auth/passkey/step-up/begin", nil),
		"another passkey":         ann.Post("/auth/passkey/register/begin", form{}),
		"a sign-up":               s.Browser().Post("/auth/passkey/register/begin", form{"email": "bob@example.com"}),
		"a sign-in at a provider": s.Browser().Post("/auth/oauth/demo", form{}),
		"a password":              s.Browser().Post("/auth/register", form{"email": "eve@example.com", "password": phrase}),
		"another address's people": func() *authtest.Reply {
			b := s.Browser()
			b.IP = "192.0.2.77"
			return b.Post("/auth/passkey/login/begin", form{})
		}(),
	} {
		if r.Code() == "too_many_attempts" {
			t.Errorf("%s: %v", what, r)
		}
	}
	s.Clock.Advance(15 * time.Minute)
	if r := s.Browser().Post("/auth/passkey/login/begin", form{}); r.Status != http.StatusOK {
		t.Errorf("a quarter of an hour later: %v", r)
	}
	if _, err := s.Auth.CleanUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.client.Challenge.Query().Where(challenge.PurposeHasPrefix("passkey:")).CountX(t.Context()); n != 1 {
		t.Errorf("%d ceremonies are left, want the one that waits", n)
	}
}

// Nobody finds out, or has worked out, more than they may by sign-ups that end in a refusal.
func TestRefusedSignUpsAreCounted(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	for range 2000 {
		err := func() error {
			_, err := s.passkeys.BeginSignUp(t.Context(), passkey.SignUp{Email: "ann@example.com", Fields: map[string]any{"username": "x"}}, clientAt(t, s))
			return err
		}()
		if r, ok := err.(*auth.RetryError); ok {
			if r.After <= 0 {
				t.Error("no time to wait is told")
			}
			return
		}
	}
	t.Error("2,000 rehearsed sign-ups from one address are not limited")
}

// clientAt is a client of an address.
func clientAt(t *testing.T, s *site) auth.Client {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, authtest.Origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "192.0.2.9:1"
	return s.Auth.Client(r)
}
