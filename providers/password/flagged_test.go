package password_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

func TestRequireChange(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b, email, userID := s.browser(t)
		if err := s.pw.RequireChange(t.Context(), userID); err != nil {
			t.Fatal(err)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
			t.Errorf("a session from before: %v, want 401", r)
		}
		login := func(secret, replacement string) string {
			t.Helper()
			body := map[string]string{"email": email, "password": secret}
			if replacement != "" {
				body["new_password"] = replacement
			}
			b := s.Browser()
			r := b.Post("/auth/login", body)
			if r.Status == http.StatusOK {
				return "in"
			}
			if b.Session() != "" {
				t.Errorf("a refusal opened a session: %v", r)
			}
			return r.Code()
		}
		for _, row := range []struct{ name, secret, replacement, want string }{
			{"a wrong password", "wrong", "", "invalid_credentials"},
			{"a wrong password with a replacement", "wrong", next, "invalid_credentials"},
			{"the right password", phrase, "", "password_change_required"},
			{"the right password with the same again", phrase, phrase, "invalid_fields"},
		} {
			if got := login(row.secret, row.replacement); got != row.want {
				t.Errorf("%s: %s, want %s", row.name, got, row.want)
			}
		}
		s.Clock.Advance(3600e9)
		if got := login(phrase, next); got != "in" {
			t.Fatalf("the right password with a replacement: %s", got)
		}
		if s.row(t, userID).ChangeRequiredAt != nil {
			t.Error("the password is still flagged")
		}
		if got := login(next, ""); got != "in" {
			t.Errorf("the replacement: %s", got)
		}
		if got := login(phrase, ""); got == "in" || got == "password_change_required" {
			t.Errorf("the compromised password: %s", got)
		}
		if n := s.Client.AuthEvent.Query().Where(authevent.UserID(userID), authevent.Kind(auth.EventCredentialFlagged)).CountX(t.Context()); n != 1 {
			t.Errorf("%d events of the flag, want 1", n)
		}
	})
}

func TestNewPasswordIsLookedAtOnlyWhereItIsNeeded(t *testing.T) {
	s := lite(t)
	email, _ := s.account(t)
	if _, err := s.pw.SignIn(t.Context(), password.Credentials{Email: email, Password: phrase, NewPassword: next}, auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Errorf("a sign-in has changed the password: %v", err)
	}
}

func TestRequireChangeOfNobody(t *testing.T) {
	s := lite(t)
	_, bare := s.newcomer(t)
	for _, id := range []string{"", "usr_x", bare.User.ID} {
		if err := s.pw.RequireChange(t.Context(), id); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound for %q", err, id)
		}
	}
	if live := s.live(t, bare.User.ID); len(live) != 1 {
		t.Errorf("sessions %v: a refusal has ended some", live)
	}
}

func TestReplacementWaitsForTheSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, email, userID := s.browser(t)
		if err := s.factor.Enrol(t.Context(), userID, "271828"); err != nil {
			t.Fatal(err)
		}
		if err := s.pw.RequireChange(t.Context(), userID); err != nil {
			t.Fatal(err)
		}
		stored := s.row(t, userID).Secret
		b := s.Browser()
		if r := b.Post("/auth/login", map[string]string{"email": email, "password": phrase}); r.Code() != auth.ErrPasswordChangeRequired.Code {
			t.Errorf("without a replacement: %v", r)
		}
		r := b.Post("/auth/login", map[string]string{"email": email, "password": phrase, "new_password": next})
		if r.Code() != auth.ErrSecondFactorRequired.Code || b.Session() != "" {
			t.Fatalf("with a replacement: %v, want second_factor_required", r)
		}
		if row := s.row(t, userID); row.Secret != stored || row.ChangeRequiredAt == nil {
			t.Error("the password was replaced before the second factor was given")
		}
		if r := b.Post("/auth/test-factor", map[string]string{"code": "000000"}); r.Status != http.StatusUnauthorized {
			t.Errorf("a wrong code: %v", r)
		}
		if s.row(t, userID).Secret != stored {
			t.Error("a wrong code replaced the password")
		}
		if r := b.Post("/auth/test-factor", map[string]string{"code": "271828"}); r.Status != http.StatusOK || b.Session() == "" {
			t.Fatalf("the right code: %v", r)
		}
		if row := s.row(t, userID); row.Secret == stored || row.ChangeRequiredAt != nil {
			t.Error("the password was not replaced by the completed sign-in")
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": email, "password": next}); r.Code() != auth.ErrSecondFactorRequired.Code {
			t.Errorf("the replacement: %v, want second_factor_required", r)
		}
	})
}

// A sign-in that waits for its second factor was begun with the password as it was.
func TestWaitingSignInEndsWithItsPassword(t *testing.T) {
	for _, row := range []struct {
		name    string
		between func(s *site, userID string) error
	}{
		{"replaced by the host", func(s *site, id string) error { return s.pw.Set(t.Context(), id, next) }},
		{"found to be compromised", func(s *site, id string) error { return s.pw.RequireChange(t.Context(), id) }},
		{"removed", func(s *site, id string) error {
			s.keys.add(t, id)
			return s.pw.Remove(t.Context(), sessions.Session{UserID: id}, auth.Client{})
		}},
	} {
		s := lite(t)
		_, email, userID := s.browser(t)
		if err := s.factor.Enrol(t.Context(), userID, "271828"); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		if r := b.Post("/auth/login", map[string]string{"email": email, "password": phrase}); r.Code() != auth.ErrSecondFactorRequired.Code {
			t.Fatalf("sign-in: %v", r)
		}
		if err := row.between(s, userID); err != nil {
			t.Fatal(err)
		}
		r := b.Post("/auth/test-factor", map[string]string{"code": "271828"})
		if r.Status < 400 || r.Status >= 500 || b.Session() != "" {
			t.Errorf("%s: %v, want a refusal and no session", row.name, r)
		}
	}
}
