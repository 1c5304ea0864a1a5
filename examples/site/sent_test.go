package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// eachMailing runs f against the program with -verify and a folder of mails, on every
// kind of database.
func eachMailing(t *testing.T, f func(t *testing.T, base string)) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		f(t, start(t, "-driver", db.Driver, "-dsn", db.DSN, "-mail", t.TempDir(), "-verify"))
	})
}

const (
	verifySubject = "Confirm your e-mail address for Torii demo"
	signInSubject = "Sign in to Torii demo"
)

// readCode returns the code that a mail's page has.
func readCode(t *testing.T, b *browser, path string) string {
	t.Helper()
	got := b.get(path)
	want(t, "the mail", got, http.StatusOK)
	code := regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`).FindString(got.body[strings.Index(got.body, "<pre"):])
	if code == "" {
		t.Fatalf("no code\n%s", got.body)
	}
	return code
}

// token is the page behind a mail's link, and the secret of it.
func token(t *testing.T, b *browser, path string) (page, mailed string) {
	t.Helper()
	link := readLink(t, b, path)
	return link.RequestURI(), link.Query().Get("token")
}

// tokenTo is token for a mail that is awaited.
func tokenTo(t *testing.T, b *browser, email, subject string) (page, mailed string) {
	t.Helper()
	return token(t, b, awaitMailTo(t, b, email, subject))
}

// wrongCode is a code that is not the one.
func wrongCode(code string) string {
	if code[0] == 'A' {
		return "B" + code[1:]
	}
	return "A" + code[1:]
}

// register signs an address up and returns the browser that did.
func register(t *testing.T, base, email string) *browser {
	t.Helper()
	b := newBrowser(t, base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/register/sent")
	code := readCode(t, b, awaitMail(t, b, verifySubject))
	wantRedirect(t, "the code", b.post("/register/code", "code", code), "/account")
	return b
}

// What a browser remembers of a mail is for the pages that speak of it alone.
func TestRemember(t *testing.T) {
	for origin, secure := range map[string]bool{"http://localhost:1": false, "https://site.example": true} {
		s := &server{origin: origin}
		w := httptest.NewRecorder()
		s.remember(w, "/register", `a"d;a+ü@example.org`)
		s.remember(w, "/login/mail", strings.Repeat("x", 255))
		s.forget(w, "/register")
		list := w.Result().Cookies()
		if len(list) != 3 {
			t.Fatalf("%d cookies, want 3", len(list))
		}
		first := list[0]
		if !first.HttpOnly || first.Secure != secure || first.SameSite != http.SameSiteLaxMode || first.Path != "/register" || first.MaxAge != 0 {
			t.Errorf("%s: %v", origin, first)
		}
		for _, c := range list[1:] {
			if c.MaxAge >= 0 || c.Value != "" {
				t.Errorf("%v, want it deleted", c)
			}
		}
		r := httptest.NewRequest(http.MethodGet, "/register/sent", nil)
		r.AddCookie(first)
		if got := remembered(r); got != `a"d;a+ü@example.org` {
			t.Errorf("remembered %q", got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/register/sent", nil)
	r.Header.Set("Cookie", sentCookie+"=%zz")
	if got := remembered(r); got != "" {
		t.Errorf("of a broken cookie: %q", got)
	}
}
