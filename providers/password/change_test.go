package password_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

const next = "another long phrase"

func TestChange(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email, own := s.account(t)
		if _, err := s.signIn(t, email, phrase); err != nil { // somewhere else
			t.Fatal(err)
		}
		s.Clock.Advance(3600e9)
		res, err := s.pw.Change(t.Context(), own.Session, phrase, next, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		if res.Session.ID != own.Session.ID || res.Token == own.Token || !res.Session.ProvenAt("password").Equal(s.Clock.Now()) {
			t.Errorf("session %+v, want %s with another token and a fresh factor", res.Session, own.Session.ID)
		}
		if live := s.live(t, own.User.ID); !slices.Equal(live, []string{own.Session.ID}) {
			t.Errorf("sessions %v, want the changer's %s alone", live, own.Session.ID)
		}
		if _, _, err := s.Auth.Session(t.Context(), own.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("the token from before the change: %v, want dead", err)
		}
		if _, err := s.signIn(t, email, phrase); err != auth.ErrInvalidCredentials {
			t.Errorf("the old password: %v", err)
		}
		if _, err := s.signIn(t, email, next); err != nil {
			t.Errorf("the new password: %v", err)
		}
	})
}

func TestChangeOverHTTP(t *testing.T) {
	s := lite(t)
	for _, row := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"a wrong current one", `{"current_password":"wrong","new_password":"another long phrase"}`, 403, "wrong_password"},
		{"no current one", `{"new_password":"another long phrase"}`, 403, "wrong_password"},
		{"an empty current one", `{"current_password":"","new_password":"another long phrase"}`, 403, "wrong_password"},
		{"a current one that is null", `{"current_password":null,"new_password":"another long phrase"}`, 403, "wrong_password"},
		{"no new one", `{"current_password":"a long pass phrase"}`, 400, "invalid_request"},
		{"a new one that is null", `{"current_password":"a long pass phrase","new_password":null}`, 400, "invalid_request"},
		{"a weak new one", `{"current_password":"a long pass phrase","new_password":"short"}`, 422, "invalid_fields"},
		{"a common new one", `{"current_password":"a long pass phrase","new_password":"Password123"}`, 422, "invalid_fields"},
		{"bytes that are not UTF-8", "{\"current_password\":\"a long pass phrase\",\"new_password\":\"by the sea\xff\"}", 400, "invalid_request"},
		{"the members in another case", `{"Current_Password":"a long pass phrase","new_password":"another long phrase"}`, 403, "wrong_password"},
		{"the right one", `{"current_password":"a long pass phrase","new_password":"another long phrase"}`, 200, ""},
	} {
		b, email, _ := s.browser(t)
		before := b.Session()
		r := b.Post("/auth/password", row.body)
		if r.Status != row.status || r.Code() != row.code {
			t.Errorf("%s: %v, want %d %s", row.name, r, row.status, row.code)
		}
		if changed := b.Session() != before; changed != (row.status == 200) || r.Token() != "" {
			t.Errorf("%s: token rotated %t, shown %t", row.name, changed, r.Token() != "")
		}
		if r := b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("%s: the session afterwards: %v", row.name, r)
		}
		if _, err := s.signIn(t, email, phrase); (err == nil) != (row.status != 200) {
			t.Errorf("%s: the password from before: %v", row.name, err)
		}
	}
}

