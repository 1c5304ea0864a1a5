package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
)

const testCode = "314159"

// twoFactors is a site on which the user needs the test factor.
func twoFactors(t testing.TB, client *ent.Client) (s *authtest.Site, pw *password.Provider, factor *authtest.SecondFactor, email, userID string) {
	t.Helper()
	factor, pw, email = &authtest.SecondFactor{}, password.New(password.Config{}), person()
	s = newSite(t, client, auth.Config{Providers: []auth.Provider{pw, factor}})
	b := s.Browser()
	userID = register(t, b, email)
	b.Post("/auth/logout", nil)
	if err := factor.Enrol(t.Context(), userID, testCode); err != nil {
		t.Fatal(err)
	}
	return s, pw, factor, email, userID
}

func TestTheHostsWordIsOneFactor(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _, factor, _, userID := twoFactors(t, client)
		before := rows(t, client)
		_, err := s.Auth.CreateSession(t.Context(), userID, auth.Client{})
		pending, ok := errors.AsType[*auth.SecondFactorError](err)
		if !ok || !errors.Is(err, auth.ErrSecondFactorRequired) || len(pending.Methods) != 1 || pending.Methods[0] != authtest.SecondFactorKind {
			t.Fatalf("CreateSession = %v, want a SecondFactorError for %s", err, authtest.SecondFactorKind)
		}
		if got := rows(t, client); got["sessions"] != before["sessions"] || got["challenges"] != before["challenges"]+1 {
			t.Errorf("rows %v, want one challenge more than %v and no session", got, before)
		}
		if _, _, err := s.Auth.Session(t.Context(), pending.Flow); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("the flow as a session's token: %v, want ErrUnauthenticated", err)
		}
		for _, tt := range []struct {
			name, code string
			flows      []string
			want       error
		}{
			{"without the flow", testCode, nil, auth.ErrInvalidToken},
			{"with another flow", testCode, []string{flip(pending.Flow, 0)}, auth.ErrInvalidToken},
			{"with half of the flow", testCode, []string{pending.Flow[:20]}, auth.ErrInvalidToken},
			{"with a wrong code", "000000", []string{pending.Flow}, auth.ErrInvalidCredentials},
			{"with the right code", testCode, []string{"nonsense", pending.Flow}, nil},
			{"a second time", testCode, []string{pending.Flow}, auth.ErrInvalidToken},
		} {
			res, err := factor.Complete(t.Context(), tt.code, auth.Client{Flows: tt.flows})
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("completed %s: %v, want %v", tt.name, err, tt.want)
			}
			if err == nil && (res.User.ID != userID || len(res.Session.Factors) != 2 || res.Flow != pending.Flow || res.Session.ProvenAt(auth.FactorHost).IsZero()) {
				t.Errorf("completed %s: session %+v, flow %q", tt.name, res.Session, res.Flow)
			}
		}
	})
}

func TestABrowserHasAtMostEightUnfinishedFlows(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _, _, email, userID := twoFactors(t, client)
		b := s.Browser()
		var last string
		for i := range 12 {
			if r := b.Post("/auth/login", credentials(email, phrase)); r.Code() != auth.ErrSecondFactorRequired.Code {
				t.Fatalf("sign-in %d: %v", i+1, r)
			}
			s.Clock.Advance(61 * time.Second) // unfinished sign-ins are tries, and wait for each other
			if i >= 4 {
				s.Clock.Advance(15 * time.Minute)
			}
			flows := strings.Split(b.Cookie(flowCookie), ".")
			if want := min(i+1, 8); len(flows) != want {
				t.Fatalf("%d flows after sign-in %d, want %d", len(flows), i+1, want)
			}
			last = flows[len(flows)-1]
		}
		if n := len(flowCookie) + len(b.Cookie(flowCookie)); n > 512 {
			t.Errorf("the flow cookie has %d bytes", n)
		}
		if r := b.Post("/auth/login", credentials(email, phrase)); r.Code() != auth.ErrSecondFactorRequired.Code {
			t.Fatal(r)
		}
		if strings.HasSuffix(b.Cookie(flowCookie), last) {
			t.Error("the newest flow is not the last in the cookie")
		}
		if r := b.Post("/auth/test-factor", map[string]string{"code": testCode}); r.UserID() != userID {
			t.Errorf("the newest flow cannot be completed: %v", r)
		}
		if got := strings.Split(b.Cookie(flowCookie), "."); len(got) != 7 {
			t.Errorf("%d flows after one of 8 was finished", len(got))
		}
	})
}

