package password_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/sessions"
)

// newcomer is a user without a password, in a session on the host's word.
func (s *site) newcomer(t testing.TB) (email string, res auth.Result) {
	t.Helper()
	email = person()
	u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	res, err = s.Auth.CreateSession(t.Context(), u.ID, auth.Client{Transport: sessions.Bearer})
	if err != nil {
		t.Fatal(err)
	}
	return email, res
}

func TestSetFirst(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email, own := s.newcomer(t)
		other, err := s.Auth.CreateSession(t.Context(), own.User.ID, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		app := s.App()
		app.Header.Set("Authorization", "Bearer "+own.Token.Reveal())
		r := app.Post("/auth/password", map[string]string{"new_password": phrase})
		if r.Status != http.StatusOK || r.Token() == "" || r.Token() == own.Token.Reveal() {
			t.Fatalf("the first password in a recent session: %v", r)
		}
		if live := s.live(t, own.User.ID); !slices.Equal(live, []string{own.Session.ID}) {
			t.Errorf("sessions %v, want %s alone, not %s", live, own.Session.ID, other.Session.ID)
		}
		if _, err := s.signIn(t, email, phrase); err != nil {
			t.Errorf("sign-in by it: %v", err)
		}
		app.Header.Set("Authorization", "Bearer "+r.Token())
		if r := app.Post("/auth/password", map[string]string{"new_password": next}); r.Code() != auth.ErrWrongPassword.Code {
			t.Errorf("another without the current one: %v", r)
		}
		if _, err := s.pw.SetFirst(t.Context(), own.Session, next, auth.Client{}); !errors.Is(err, auth.ErrWrongPassword) {
			t.Errorf("SetFirst where there is one: %v, want ErrWrongPassword", err)
		}
	})
}

func TestFirstPasswordNeedsARecentSession(t *testing.T) {
	s := lite(t)
	_, own := s.newcomer(t)
	app := s.App()
	app.Header.Set("Authorization", "Bearer "+own.Token.Reveal())
	s.Clock.Advance(601e9)
	if r := app.Post("/auth/password", map[string]string{"new_password": phrase}); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("eleven minutes later: %v, want step_up_required", r)
	}
	if r := app.Post("/auth/password", map[string]string{"current_password": "", "new_password": phrase}); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("with an empty current one: %v, want step_up_required", r)
	}
	if n := s.Client.Credential.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d passwords were set", n)
	}
}

func TestOneOfTwoFirstPasswordsWins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, own := s.newcomer(t)
		won := authtest.InParallel(4, func(int) bool {
			_, err := s.pw.SetFirst(t.Context(), own.Session, phrase, auth.Client{})
			if err != nil && !errors.Is(err, auth.ErrWrongPassword) {
				t.Errorf("a loser: %v, want ErrWrongPassword", err)
			}
			return err == nil
		})[true]
		if rows := s.Client.Credential.Query().Where(credential.UserID(own.User.ID)).CountX(t.Context()); won != 1 || rows != 1 {
			t.Errorf("%d of 4 first passwords were set, %d rows; want 1", won, rows)
		}
	})
}

func TestSetByTheHost(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, has := range []bool{true, false} {
			email, res := s.newcomer(t)
			if has {
				if err := s.pw.Set(t.Context(), res.User.ID, phrase); err != nil {
					t.Fatal(err)
				}
				if _, err := s.signIn(t, email, phrase); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.pw.Set(t.Context(), res.User.ID, next); err != nil {
				t.Fatalf("password before %t: %v", has, err)
			}
			if live := s.live(t, res.User.ID); len(live) != 0 {
				t.Errorf("password before %t: sessions %v, want none", has, live)
			}
			if _, err := s.signIn(t, email, next); err != nil {
				t.Errorf("password before %t: the new one: %v", has, err)
			}
			if _, err := s.signIn(t, email, phrase); err != auth.ErrInvalidCredentials {
				t.Errorf("password before %t: the old one: %v", has, err)
			}
		}
		for _, id := range []string{"", "usr_x", "usr_00000000000000000000000000"} {
			if err := s.pw.Set(t.Context(), id, next); !errors.Is(err, auth.ErrNotFound) {
				t.Errorf("nobody: %v, want ErrNotFound for %q", err, id)
			}
		}
	})
}

