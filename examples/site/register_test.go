package main

import (
	"net/http"
	"strings"
	"testing"
)

// With -verify an account is made when its mail has been answered, by code or by link.
func TestRegisterAndVerify(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		wantRedirect(t, "register", b.post("/register", "email", email, "password", secret, "name", "Ada", "return_to", "/me"), "/register/sent?return_to=%2Fme")
		if b.cookie() != "" {
			t.Fatal("signed in before the proof")
		}
		sent := b.get("/register/sent?return_to=%2Fme")
		want(t, "sent", sent, http.StatusOK, email, `autocomplete="one-time-code"`, `value="/me"`, `href="/dev/mail"`, "Send it again")
		want(t, "sign in before the proof", newBrowser(t, base).post("/login", "email", email, "password", secret), http.StatusUnauthorized)

		code := readCode(t, b, awaitMail(t, b, verifySubject))
		want(t, "a wrong code", b.post("/register/code", "code", wrongCode(code), "return_to", "/me"),
			http.StatusBadRequest, "This code is wrong", `aria-invalid="true"`, "<title>Error: ", `value="/me"`, email)
		want(t, "no code", b.post("/register/code"), http.StatusBadRequest, "This code is wrong")
		want(t, "in another browser", newBrowser(t, base).post("/register/code", "code", code), http.StatusBadRequest, "This code is wrong")
		wantRedirect(t, "the code", b.post("/register/code", "code", strings.ToLower(code), "return_to", "/me"), "/me")
		want(t, "signed in", b.get("/account"), http.StatusOK, "Ada", "confirmed", "Current password")
		wantRedirect(t, "the page after that", b.get("/register/sent"), "/account")
		want(t, "the code once more", b.post("/register/code", "code", code), http.StatusBadRequest, "This code is wrong")
		wantRedirect(t, "sign in", newBrowser(t, base).post("/login", "email", email, "password", secret), "/account")

		stranger := newBrowser(t, base)
		taken := stranger.post("/register", "email", email, "password", secret, "return_to", "/me")
		wantRedirect(t, "a taken address", taken, "/register/sent?return_to=%2Fme")
		if got := stranger.get("/register/sent?return_to=%2Fme"); got.body != sent.body {
			t.Errorf("a taken address is told from a free one:\n%s\n%s", got.body, sent.body)
		}
		awaitMail(t, b, "You already have an account at Torii demo")
	})
}

// The link of the mail in the browser that signed up, and in another one.
func TestRegisterByLink(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/register/sent")
		page, mailed := token(t, b, awaitMail(t, b, verifySubject))
		want(t, "the link", b.get(page), http.StatusOK, email, `action="/auth/email/verify"`)
		phone := newBrowser(t, base)
		want(t, "elsewhere", phone.get(page), http.StatusOK, email, `name="password"`)
		wantRedirect(t, "elsewhere, with the password", phone.post("/auth/email/verify", "token", mailed, "password", secret), "/")
		want(t, "signed in there", phone.get("/account"), http.StatusOK, email)
		if got := b.get(page); strings.Contains(got.body, "<form") {
			t.Errorf("the used link still has a form\n%s", got.body)
		}
	})
}

// Another mail goes on with the sign-up, and as often as mails may be asked for.
func TestRegisterAgain(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/again.db", "-mail", t.TempDir(), "-verify"))
	wantRedirect(t, "nothing to send again", b.post("/register/sent", "return_to", "/me"), "/register?return_to=%2Fme")
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/register/sent")
	want(t, "the page in a browser that remembers nothing", newBrowser(t, b.base).get("/register/sent"), http.StatusOK, "A mail is on its way.", `name="code"`)
	first := readCode(t, b, awaitMail(t, b, verifySubject))
	wantRedirect(t, "again", b.post("/register/sent", "return_to", "/me"), "/register/sent?done=mailed&return_to=%2Fme")
	want(t, "after that", b.get("/register/sent?done=mailed&return_to=%2Fme"), http.StatusOK, "Another mail is on its way.", email, `value="/me"`)
	for range 100 {
		got := b.post("/register/sent")
		if got.status == http.StatusSeeOther {
			continue
		}
		want(t, "one too many", got, http.StatusTooManyRequests, "There were too many tries. Try again in ", `role="alert"`, `name="code"`)
		wantRedirect(t, "the first mail's code", b.post("/register/code", "code", first), "/account")
		return
	}
	t.Fatal("a hundred mails for one address")
}

// A code is not to be guessed: after five wrong ones the right one is refused too.
func TestFiveWrongCodes(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/codes.db", "-mail", t.TempDir(), "-verify"))
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/register/sent")
	path := awaitMail(t, b, verifySubject)
	code := readCode(t, b, path)
	for range 5 {
		want(t, "a wrong code", b.post("/register/code", "code", wrongCode(code)), http.StatusBadRequest, "This code is wrong")
	}
	if got := b.post("/register/code", "code", code); got.status != http.StatusTooManyRequests && got.status != http.StatusBadRequest {
		t.Fatalf("the right code: %d\n%s", got.status, got.body)
	}
	page, mailed := token(t, b, path)
	want(t, "the link", b.get(page), http.StatusOK, email)
	wantRedirect(t, "its button", b.post("/auth/email/verify", "token", mailed), "/")
	want(t, "signed in", b.get("/account"), http.StatusOK, email)
}

// In development the terminal will do for mails.
func TestVerifyInTheTerminal(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/terminal.db", "-verify"))
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/register/sent")
	want(t, "sent", b.get("/register/sent"), http.StatusOK, email, "in the terminal that it runs in")
	want(t, "sign in before the proof", b.post("/login", "email", email, "password", secret), http.StatusUnauthorized)
}
