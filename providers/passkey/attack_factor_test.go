package passkey_test

import (
	"net/http"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// A passkey beside a second factor: what was proven waits, and what becomes of the account
// meanwhile counts.

const code = "123456"

// parkedBy is somebody with a password and two passkeys whose sign-in by the first waits for
// a second factor, with the browser that is signed in.
func (s *site) parkedBy(t *testing.T, name string) (ann actor, waits *authtest.Browser) {
	t.Helper()
	ann = s.newcomer(name)
	ann.Browser = s.register(t, ann.email)
	if r := add(t, ann.Browser, ann.device, "first"); r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	if r := add(t, ann.Browser, authtest.NewAuthenticator(), "second"); r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	ann.id = ann.Get("/auth/user").UserID()
	if err := s.factor.Enrol(t.Context(), ann.id, code); err != nil {
		t.Fatal(err)
	}
	ann.Browser = s.Browser()
	signIn(t, ann.Browser, ann.device)
	posts(t, ann.Browser, "/auth/test-factor", form{"code": code}, http.StatusOK)
	waits = s.Browser()
	if r := signIn(t, waits, ann.device); r.Code() != "second_factor_required" || waits.Session() != "" {
		t.Fatalf("a verified user counts as two factors: %v", r)
	}
	return ann, waits
}

func TestWhatWaitsForASecondFactorEndsWithItsPasskey(t *testing.T) {
	for _, cfg := range []passkey.Config{{}, {KeepSessionsOnDelete: true}} {
		eachCrowded(t, cfg, func(t *testing.T, s *site) {
			for name, happens := range map[string]func(t *testing.T, ann actor){
				"the passkey was deleted": func(t *testing.T, ann actor) {
					for _, k := range list(t, ann.Browser).Passkeys {
						if k.Name == "first" {
							if r := ann.Delete("/auth/passkeys/" + k.ID); r.Status != http.StatusNoContent {
								t.Fatal(r)
							}
						}
					}
				},
				"the user was disabled": func(t *testing.T, ann actor) {
					if err := s.Auth.DisableUser(t.Context(), ann.id); err != nil {
						t.Fatal(err)
					}
				},
				"the user was deleted": func(t *testing.T, ann actor) {
					if err := s.Auth.DeleteUser(t.Context(), ann.id); err != nil {
						t.Fatal(err)
					}
				},
				"signing out everywhere": func(t *testing.T, ann actor) {
					if _, err := s.Auth.EndSessions(t.Context(), ann.id); err != nil {
						t.Fatal(err)
					}
				},
				"signing out everywhere else": func(t *testing.T, ann actor) {
					if r := ann.Delete("/auth/sessions"); r.Status != http.StatusOK {
						t.Fatal(r)
					}
				},
				"another password": func(t *testing.T, ann actor) {
					posts(t, ann.Browser, "/auth/password", form{"current_password": phrase, "new_password": phrase + " anew"}, http.StatusOK)
				},
			} {
				ann, waits := s.parkedBy(t, "ann"+s.nextName())
				happens(t, ann)
				if r := waits.Post("/auth/test-factor", form{"code": code}); r.Status < 400 || waits.Session() != "" {
					t.Errorf("the sign-in goes on after %s: %v", name, r)
				}
			}
		})
	}
}

// A passkey is no second factor: not beside a password, nor beside itself.
func TestAPasskeyIsOneFactor(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{}, nil)
	ann, waits := s.parkedBy(t, "ann")
	// Its flow is nothing to the passkey's own routes, and a second passkey adds nothing.
	if r := signIn(t, waits, ann.device); r.Code() != "second_factor_required" || waits.Session() != "" {
		t.Errorf("a passkey upon a passkey: %v", r)
	}
	other := s.Browser()
	if r := other.Post("/auth/login", form{"email": ann.email, "password": phrase}); r.Code() != "second_factor_required" {
		t.Fatal(r)
	}
	if r := signIn(t, other, ann.device); r.Code() != "second_factor_required" || other.Session() != "" {
		t.Errorf("a passkey upon a password: %v", r)
	}
	if r := other.Post("/auth/test-factor", form{"code": code}); r.UserID() != ann.id {
		t.Errorf("with the second factor: %v", r)
	}
}