func TestAPendingSignInEndsWithWhatItProved(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		for _, tt := range []struct {
			name string
			end  func(s *authtest.Site, pw *password.Provider, userID string) error
			want int
		}{
			{"the password was replaced", func(_ *authtest.Site, pw *password.Provider, id string) error {
				return pw.Set(t.Context(), id, "another long pass phrase")
			}, http.StatusBadRequest},
			{"the user was deleted", func(s *authtest.Site, _ *password.Provider, id string) error {
				return s.Auth.DeleteUser(t.Context(), id)
			}, http.StatusBadRequest},
			{"the user was disabled", func(s *authtest.Site, _ *password.Provider, id string) error {
				return s.Auth.DisableUser(t.Context(), id)
			}, http.StatusBadRequest},
			{"ten minutes passed", func(s *authtest.Site, _ *password.Provider, _ string) error {
				s.Clock.Advance(10 * time.Minute)
				return nil
			}, http.StatusBadRequest},
			{"nothing happened", func(*authtest.Site, *password.Provider, string) error { return nil }, http.StatusOK},
		} {
			s, pw, _, email, userID := twoFactors(t, client)
			b := s.Browser()
			b.Post("/auth/login", credentials(email, phrase))
			if err := tt.end(s, pw, userID); err != nil {
				t.Fatal(err)
			}
			if r := b.Post("/auth/test-factor", map[string]string{"code": testCode}); r.Status != tt.want || (b.Session() != "") != (tt.want == http.StatusOK) {
				t.Errorf("%s before the second factor came: %v, signed in %t; want %d", tt.name, r, b.Session() != "", tt.want)
			}
		}
	})
}

func TestEachBrowserCompletesItsOwnSignIn(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _, factor, ann, annID := twoFactors(t, client)
		first, bob := s.Browser(), person()
		bobID := register(t, s.Browser(), bob)
		if err := factor.Enrol(t.Context(), bobID, testCode); err != nil {
			t.Fatal(err)
		}
		first.Post("/auth/login", credentials(ann, phrase))
		s.Clock.Advance(time.Second)
		second := s.Browser()
		second.Post("/auth/login", credentials(bob, phrase))
		for _, tt := range []struct {
			b    *authtest.Browser
			want string
		}{{first, annID}, {second, bobID}} {
			if r := tt.b.Post("/auth/test-factor", map[string]string{"code": testCode}); r.UserID() != tt.want {
				t.Errorf("completed: %v, want user %s", r, tt.want)
			}
		}
	})
}

func TestAnAppCarriesItsFlowItself(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _, _, email, userID := twoFactors(t, client)
		app := s.App()
		r := app.Post("/auth/login", credentials(email, phrase))
		var body struct{ Flow string }
		if err := r.JSON(&body); err != nil || len(body.Flow) != 43 || len(r.Cookies) != 0 {
			t.Fatalf("sign-in: %v, cookies %v; want a flow in the body and no cookie", r, r.Cookies)
		}
		app.Header.Set("Torii-Flow", body.Flow)
		if r := app.Post("/auth/test-factor", map[string]string{"code": testCode}); r.UserID() != userID || r.Token() == "" || len(r.Cookies) != 0 {
			t.Errorf("completed: %v, cookies %v; want a token in the body and no cookie", r, r.Cookies)
		}
	})
}
