package password_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/providers/password"
)

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email, first := s.account(t)
		res, err := s.signIn(t, email, phrase)
		if err != nil || res.User.ID != first.User.ID || res.Session.ID == first.Session.ID || res.Token == first.Token {
			t.Fatalf("%+v, %v; want another session of %s", res, err, first.User.ID)
		}
		if live := s.live(t, res.User.ID); len(live) != 2 {
			t.Errorf("sessions %v, want both", live)
		}
		third, err := s.pw.SignIn(t.Context(), password.Credentials{Email: email, Password: phrase},
			auth.Client{Sessions: []string{res.Token.Reveal()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Auth.Session(t.Context(), res.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("the session that was presented at the sign-in: %v, want ended", err)
		}
		if used := s.row(t, third.User.ID).LastUsedAt; used == nil || !used.Equal(s.Clock.Now()) {
			t.Errorf("last used at %v, want %v", used, s.Clock.Now())
		}
	})
}

// cast are accounts that nobody can sign in to, and what to type there.
func cast(t testing.TB, s *site) []struct{ name, email, secret string } {
	t.Helper()
	known, _ := s.account(t)
	disabled, off := s.account(t)
	if err := s.Auth.DisableUser(t.Context(), off.User.ID); err != nil {
		t.Fatal(err)
	}
	bare := person()
	if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: bare}); err != nil {
		t.Fatal(err)
	}
	return []struct{ name, email, secret string }{
		{"wrong", known, "not the pass phrase"},
		{"unknown", person(), phrase},
		{"nopassword", bare, phrase},
		{"disabled", disabled, phrase},
		{"disabled and wrong", disabled, "not the pass phrase"},
		{"malformed", "not an address", phrase},
		{"malformed with a NUL", "ann\x00@example.com", phrase},
		{"no address", "", phrase},
		{"no password", known, ""},
		{"no password of an account without", bare, ""},
		{"a very long password", known, strings.Repeat("x", 1<<20)},
		{"a very long password of nobody", person(), strings.Repeat("x", 1<<20)},
		{"a very long address", strings.Repeat("x", 1<<20) + "@example.com", phrase},
	}
}

// Time is not measured: what costs it is counted.
func TestEveryRefusalCostsOneHash(t *testing.T) {
	s := lite(t)
	for _, row := range cast(t, s) {
		before := hashes(s)
		_, err := s.signIn(t, row.email, row.secret)
		if n := hashes(s) - before; err != auth.ErrInvalidCredentials || n != 1 {
			t.Errorf("%s: %v after %d hashes, want invalid_credentials after 1", row.name, err, n)
		}
	}
	email, _ := s.account(t)
	before := hashes(s)
	if _, err := s.signIn(t, email, phrase); err != nil || hashes(s)-before != 1 {
		t.Errorf("a sign-in: %v after %d hashes, want 1", err, hashes(s)-before)
	}
}

func TestEveryRefusalReadsTheSame(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var first []byte
		for _, row := range cast(t, s) {
			if len(row.secret)+len(row.email) > 1<<16 {
				continue // the body alone is refused
			}
			r := s.Browser().Post("/auth/login", map[string]string{"email": row.email, "password": row.secret})
			var got bytes.Buffer
			if err := r.Header.Write(&got); err != nil {
				t.Fatal(err)
			}
			got.Write(r.Body)
			if first == nil {
				first = got.Bytes()
			}
			if r.Status != http.StatusUnauthorized || !bytes.Equal(got.Bytes(), first) {
				t.Errorf("%s: %d %s, want 401 %s", row.name, r.Status, &got, first)
			}
		}
	})
}

func TestFailuresAreRecordedWithoutSecrets(t *testing.T) {
	s := lite(t)
	const typed = "typed into the wrong field"
	for _, row := range cast(t, s) {
		_, _ = s.pw.SignIn(t.Context(), password.Credentials{Email: row.email, Password: typed}, from("192.0.2.8"))
	}
	_, _ = s.signIn(t, typed, typed)
	events := s.Client.AuthEvent.Query().Where(authevent.Kind(auth.EventSignInFailed)).AllX(t.Context())
	if len(events) < len(cast(t, s)) {
		t.Fatalf("%d events of failure", len(events))
	}
	for _, e := range events {
		if e.Code != auth.ErrInvalidCredentials.Code || e.Provider != "password" || strings.Contains(e.String(), typed) || strings.Contains(e.String(), "@") {
			t.Errorf("event %v", e)
		}
	}
	if strings.Contains(s.Log(), typed) {
		t.Errorf("the log holds what was typed:\n%s", s.Log())
	}
}

func TestLoginNeedsBothMembers(t *testing.T) {
	s := lite(t)
	for _, body := range []string{`{}`, `{"email":"ann@example.com"}`, `{"password":"x"}`, `{"email":null,"password":"x"}`, `{"email":"a@b.example","password":["x"]}`,
		"{\"email\":\"ann@example.com\",\"password\":\"\xff\"}"} {
		if r := s.Browser().Post("/auth/login", body); r.Code() != auth.ErrInvalidRequest.Code {
			t.Errorf("%v, want 400 for %s", r, body)
		}
	}
}

// A wrong spelling of the address is no way around the limit.
func TestLimitKnowsOneAddressInAllSpellings(t *testing.T) {
	s := lite(t)
	known, _ := s.account(t)
	for _, email := range []string{known, person()} {
		for i, spelling := range []string{email, strings.ToUpper(email), " " + email, email + "  ", strings.Replace(email, "example", "EXAMPLE", 1)} {
			if _, err := s.signIn(t, spelling, "wrong"); err != auth.ErrInvalidCredentials {
				t.Errorf("try %d: %v", i+1, err)
			}
		}
		before := hashes(s)
		_, err := s.signIn(t, email, phrase)
		if retry, ok := errors.AsType[*auth.RetryError](err); !ok || retry.Err != auth.ErrTooManyAttempts || hashes(s) != before {
			t.Errorf("try 6: %v after %d hashes, want too_many_attempts after none", err, hashes(s)-before)
		}
	}
}

// BenchmarkSignIn lets the costs of the refusals be compared: they must not differ.
func BenchmarkSignIn(b *testing.B) {
	s := newSite(b, authtest.Database(b), auth.Config{Hash: auth.HashConfig{MemoryKiB: 19456, Passes: 2}})
	for _, row := range cast(b, s)[:4] {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				_, err := s.signIn(b, row.email, row.secret)
				b.StopTimer()
				if !errors.Is(err, auth.ErrInvalidCredentials) {
					b.Fatal(err)
				}
				s.Clock.Advance(1 << 50) // past every limit
				b.StartTimer()
			}
		})
	}
}
