package passkey_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// Mallory signs up by passkey with an address that is not hers, and its owner comes.

// Accounts open at once: Mallory is in, until somebody reads the address's mail.
func TestAStrangersPasskeyGoesWithTheFirstProof(t *testing.T) {
	eachCrowded(t, passkey.Config{}, func(t *testing.T, s *site) {
		n := 0
		for name, prove := range map[string]func(t *testing.T, owner *authtest.Browser, email string) int{
			"a sign-in link": func(t *testing.T, owner *authtest.Browser, email string) int {
				posts(t, owner, "/auth/magic-link", form{"email": email}, http.StatusAccepted)
				return owner.Post("/auth/magic-link/verify", form{"token": s.linked(t, email)}).Status
			},
			"a verification": func(t *testing.T, owner *authtest.Browser, email string) int {
				posts(t, owner, "/auth/email/verify/request", form{"email": email}, http.StatusAccepted)
				return owner.Post("/auth/email/verify", form{"code": s.Mail(t, email).Code()}).Status
			},
			"a reset": func(t *testing.T, owner *authtest.Browser, email string) int {
				posts(t, owner, "/auth/password/reset/request", form{"email": email}, http.StatusAccepted)
				return owner.Post("/auth/password/reset/confirm", form{"token": s.linked(t, email), "new_password": phrase}).Status
			},
			"a provider's word": func(t *testing.T, owner *authtest.Browser, email string) int {
				return owner.Post("/auth/test-arrival", form{"email": email}).Status
			},
		} {
			s.Clock.Advance(time.Hour) // the limits of mail
			n++
			mallory := s.newcomer("victim" + strconv.Itoa(n))
			mallory.enter(t)
			second := authtest.NewAuthenticator()
			if r := add(t, mallory.Browser, second, "second"); r.Status != http.StatusCreated {
				t.Fatal(r)
			}
			waits := begin(t, mallory.Browser, "register", form{})
			stepping := mallory.Clone()
			steps := begin(t, stepping, "step-up", nil)
			parked := s.Browser()
			lateOptions := begin(t, parked, "login", form{})
			late := sign(t, mallory.device, lateOptions)

			owner := s.Browser()
			if status := prove(t, owner, mallory.email); status >= 300 {
				t.Fatalf("%s: %d", name, status)
			}
			if n := s.passkeysOf(t, mallory.id); n != 0 {
				t.Errorf("%d of Mallory's passkeys outlive %s", n, name)
			}
			if signedIn(mallory.Browser) {
				t.Errorf("Mallory's session outlives %s", name)
			}
			third := authtest.NewAuthenticator()
			if r := finish(mallory.Browser, "register", create(t, third, waits)); r.Status < 400 {
				t.Errorf("a passkey that was under way is added after %s: %v", name, r)
			}
			if r := finish(stepping, "step-up", sign(t, second, steps)); r.Status < 400 {
				t.Errorf("a step-up that was under way succeeds after %s: %v", name, r)
			}
			if r := finish(parked, "sign-in", late); r.Status != http.StatusUnauthorized {
				t.Errorf("a sign-in that was under way after %s: %v", name, r)
			}
			for _, device := range []*authtest.Authenticator{mallory.device, second, third} {
				if id := s.opensTo(t, device); id != "" {
					t.Errorf("Mallory's passkey opens %s after %s", id, name)
				}
			}
		}
	})
}

// Addresses are proven first: two people wait for the same one. Whose mail is answered has
// the account, with that passkey and no other.
func TestTwoSignUpsWaitForOneAddress(t *testing.T) {
	eachCrowded(t, passkey.Config{}, func(t *testing.T, s *site) {
		const email = "ann@example.com"
		mallory, ann := s.newcomer("ann"), s.newcomer("ann")
		if r := signUp(t, mallory.Browser, mallory.device, email); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		hers := s.Mail(t, email)
		strange := s.linked(t, email)
		if r := signUp(t, ann.Browser, ann.device, email); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		// Ann answers the mail that Mallory has caused, in any browser: nothing of it is Mallory's or Ann's.
		for what, b := range map[string]*authtest.Browser{"a new browser": s.Browser(), "Ann's": ann.Clone()} {
			for _, body := range []form{{"token": strange}, {"token": strange, "password": "x"}, {"code": hers.Code()}} {
				if r := b.Post("/auth/email/verify", body); r.Status != http.StatusBadRequest || b.Session() != "" {
					t.Errorf("Mallory's mail, answered in %s: %v", what, r)
				}
			}
			if page := b.Get("/auth/email/verify?token=" + strange); page.Status != http.StatusOK || s.client.User.Query().CountX(t.Context()) != 0 {
				t.Errorf("the page of Mallory's link in %s: %v", what, page)
			}
		}
		r := ann.Post("/auth/email/verify", form{"code": s.Mail(t, email).Code()})
		if r.Status != http.StatusOK || r.UserID() == "" || s.passkeysOf(t, r.UserID()) != 1 {
			t.Fatalf("Ann's own mail: %v", r)
		}
		for _, body := range []form{{"token": strange}, {"code": hers.Code()}} {
			if got := mallory.Post("/auth/email/verify", body); got.Status < 400 || mallory.Session() != "" {
				t.Errorf("Mallory's sign-up goes on: %v", got)
			}
		}
		posts(t, mallory.Browser, "/auth/email/verify/request", form{"email": email}, http.StatusAccepted)
		if s.opensTo(t, mallory.device) != "" || s.opensTo(t, ann.device) != r.UserID() {
			t.Error("the account is not Ann's alone")
		}
	}, authtest.ProveFirst())
}

