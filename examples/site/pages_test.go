package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const (
	email  = "ada@example.org"
	secret = "a long and lovely password"
)

// The life of an account, through the pages.
func TestPages(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		want(t, "home", b.get("/"), http.StatusOK, "Every site needs a gate.")
		wantRedirect(t, "a protected page", b.get("/account"), "/login?return_to=%2Faccount")
		want(t, "register form", b.get("/register?return_to=%2Fme"), http.StatusOK, `autocomplete="new-password"`, `value="/me"`)
		wantRedirect(t, "register", b.post("/register", "email", email, "password", secret, "return_to", "/me"), "/me")
		want(t, "home, signed in", b.get("/"), http.StatusOK, "Hello, "+email)
		wantRedirect(t, "register form, signed in", b.get("/register"), "/account")

		wantRedirect(t, "rename", b.post("/account/name", "name", "Ada <3"), "/account?done=name")
		want(t, "after that", b.get("/account?done=name"), http.StatusOK, "Your name is saved.", "Ada &lt;3", "Firefox on Windows", "this device")

		phone, laptop := newBrowser(t, base), newBrowser(t, base)
		phone.head["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
		wantRedirect(t, "sign in elsewhere", phone.post("/login", "email", email, "password", secret), "/account")
		wantRedirect(t, "and again", laptop.post("/login", "email", email, "password", secret), "/account")
		page := b.get("/account")
		want(t, "three sessions", page, http.StatusOK, "Safari on iPhone", "Sign out everywhere else")
		onPhone := regexp.MustCompile(`(?s)Safari on iPhone.*?action="(/account/sessions/ses_\w+/end)"`).FindStringSubmatch(page.body)
		if onPhone == nil {
			t.Fatalf("no button for the phone's session\n%s", page.body)
		}
		wantRedirect(t, "sign out the phone", b.post(onPhone[1]), "/account?done=session")
		wantRedirect(t, "the phone", phone.get("/account"), "/login?return_to=%2Faccount")
		wantRedirect(t, "a form that the phone still shows", phone.post("/account/name", "name", "x"), "/login?return_to=/account")
		want(t, "sign out the phone twice", b.post(onPhone[1]), http.StatusNotFound, "There is nothing here")
		wantRedirect(t, "sign out everywhere else", b.post("/account/sessions/end-others"), "/account?done=others")
		wantRedirect(t, "the laptop", laptop.get("/account"), "/login?return_to=%2Faccount")

		before := b.cookie()
		wantRedirect(t, "change the password", b.post("/account/password", "current_password", secret, "new_password", "another lovely password"), "/account?done=password")
		if b.cookie() == before {
			t.Error("a new password left the token as it was")
		}
		want(t, "still signed in", b.get("/account"), http.StatusOK)
		wantRedirect(t, "sign out", b.post("/logout"), "/?done=logout")
		want(t, "signed out", b.get("/?done=logout"), http.StatusOK, "You are signed out.", "Sign in")
		wantRedirect(t, "sign in with the new password", b.post("/login", "email", email, "password", "another lovely password"), "/account")

		want(t, "delete", b.get("/account/delete"), http.StatusOK, "Delete your account?", email)
		wantRedirect(t, "yes", b.post("/account/delete"), "/?done=deleted")
		want(t, "sign in to what is gone", b.post("/login", "email", email, "password", "another lovely password"), http.StatusUnauthorized)
	})
}

