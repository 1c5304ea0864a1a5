package passkey_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

type passkeysBody struct {
	Passkeys []struct {
		ID           string   `json:"id"`
		CredentialID string   `json:"credential_id"`
		Name         string   `json:"name"`
		Synced       bool     `json:"synced"`
		BackedUp     bool     `json:"backed_up"`
		Transports   []string `json:"transports"`
		LastUsedAt   *string  `json:"last_used_at"`
	} `json:"passkeys"`
	Signals passkey.Signals `json:"signals"`
}

// list is what the account of a browser says of its passkeys.
func list(t testing.TB, b *authtest.Browser) passkeysBody {
	t.Helper()
	var body passkeysBody
	if r := b.Get("/auth/passkeys"); r.Status != http.StatusOK || r.JSON(&body) != nil {
		t.Fatalf("GET /passkeys: %v", r)
	}
	return body
}

func TestAPasskeySignsUpInAndStepsUp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		phone := authtest.NewAuthenticator()
		b := s.Browser()
		r := signUp(t, b, phone, "ann@example.com")
		if r.Status != http.StatusCreated || b.Session() == "" {
			t.Fatalf("sign-up: %v", r)
		}
		ann := r.UserID()
		b.Post("/auth/logout", nil)
		if r = signIn(t, b, phone); r.Status != http.StatusOK || r.UserID() != ann {
			t.Fatalf("sign-in: %v", r)
		}
		var opened struct {
			Session struct{ Factors []struct{ Kind string } }
		}
		if err := r.JSON(&opened); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, f := range opened.Session.Factors {
			kinds = append(kinds, f.Kind)
		}
		if !slices.Equal(kinds, []string{"passkey", "user_verification"}) {
			t.Errorf("factors %v, want passkey and user_verification", kinds)
		}

		s.Clock.Advance(11 * time.Minute)
		if r := b.Post("/auth/passkey/register/begin", map[string]string{}); r.Code() != "step_up_required" {
			t.Errorf("another passkey after eleven minutes: %v", r)
		}
		old := b.Session()
		options := begin(t, b, "step-up", nil)
		if r := b.Post("/auth/step-up", map[string]any{"passkey": with(t, sign(t, phone, options), nil)}); r.Status != http.StatusOK || b.Session() == old {
			t.Fatalf("step-up: %v, token renewed %t", r, b.Session() != old)
		}
		if used := list(t, b).Passkeys[0].LastUsedAt; used == nil || *used != s.Clock.Now().Format(time.RFC3339Nano) {
			t.Errorf("last used at %v, want the step-up at %v", used, s.Clock.Now())
		}
		key := authtest.NewAuthenticator()
		key.DeviceBound = true
		if r := add(t, b, key, "The key"); r.Status != http.StatusCreated {
			t.Fatalf("another passkey: %v", r)
		}
		got := list(t, b)
		if len(got.Passkeys) != 2 || got.Passkeys[0].Name != "The key" || got.Passkeys[0].Synced || !got.Passkeys[1].Synced || !got.Passkeys[1].BackedUp {
			t.Errorf("passkeys: %+v", got.Passkeys)
		}
		if all := got.Signals.AllAcceptedCredentials; all == nil || len(all.IDs) != 2 || all.RPID != "app.example" {
			t.Errorf("signals: %+v", got.Signals)
		}
		other := s.Browser()
		if r := signIn(t, other, key); r.UserID() != ann {
			t.Errorf("sign-in with the other: %v", r)
		}
	})
}

func TestAPasskeyIsRenamedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.register(t, "bob@example.com")
		phone := authtest.NewAuthenticator()
		if r := add(t, b, phone, ""); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
		got := list(t, b).Passkeys
		if len(got) != 1 || got[0].Name == "" || got[0].LastUsedAt != nil {
			t.Fatalf("passkeys: %+v", got)
		}
		id := got[0].ID
		if r := b.Patch("/auth/passkeys/"+id, map[string]string{"name": " Bob’s\u202e phone "}); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		other := s.Browser()
		signIn(t, other, phone)
		got = list(t, b).Passkeys
		if got[0].Name != "Bob’s phone" || got[0].LastUsedAt == nil {
			t.Errorf("passkeys: %+v", got)
		}
		if r := b.Delete("/auth/passkeys/" + id); r.Status != http.StatusNoContent {
			t.Fatal(r)
		}
		if r := other.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("another session after the passkey was deleted: %v", r)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the session that deleted it: %v", r)
		}
		r := signIn(t, s.Browser(), phone)
		var refused struct{ Signals passkey.Signals }
		if err := r.JSON(&refused); err != nil {
			t.Fatal(err)
		}
		if r.Status != http.StatusUnauthorized || r.Code() != "invalid_credentials" || refused.Signals.UnknownCredential == nil ||
			refused.Signals.UnknownCredential.CredentialID != got[0].CredentialID {
			t.Errorf("sign-in with a deleted passkey: %v", r)
		}
	})
}
