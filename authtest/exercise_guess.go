package authtest

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
)

// freeTries is how many failures an account's factor may see before each further one
// costs a wait.
const freeTries = 5

func (e *exercise) uniform(t *testing.T) {
	s := e.site(t)
	email, userID := e.account(t, s)
	known := e.m.Wrong(s.Browser(), email)
	unknown := e.m.Wrong(s.Browser(), person())
	if known.Status != http.StatusUnauthorized {
		t.Fatalf("a wrong proof: %v", known)
	}
	if err := s.Auth.DisableUser(t.Context(), userID); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*Reply{
		"an unknown account":                        unknown,
		"a disabled account":                        e.m.Wrong(s.Browser(), email),
		"a disabled account with the right proof":   e.m.SignIn(s.Browser(), email),
		"an account whose address is in upper case": e.m.Wrong(s.Browser(), "NOBODY@EXERCISE.EXAMPLE"),
		"an address that is none":                   e.m.Wrong(s.Browser(), "not an address"),
	} {
		if got.Status != known.Status || !bytes.Equal(got.Body, known.Body) || !sameHeaders(got.Header, known.Header) {
			t.Errorf("%s: %v %v, want as for a wrong proof: %v %v", name, got, got.Header, known, known.Header)
		}
	}
}

func sameHeaders(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name, values := range a {
		if len(values) != len(b[name]) || len(values) > 0 && values[0] != b[name][0] {
			return false
		}
	}
	return true
}

func (e *exercise) limited(t *testing.T) {
	s := e.site(t)
	email, _ := e.account(t, s)
	for name, address := range map[string]string{"a known account": email, "an unknown account": person()} {
		for i := range freeTries {
			if r := e.m.Wrong(s.Browser(), address); r.Status != http.StatusUnauthorized {
				t.Fatalf("%s, try %d: %v", name, i+1, r)
			}
		}
		r := e.m.Wrong(s.Browser(), address)
		if r.Status != http.StatusTooManyRequests || r.Code() != auth.ErrTooManyAttempts.Code || r.Header.Get("Retry-After") != "60" {
			t.Errorf("%s, try %d: %v, Retry-After %q, want 429 and 60", name, freeTries+1, r, r.Header.Get("Retry-After"))
		}
	}
	if r := e.m.SignIn(s.Browser(), email); r.Status != http.StatusTooManyRequests {
		t.Errorf("the right proof during the wait: %v", r)
	}
	s.Clock.Advance(61e9)
	if r := e.m.SignIn(s.Browser(), email); r.Status != http.StatusOK {
		t.Errorf("the right proof after the wait: %v", r)
	}
	for range freeTries {
		e.m.Wrong(s.Browser(), email)
	}
	if r := e.m.SignIn(s.Browser(), email); r.Status != http.StatusTooManyRequests {
		t.Errorf("the limit did not come back after a sign-in: %v", r)
	}
}

func (e *exercise) limitedInParallel(t *testing.T) {
	s := e.site(t)
	email, _ := e.account(t, s)
	verified := InParallel(50, func(int) bool {
		return e.m.Wrong(s.Browser(), email).Status == http.StatusUnauthorized
	})[true]
	if verified != freeTries {
		t.Errorf("%d of 50 guesses at once were verified, want %d", verified, freeTries)
	}
}