// What is wrong is said beside the field, with what was typed but for passwords.
func TestRefusedForms(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/forms.db")
	b := newBrowser(t, base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	typed := "typed-secret-word"
	for _, row := range []struct {
		name     string
		signedIn bool
		path     string
		form     []string
		status   int
		words    []string
	}{
		{"taken address", false, "/register", []string{"email", email, "password", typed}, 409, []string{"an account with this address already", `value="ada@example.org"`}},
		{"no address", false, "/register", []string{"email", "nonsense", "password", typed}, 422, []string{"Enter an e-mail address", `value="nonsense"`, `href="#email"`, `aria-invalid="true"`}},
		{"short password", false, "/register", []string{"email", "b@example.org", "password", "short"}, 422, []string{"at least 8 characters", `value="b@example.org"`}},
		{"common password", false, "/register", []string{"email", "b@example.org", "password", "password1"}, 422, []string{"tried first"}},
		{"the address as password", false, "/register", []string{"email", "b@example.org", "password", "b@example.org"}, 422, []string{"easily guessed"}},
		{"long name", false, "/register", []string{"email", "b@example.org", "password", typed, "name", strings.Repeat("x", 101)}, 422, []string{"at most 100"}},
		{"empty form", false, "/register", nil, 422, []string{"Enter an e-mail address", "at least 8 characters"}},
		{"wrong password", false, "/login", []string{"email", email, "password", typed}, 401, []string{"address or password is wrong", `value="ada@example.org"`}},
		{"unknown address", false, "/login", []string{"email", "who@example.org", "password", typed}, 401, []string{"address or password is wrong"}},
		{"hostile return_to", false, "/login", []string{"email", email, "password", typed, "return_to", "//evil.example"}, 401, []string{`action="/login"`}},
		{"wrong current password", true, "/account/password", []string{"current_password", typed, "new_password", typed}, 403, []string{"not your password"}},
		{"weak new password", true, "/account/password", []string{"current_password", secret, "new_password", "short"}, 422, []string{"at least 8 characters"}},
		{"long new name", true, "/account/name", []string{"name", strings.Repeat("x", 101)}, 422, []string{"at most 100"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			who := newBrowser(t, base)
			if row.signedIn {
				who = b
			}
			got := who.post(row.path, row.form...)
			want(t, row.name, got, row.status, append(row.words, "<title>Error: ", `role="alert"`)...)
			for _, never := range []string{typed, secret, "evil.example"} {
				if strings.Contains(got.body, never) {
					t.Errorf("%q is in the page", never)
				}
			}
			if who.cookie() != "" && !row.signedIn {
				t.Error("a refused form left a session")
			}
		})
	}
}

func TestTooManyTries(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/tries.db"))
	for range 5 {
		want(t, "a wrong password", b.post("/login", "email", email, "password", "wrong password"), http.StatusUnauthorized)
	}
	got := b.post("/login", "email", email, "password", "wrong password")
	want(t, "one too many", got, http.StatusTooManyRequests, "There were too many tries. Try again in ")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestReturnTo(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/return.db")
	wantRedirect(t, "register", newBrowser(t, base).post("/register", "email", email, "password", secret), "/account")
	for _, row := range []struct{ name, returnTo, want string }{
		{"a page of ours", "/me", "/me"},
		{"with a query", "/account?done=name", "/account?done=name"},
		{"nothing", "", "/account"},
		{"another site", "https://evil.example/", "/account"},
		{"another site without a scheme", "//evil.example", "/account"},
		{"a backslash", `/\evil.example`, "/account"},
		{"a script", "javascript:alert(1)", "/account"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBrowser(t, base)
			wantRedirect(t, row.name, b.post("/login", "email", email, "password", secret, "return_to", row.returnTo), row.want)
		})
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/foreign.db")
	b := newBrowser(t, base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	for _, path := range []string{"/register", "/login", "/forgot", "/logout", "/account/name", "/account/password", "/account/sessions/end-others", "/account/delete",
		"/register/sent", "/register/code", "/login/mail", "/login/mail/sent", "/login/mail/code", "/account/address", "/account/confirm", "/account/confirm/code"} {
		t.Run(path, func(t *testing.T) {
			for _, who := range []*browser{b, newBrowser(t, base)} {
				site := who.head["Sec-Fetch-Site"]
				who.head["Sec-Fetch-Site"] = "cross-site"
				want(t, "cross-site", who.post(path, "email", email, "password", secret), http.StatusForbidden)
				who.head["Sec-Fetch-Site"] = site
			}
			want(t, "still signed in", b.get("/account"), http.StatusOK)
		})
	}
}

func TestHeaders(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/headers.db"))
	for path, cache := range map[string]string{"/": "no-store", "/forgot": "no-store", "/forgot/sent": "no-store", "/login": "no-store", "/login/mail": "no-store", "/login/mail/sent": "no-store", "/register/sent": "no-store", "/nowhere": "no-store", "/static/style.css": "max-age=300", "/static/passkeys.js": "max-age=300"} {
		got := b.get(path)
		for name, value := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "same-origin",
			"Cache-Control":           cache,
		} {
			if h := got.header.Get(name); h != value {
				t.Errorf("GET %s: %s: %q, want %q", path, name, h, value)
			}
		}
	}
}
