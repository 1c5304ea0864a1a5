package passkey_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

const sessionCookie = "__Host-torii_session"

// stage is a ceremony that somebody has begun.
type stage struct {
	actor
	ceremony string
	options  []byte
}

// stageOf begins a ceremony: of a new person at sign-up, of one who has a passkey elsewhere.
func (s *site) stageOf(t *testing.T, ceremony, name string) stage {
	t.Helper()
	st := stage{ceremony: ceremony, actor: s.newcomer(name)}
	switch ceremony {
	case "sign-up":
		st.options = begin(t, st.Browser, "register", map[string]string{"email": st.email})
		return st
	case "register":
		st.Browser = s.register(t, st.email)
		st.options = begin(t, st.Browser, "register", map[string]string{})
		return st
	}
	st.enter(t)
	if ceremony == "step-up" {
		st.options = begin(t, st.Browser, "step-up", nil)
		return st
	}
	st.Post("/auth/logout", nil)
	st.options = begin(t, st.Browser, "login", map[string]string{})
	return st
}

// answer is an honest one.
func (st stage) answer(t *testing.T) []byte {
	t.Helper()
	if st.ceremony == "sign-up" || st.ceremony == "register" {
		return create(t, st.device, st.options)
	}
	return sign(t, st.device, st.options)
}

