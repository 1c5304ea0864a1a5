package passkey_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// What authenticators know people as: one for each, as long as there is an account.

// handle is what the next passkey of somebody signed in would be made for.
func handle(t *testing.T, b *authtest.Browser) string {
	t.Helper()
	return member(t, begin(t, b, "register", form{}), "user", "id")
}

func TestAUserHasOneHandle(t *testing.T) {
	client := authtest.Database(t)
	old, fresh := bytes.Repeat([]byte("old secret 123 "), 4), bytes.Repeat([]byte("new secret 456 "), 4)
	secrets := func(list ...[]byte) func(*auth.Config) { return func(c *auth.Config) { c.Secrets = list } }
	s := crowded(t, client, passkey.Config{}, secrets(old))
	ann, bob := s.owner(t, "ann"), s.newcomer("bob")
	bob.Browser = s.register(t, bob.email)
	anns, bobs := handle(t, ann.Browser), handle(t, bob.Browser)
	if anns == bobs || len(anns) != 86 || len(bobs) != 86 {
		t.Fatalf("handles %q and %q", anns, bobs)
	}
	if handle(t, ann.Browser) != anns || handle(t, bob.Browser) != bobs {
		t.Error("a handle is another each time")
	}
	if r := add(t, bob.Browser, bob.device, ""); r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	// Nobody's word changes it.
	if got := member(t, begin(t, ann.Browser, "register", map[string]any{"user_id": "usr_1", "user": map[string]string{"id": bobs}}), "user", "id"); got != anns {
		t.Errorf("the handle is %q by the body's word", got)
	}

	// Another secret in front of the old: what was made goes on, under the same handle, and so
	// does what was begun.
	waits := sign(t, ann.device, begin(t, bob.Clone(), "login", form{}))
	rotated := crowded(t, client, passkey.Config{}, secrets(fresh, old))
	_ = waits
	for name, a := range map[string]actor{"ann": ann, "bob": bob} {
		b := rotated.Browser()
		if r := signIn(t, b, a.device); r.Status != http.StatusOK {
			t.Fatalf("%s, after the secret has changed: %v", name, r)
		}
		if got := handle(t, b); got != map[string]string{"ann": anns, "bob": bobs}[name] {
			t.Errorf("%s is %q to authenticators after the secret has changed", name, got)
		}
		if r := add(t, b, authtest.NewAuthenticator(), "second"); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		if n := len(list(t, b).Signals.AllAcceptedCredentials.IDs); n != 2 {
			t.Errorf("%s: %d passkeys are told of", name, n)
		}
	}
}

// Two people share a device: each passkey is one's own, and a third account is nobody's to enter.
func TestTwoPeopleShareADevice(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	ann := s.owner(t, "ann")
	bob := s.newcomer("bob")
	bob.device = ann.device
	bob.enter(t)
	if n := len(ann.device.Credentials()); n != 2 {
		t.Fatalf("the device holds %d passkeys", n)
	}
	if id := s.opensTo(t, ann.device); id != bob.id {
		t.Errorf("the newest opens %q, want Bob's", id)
	}
	// Ann's step-up takes hers, though Bob's is newer.
	if r := finish(ann.Browser, "step-up", sign(t, ann.device, begin(t, ann.Browser, "step-up", nil))); r.Status != http.StatusOK {
		t.Errorf("Ann's step-up on the device: %v", r)
	}
	if r := bob.Delete("/auth/user"); r.Status != http.StatusNoContent {
		t.Fatal(r)
	}
	if id := s.opensTo(t, ann.device); id != "" {
		t.Errorf("Bob's passkey opens %q after his account has gone", id)
	}
	again := s.newcomer("bob")
	again.enter(t)
	if again.id == bob.id {
		t.Error("a new account has the old one's id")
	}
	ann.device.Forget(ann.device.Credentials()[1].ID)
	if id := s.opensTo(t, ann.device); id != ann.id {
		t.Errorf("Ann's passkey opens %q", id)
	}
}