// One counter for the account's password, wherever it is tried.
func TestTriesCountTogether(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b, email, userID := s.browser(t)
		wrong := map[string]string{"email": email, "password": "wrong"}
		for _, step := range []struct {
			name string
			try  func() int
			want int
		}{
			{"sign-in", func() int { return s.Browser().Post("/auth/login", wrong).Status }, 401},
			{"step-up", func() int { return b.Post("/auth/step-up", wrong).Status }, 403},
			{"change", func() int {
				return b.Post("/auth/password", map[string]string{"current_password": "wrong", "new_password": next}).Status
			}, 403},
			{"change without the current one", func() int { return b.Post("/auth/password", map[string]string{"new_password": next}).Status }, 403},
			{"sign-in again", func() int { return s.Browser().Post("/auth/login", wrong).Status }, 401},
		} {
			// As strangers: a browser that is known has its own counter.
			b.SetCookie("__Host-torii_device", "")
			if got := step.try(); got != step.want {
				t.Errorf("%s: %d, want %d", step.name, got, step.want)
			}
		}
		before := hashes(s)
		for name, status := range map[string]int{
			"sign-in": s.Browser().Post("/auth/login", map[string]string{"email": email, "password": phrase}).Status,
			"step-up": b.Post("/auth/step-up", map[string]string{"password": phrase}).Status,
			"change":  b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": next}).Status,
		} {
			if status != http.StatusTooManyRequests {
				t.Errorf("%s, the sixth try: %d, want 429", name, status)
			}
		}
		if n := hashes(s) - before; n != 0 {
			t.Errorf("%d hashes were computed for tries that are refused", n)
		}
		s.Clock.Advance(61e9)
		if r := b.Post("/auth/password", map[string]string{"current_password": phrase, "new_password": next}); r.Status != http.StatusOK {
			t.Errorf("after the wait: %v", r)
		}
		if s.row(t, userID).ChangeRequiredAt != nil {
			t.Error("a change flagged the password")
		}
	})
}

func TestOneOfTwoChangesWins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for range 3 {
			email, first := s.account(t)
			second, err := s.signIn(t, email, phrase)
			if err != nil {
				t.Fatal(err)
			}
			mine := []sessions.Session{first.Session, second.Session}
			fresh := []string{"the first new phrase", "the second new phrase"}
			winner := -1
			won := authtest.InParallel(2, func(i int) bool {
				_, err := s.pw.Change(t.Context(), mine[i], phrase, fresh[i], auth.Client{})
				if err == nil {
					winner = i // one alone gets here, or the test fails
				} else if !errors.Is(err, auth.ErrWrongPassword) && !errors.Is(err, auth.ErrUnauthenticated) {
					t.Errorf("the loser: %v, want wrong_password", err)
				}
				return err == nil
			})[true]
			if won != 1 {
				t.Fatalf("%d of 2 changes from one password succeeded, want 1", won)
			}
			if live := s.live(t, first.User.ID); !slices.Equal(live, []string{mine[winner].ID}) {
				t.Errorf("sessions %v, want the winner's %s", live, mine[winner].ID)
			}
			if _, err := s.signIn(t, email, fresh[winner]); err != nil {
				t.Errorf("the winner's password: %v", err)
			}
			if _, err := s.signIn(t, email, fresh[1-winner]); err != auth.ErrInvalidCredentials {
				t.Errorf("the loser's password: %v", err)
			}
		}
	})
}

func TestChangeOfSomebodyWhoIsGone(t *testing.T) {
	s := lite(t)
	_, gone := s.account(t)
	if err := s.Auth.DeleteUser(t.Context(), gone.User.ID); err != nil {
		t.Fatal(err)
	}
	_, off := s.account(t)
	if err := s.Auth.DisableUser(t.Context(), off.User.ID); err != nil {
		t.Fatal(err)
	}
	_, ended := s.account(t)
	if err := s.Auth.EndSession(t.Context(), ended.User.ID, ended.Session.ID); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		own  sessions.Session
		want error
	}{
		{"a deleted user", gone.Session, auth.ErrNotFound},
		{"a disabled user", off.Session, auth.ErrUnauthenticated},
		{"a session that has ended", ended.Session, auth.ErrUnauthenticated},
		{"no session", sessions.Session{}, auth.ErrNotFound},
	} {
		_, err := s.pw.Change(t.Context(), row.own, phrase, next, auth.Client{})
		if !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	if _, err := s.signIn(t, ended.User.Email, phrase); err != nil {
		t.Errorf("a change in a session that has ended was written: %v", err)
	}
	_, err := s.pw.SignIn(t.Context(), password.Credentials{Email: ended.User.Email, Password: next}, auth.Client{})
	if err != auth.ErrInvalidCredentials {
		t.Errorf("the password of a change that was refused: %v", err)
	}
}
