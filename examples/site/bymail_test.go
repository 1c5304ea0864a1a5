package main

import (
	"net/http"
	"strings"
	"testing"
)

// Who has an account gets in by a mail, and who has none gets one.
func TestSignInByMail(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		want(t, "sign in", b.get("/login?return_to=%2Fme"), http.StatusOK, `href="/login/mail?return_to=%2fme"`)
		want(t, "the form", b.get("/login/mail?return_to=%2Fme"), http.StatusOK, `autocomplete="email"`, `value="/me"`)
		want(t, "no address", b.post("/login/mail", "email", "nonsense", "return_to", "/me"),
			http.StatusUnprocessableEntity, "Enter an e-mail address", `value="nonsense"`, `value="/me"`)
		want(t, "nothing", b.post("/login/mail"), http.StatusUnprocessableEntity, "Enter an e-mail address")
		wantRedirect(t, "an unknown address", b.post("/login/mail", "email", email, "return_to", "/me"), "/login/mail/sent?return_to=%2Fme")
		sent := b.get("/login/mail/sent?return_to=%2Fme")
		want(t, "sent", sent, http.StatusOK, email, `autocomplete="one-time-code"`, `value="/me"`, `href="/dev/mail"`)

		path := awaitMail(t, b, signInSubject)
		code := readCode(t, b, path)
		page, mailed := token(t, b, path)
		elsewhere := newBrowser(t, base)
		if got := elsewhere.get(page); got.status != http.StatusOK || strings.Contains(got.body, "<form") || !strings.Contains(got.body, "where you began") {
			t.Errorf("the link elsewhere: %d\n%s", got.status, got.body)
		}
		want(t, "the code elsewhere", elsewhere.post("/login/mail/code", "code", code), http.StatusBadRequest, "This code is wrong")
		want(t, "a wrong code", b.post("/login/mail/code", "code", wrongCode(code), "return_to", "/me"),
			http.StatusBadRequest, "This code is wrong", email, `value="/me"`)
		wantRedirect(t, "the code", b.post("/login/mail/code", "code", code, "return_to", "/me"), "/me")
		wantRedirect(t, "the form, signed in", b.get("/login/mail?return_to=%2Fme"), "/me")
		wantRedirect(t, "the page after it, signed in", b.get("/login/mail/sent"), "/account")
		if got := b.get(page); strings.Contains(got.body, "<form") {
			t.Errorf("the link of the used mail still has a form\n%s", got.body)
		}
		want(t, "the secret of the used mail", b.post("/login/mail/code", "code", mailed), http.StatusBadRequest)

		known := newBrowser(t, base)
		wantRedirect(t, "a known address", known.post("/login/mail", "email", email, "return_to", "/me"), "/login/mail/sent?return_to=%2Fme")
		if got := known.get("/login/mail/sent?return_to=%2Fme"); got.body != sent.body {
			t.Errorf("a known address is told from an unknown one:\n%s\n%s", got.body, sent.body)
		}
		hostile := newBrowser(t, base)
		wantRedirect(t, "a hostile return_to", hostile.post("/login/mail", "email", email, "return_to", "//evil.example"), "/login/mail/sent")
	})
}

// The link in the browser that asked leads where its person wanted to go.
func TestSignInByMailedLink(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		for returnTo, place := range map[string]string{"/me": "/me", "": "/account"} {
			b := newBrowser(t, base)
			address := "who" + strings.Trim(returnTo, "/") + "@example.org"
			b.post("/login/mail", "email", address, "return_to", returnTo)
			page, mailed := tokenTo(t, b, address, signInSubject)
			want(t, "the link", b.get(page), http.StatusOK, address, `action="/auth/magic-link/verify"`)
			wantRedirect(t, "its button", b.post("/auth/magic-link/verify", "token", mailed), place)
			want(t, "signed in", b.get("/account"), http.StatusOK, address)
		}
	})
}

// A first password, for who has come in by a mail.
func TestFirstPassword(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		b.post("/login/mail", "email", email)
		wantRedirect(t, "the code", b.post("/login/mail/code", "code", readCode(t, b, awaitMail(t, b, signInSubject))), "/account")
		page := b.get("/account")
		want(t, "the account", page, http.StatusOK, "You have none", "Set password")
		if strings.Contains(page.body, "Current password") {
			t.Error("asks for a password that there is not")
		}
		want(t, "a weak one", b.post("/account/password", "new_password", "short"), http.StatusUnprocessableEntity, "at least 8 characters")
		wantRedirect(t, "a good one", b.post("/account/password", "new_password", secret), "/account?done=first")
		want(t, "after that", b.get("/account?done=first"), http.StatusOK, "Your password is set.", "Current password")
		wantRedirect(t, "sign in with it", newBrowser(t, base).post("/login", "email", email, "password", secret), "/account")
	})
}