// A host that sets a password means the field "password" in both ways to do it.
func TestSetNamesOneField(t *testing.T) {
	s := lite(t)
	_, res := s.account(t)
	err := s.pw.Set(t.Context(), res.User.ID, "short")
	fields, ok := errors.AsType[*auth.FieldsError](err)
	if !ok || fields.Fields["password"] != "weak_password" {
		t.Errorf("Set: %v %v, want weak_password for password, as in a transaction", err, fields)
	}
}

func TestRemove(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b, email, userID := s.browser(t)
		if r := b.Delete("/auth/password"); r.Status != http.StatusConflict || r.Code() != auth.ErrLastSignInMethod.Code {
			t.Errorf("the last way to sign in: %v, want 409", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": email, "password": phrase}); r.Status != http.StatusOK {
			t.Errorf("the password that had to stay: %v", r)
		}
		if err := s.factor.Enrol(t.Context(), userID, "271828"); err != nil {
			t.Fatal(err)
		}
		b.Post("/auth/login", map[string]string{"email": email, "password": phrase})
		if r := b.Post("/auth/test-factor", map[string]string{"code": "271828"}); r.Status != http.StatusOK {
			t.Fatalf("sign-in with both factors: %v", r)
		}
		if r := b.Delete("/auth/password"); r.Code() != auth.ErrLastSignInMethod.Code {
			t.Errorf("a second factor alone is no way to sign in: %v", r)
		}
		s.keys.add(t, userID)
		if r := b.Delete("/auth/password"); r.Status != http.StatusNoContent {
			t.Fatalf("one of two ways: %v, want 204", r)
		}
		if live := s.live(t, userID); len(live) != 1 {
			t.Errorf("sessions %v, want one's own alone", live)
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("one's own session: %v", r)
		}
		if r := s.Browser().Post("/auth/login", map[string]string{"email": email, "password": phrase}); r.Code() != auth.ErrInvalidCredentials.Code {
			t.Errorf("the removed password: %v", r)
		}
	})
}

func TestRemoveRefuses(t *testing.T) {
	s := lite(t)
	_, own := s.newcomer(t)
	s.keys.add(t, own.User.ID)
	if err := s.pw.Remove(t.Context(), own.Session, auth.Client{}); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("no password: %v, want ErrNotFound", err)
	}
	b, _, userID := s.browser(t)
	s.keys.add(t, userID)
	s.Clock.Advance(601e9)
	if r := b.Delete("/auth/password"); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("eleven minutes after the sign-in: %v, want step_up_required", r)
	}
	if r := b.Post("/auth/step-up", map[string]string{"password": phrase}); r.Status != http.StatusOK {
		t.Fatalf("step-up: %v", r)
	}
	if r := b.Delete("/auth/password"); r.Status != http.StatusNoContent {
		t.Errorf("after the step-up: %v, want 204", r)
	}
}

func TestOneOfTheLastTwoWaysStays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for range 4 {
			_, res := s.account(t)
			key := s.keys.add(t, res.User.ID)
			removals := []func() error{
				func() error { return s.pw.Remove(t.Context(), res.Session, auth.Client{}) },
				func() error { return s.keys.remove(t.Context(), res.Session, key) },
			}
			won := authtest.InParallel(2, func(i int) bool {
				err := removals[i]()
				if err != nil && !errors.Is(err, auth.ErrLastSignInMethod) {
					t.Errorf("the loser: %v, want ErrLastSignInMethod", err)
				}
				return err == nil
			})[true]
			left := s.Client.Credential.Query().Where(credential.UserID(res.User.ID)).CountX(t.Context())
			if won != 1 || left != 1 {
				t.Errorf("%d of 2 removals succeeded, %d ways left; want 1 and 1", won, left)
			}
		}
	})
}