// A sign-up that waits is asked for again, answered by an old mail, and once.
func TestASignUpThatWaitsIsAnsweredOnce(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil, authtest.ProveFirst())
	ann := s.newcomer("ann")
	if r := signUp(t, ann.Browser, ann.device, ann.email); r.Status != http.StatusAccepted {
		t.Fatal(r)
	}
	first := s.linked(t, ann.email)
	posts(t, ann.Browser, "/auth/email/verify/request", form{}, http.StatusAccepted)
	second, copied := s.linked(t, ann.email), ann.Clone()
	if first == second {
		t.Fatal("one mail twice")
	}
	r := posts(t, ann.Browser, "/auth/email/verify", form{"token": first}, http.StatusOK)
	if n := s.passkeysOf(t, r.UserID()); n != 1 {
		t.Errorf("%d passkeys", n)
	}
	if again := copied.Post("/auth/email/verify", form{"token": second}); again.Status != http.StatusBadRequest {
		t.Errorf("the second mail: %v", again)
	}
	// The passkey's proof is as old as the sign-up, the mail's is a weak one.
	ann.Post("/auth/logout", nil)
	slow := s.newcomer("slow")
	signUp(t, slow.Browser, slow.device, slow.email)
	token := s.linked(t, slow.email)
	s.Clock.Advance(time.Hour)
	posts(t, slow.Browser, "/auth/email/verify", form{"token": token}, http.StatusOK)
	if r := slow.Post("/auth/passkey/register/begin", form{}); r.Code() != "step_up_required" {
		t.Errorf("another passkey an hour after the first was proven: %v", r)
	}
}

// An account that was there, proven or made by somebody meanwhile, gets no passkey from a
// sign-up that waits for its address.
func TestASignUpThatWaitsJoinsNoAccount(t *testing.T) {
	eachCrowded(t, passkey.Config{}, func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		if r := signUp(t, ann.Browser, ann.device, ann.email); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		token := s.linked(t, ann.email)
		owner := s.Browser()
		id := posts(t, owner, "/auth/test-arrival", form{"email": ann.email}, http.StatusOK).UserID()
		if r := ann.Post("/auth/email/verify", form{"token": token}); r.Status != http.StatusBadRequest || ann.Session() != "" {
			t.Errorf("the waiting sign-up is answered: %v", r)
		}
		if n := s.passkeysOf(t, id); n != 0 || s.opensTo(t, ann.device) != "" {
			t.Errorf("%d passkeys were added to an account that was proven by somebody else", n)
		}
		// With an account there the mail is another, and the answer is not.
		late := s.newcomer("ann")
		if r := signUp(t, late.Browser, late.device, late.email); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		if m := s.Mail(t, ann.email); m.Code() != "" {
			t.Errorf("the owner is mailed a code by which a stranger's passkey would be added: %s", m.Subject)
		}
	}, authtest.ProveFirst())
}

// An address that an account has changed away from is kept for it.
func TestAReservedAddressIsNotSignedUpWith(t *testing.T) {
	for name, options := range map[string][]authtest.Option{"at once": nil, "proven first": {authtest.ProveFirst()}} {
		s := crowded(t, authtest.Database(t), passkey.Config{}, nil, options...)
		ann := s.Browser()
		posts(t, ann, "/auth/test-arrival", form{"email": "old@example.com"}, http.StatusOK)
		posts(t, ann, "/auth/email/change", form{"email": "new@example.com"}, http.StatusAccepted)
		posts(t, ann, "/auth/email/change/confirm", form{"token": s.linked(t, "new@example.com")}, http.StatusOK)
		s.Mail(t, "old@example.com")
		before := len(s.Outbox.Messages())
		users := s.client.User.Query().CountX(t.Context())
		mallory := s.newcomer("mallory")
		r := signUp(t, mallory.Browser, mallory.device, "old@example.com")
		if err := s.Auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if mallory.Session() != "" || s.client.User.Query().CountX(t.Context()) != users || len(s.Outbox.Messages()) != before || s.opensTo(t, mallory.device) != "" {
			t.Errorf("%s: a reserved address is signed up with: %v", name, r)
		}
	}
}