// ok is what an honest answer gets, and lost what one gets whose challenge is not there.
func (st stage) ok() int {
	if st.ceremony == "sign-up" || st.ceremony == "register" {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (st stage) lost() (int, string) {
	switch st.ceremony {
	case "sign-in":
		return http.StatusUnauthorized, "invalid_credentials"
	case "step-up":
		return http.StatusForbidden, "wrong_passkey"
	}
	return http.StatusBadRequest, "invalid_token"
}

var allCeremonies = []string{"register", "sign-up", "sign-in", "step-up"}

// inAll runs a row for each ceremony.
func inAll(f func(t *testing.T, s *site, st stage)) func(*testing.T, *site) {
	return func(t *testing.T, s *site) {
		for _, ceremony := range allCeremonies {
			t.Run(ceremony, func(t *testing.T) { f(t, s, s.stageOf(t, ceremony, ceremony)) })
		}
	}
}

var challenges = []negative{
	{name: "PK-01 used challenge", test: inAll(func(t *testing.T, s *site, st stage) {
		answer := st.answer(t)
		if r := finish(st.Browser, st.ceremony, answer); r.Status != st.ok() {
			t.Fatalf("honest: %v", r)
		}
		status, code := st.lost()
		before := s.rows(t)
		s.refused(t, finish(st.Browser, st.ceremony, answer), status, code, before)
		s.refused(t, finish(st.Browser, st.ceremony, st.answer(t)), status, code, before)
	})},
	{name: "PK-01 challenge of five minutes ago", test: inAll(func(t *testing.T, s *site, st stage) {
		s.Clock.Advance(5 * time.Minute)
		status, code := st.lost()
		s.refused(t, finish(st.Browser, st.ceremony, st.answer(t)), status, code, s.rows(t))
	})},
	{name: "PK-01 challenge of nearly five minutes ago is right", test: inAll(func(t *testing.T, s *site, st stage) {
		s.Clock.Advance(5*time.Minute - time.Second)
		if r := finish(st.Browser, st.ceremony, st.answer(t)); r.Status != st.ok() {
			t.Errorf("it is %v, want %d", r, st.ok())
		}
	})},
	{name: "PK-01 another browser's challenge", test: inAll(func(t *testing.T, s *site, st stage) {
		other := s.owner(t, st.ceremony+"-other")
		if st.ceremony == "sign-in" || st.ceremony == "sign-up" {
			other.Post("/auth/logout", nil)
		}
		status, code := st.lost()
		s.refused(t, finish(other.Browser, st.ceremony, st.answer(t)), status, code, s.rows(t))
		if r := finish(st.Browser, st.ceremony, st.answer(t)); r.Status != st.ok() {
			t.Errorf("the browser that began: %v, want %d", r, st.ok())
		}
	})},
	{name: "PK-01 another session's challenge", test: func(t *testing.T, s *site) {
		for _, ceremony := range []string{"register", "step-up"} {
			// The same browser with the same flows, and somebody else in it.
			st, mallory := s.stageOf(t, ceremony, "ann-"+ceremony), s.owner(t, "mallory-"+ceremony)
			answer := st.answer(t)
			st.SetCookie(sessionCookie, mallory.Session())
			status, code := st.lost()
			s.refused(t, finish(st.Browser, ceremony, answer), status, code, s.rows(t))
			s.refused(t, finish(st.Browser, ceremony, st.answer(t)), status, code, s.rows(t))
		}
	}},
	{name: "PK-01 another session of the same user", test: func(t *testing.T, s *site) {
		st := s.stageOf(t, "step-up", "ann")
		other := s.Browser()
		if r := signIn(t, other, st.device); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		st.SetCookie(sessionCookie, other.Session())
		status, code := st.lost()
		s.refused(t, finish(st.Browser, "step-up", st.answer(t)), status, code, s.rows(t))
		bob := s.stageOf(t, "register", "bob")
		again := s.Browser()
		again.Post("/auth/login", map[string]string{"email": bob.email, "password": phrase})
		bob.SetCookie(sessionCookie, again.Session())
		status, code = bob.lost()
		s.refused(t, finish(bob.Browser, "register", bob.answer(t)), status, code, s.rows(t))
	}},
	{name: "PK-01 session that ended meanwhile", test: func(t *testing.T, s *site) {
		for _, ceremony := range []string{"register", "step-up"} {
			st := s.stageOf(t, ceremony, ceremony)
			flows := st.Browser.Clone()
			if r := flows.Post("/auth/logout", nil); r.Status != http.StatusNoContent {
				t.Fatal(r)
			}
			status, code := http.StatusBadRequest, "invalid_token"
			if ceremony == "step-up" {
				status, code = http.StatusUnauthorized, "unauthenticated"
			}
			s.refused(t, finish(st.Browser, ceremony, st.answer(t)), status, code, s.rows(t))
		}
	}},
	{name: "PK-01 sign-up does not become another's passkey", test: func(t *testing.T, s *site) {
		st := s.stageOf(t, "sign-up", "ann")
		bob := s.register(t, "bob@example.com")
		st.SetCookie(sessionCookie, bob.Session())
		r := finish(st.Browser, "sign-up", st.answer(t))
		if r.Status != http.StatusCreated || r.UserID() == "" {
			t.Fatal(r)
		}
		bob.Post("/auth/login", map[string]string{"email": "bob@example.com", "password": phrase})
		if n := len(list(t, bob).Passkeys); n != 0 {
			t.Errorf("Bob has %d passkeys", n)
		}
	}},
	{name: "PK-01 challenge is 32 bytes and never the same", test: inAll(func(t *testing.T, s *site, st stage) {
		seen := map[string]bool{}
		for range 20 {
			c := member(t, s.stageAgain(t, st), "challenge")
			if len(c) != 43 || seen[c] {
				t.Fatalf("challenge %q", c)
			}
			seen[c] = true
		}
	})},
	{name: "PK-02 wrong answer uses up the challenge", test: inAll(func(t *testing.T, s *site, st stage) {
		st.device.Lie(authtest.PasskeyRPOther)
		waiting := s.ceremonies(t)
		before := s.rows(t)
		if r := finish(st.Browser, st.ceremony, st.answer(t)); r.Status == st.ok() {
			t.Fatal(r)
		}
		st.device.Lie()
		if n := s.ceremonies(t); n != waiting-1 {
			t.Errorf("%d challenges wait, want %d", n, waiting-1)
		}
		status, code := st.lost()
		s.refused(t, finish(st.Browser, st.ceremony, st.answer(t)), status, code, before)
	})},
	{name: "PK-02 answer without a challenge uses up none", test: inAll(func(t *testing.T, s *site, st stage) {
		waiting := s.ceremonies(t)
		st.device.Lie(authtest.PasskeyChallengeOther)
		finish(st.Browser, st.ceremony, st.answer(t))
		if n := s.ceremonies(t); n != waiting {
			t.Errorf("%d challenges wait, want %d", n, waiting)
		}
	})},
}

// stageAgain begins the same once more.
func (s *site) stageAgain(t *testing.T, st stage) []byte {
	t.Helper()
	switch st.ceremony {
	case "sign-up":
		return begin(t, st.Browser, "register", map[string]string{"email": st.email})
	case "register":
		return begin(t, st.Browser, "register", map[string]string{})
	case "sign-in":
		return begin(t, st.Browser, "login", map[string]string{})
	}
	return begin(t, st.Browser, "step-up", nil)
}

// crossings are the challenges of one ceremony in another, over HTTP and by the methods.
var crossings = []negative{
	{name: "PK-01 challenge of one ceremony in another", test: func(t *testing.T, s *site) {
		for _, from := range allCeremonies {
			for _, to := range allCeremonies {
				made := to == "register" || to == "sign-up"
				if from == to || made && (from == "register" || from == "sign-up") {
					continue // one route has both; see below
				}
				t.Run(from+" to "+to, func(t *testing.T) {
					st := s.stageOf(t, from, from+"-"+to)
					target := st
					target.ceremony = to
					switch {
					case made:
						target.options = making(t, st.options, "aGFuZGxl")
					default:
						if from == "sign-up" || from == "register" { // there is a passkey, but not for this
							known := s.owner(t, from+"-"+to+"-known")
							target.device = known.device
							if to == "step-up" {
								target.SetCookie(sessionCookie, known.Session())
							}
						}
						if from == "sign-in" { // a step-up needs somebody
							elsewhere := s.Browser()
							signIn(t, elsewhere, st.device)
							target.SetCookie(sessionCookie, elsewhere.Session())
						}
						target.options = asking(t, st.options)
					}
					status, code := target.lost()
					s.refused(t, finish(target.Browser, to, target.answer(t)), status, code, s.rows(t))
				})
			}
		}
	}},
	{name: "PK-01 registration is no sign-up, nor the reverse", test: func(t *testing.T, s *site) {
		ctx := t.Context()
		ask := func(o passkey.Options, err error) ([]byte, auth.Client) {
			if err != nil {
				t.Fatal(err)
			}
			return create(t, authtest.NewAuthenticator(), []byte(`{"publicKey":`+string(o.PublicKey)+`}`)), auth.Client{Flows: []string{o.Flow}}
		}
		answer, c := ask(s.passkeys.BeginSignUp(ctx, passkey.SignUp{Email: "ann@example.com"}, auth.Client{}))
		ann, err := s.passkeys.FinishSignUp(ctx, answer, c)
		if err != nil {
			t.Fatal(err)
		}
		before := s.rows(t)
		answer, c = ask(s.passkeys.BeginRegistration(ctx, ann.Session, auth.Client{}))
		if _, err := s.passkeys.FinishSignUp(ctx, answer, c); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("a registration as a sign-up: %v", err)
		}
		if _, err := s.passkeys.FinishRegistration(ctx, ann.Session, answer, "", c); err != nil {
			t.Errorf("it was used up by that: %v", err)
		}
		answer, c = ask(s.passkeys.BeginSignUp(ctx, passkey.SignUp{Email: "bob@example.com"}, auth.Client{}))
		if _, err := s.passkeys.FinishRegistration(ctx, ann.Session, answer, "", c); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("a sign-up as a registration: %v", err)
		}
		if after := s.rows(t); after.users != before.users || len(after.credentials) != len(before.credentials)+1 {
			t.Errorf("%v, before %v", after, before)
		}
	}},
}
