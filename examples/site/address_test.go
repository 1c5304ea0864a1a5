package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/testdb"
)

// An address changes when the new one has been proven, and comes back when the old one
// says so.
func TestChangeAddress(t *testing.T) {
	const next = "lovelace@example.org"
	eachMailing(t, func(t *testing.T, base string) {
		b := register(t, base, email)
		want(t, "the account", b.get("/account"), http.StatusOK, "confirmed", `href="/account/address"`)
		want(t, "the form", b.get("/account/address"), http.StatusOK, email, `autocomplete="email"`)
		want(t, "no address", b.post("/account/address", "email", "nonsense"), http.StatusUnprocessableEntity, "Enter an e-mail address", `value="nonsense"`)
		want(t, "the same address", b.post("/account/address", "email", email), http.StatusUnprocessableEntity, "your address already")
		wantRedirect(t, "another one", b.post("/account/address", "email", next), "/account/address/sent")
		want(t, "sent", b.get("/account/address/sent"), http.StatusOK, next, "Until then your address stays", "can undo it for a week", `href="/dev/mail"`)

		page, mailed := tokenTo(t, b, next, "Confirm your new e-mail address for Torii demo")
		other := newBrowser(t, base)
		if got := other.get(page); got.status != http.StatusOK || strings.Contains(got.body, "<form") {
			t.Errorf("the link elsewhere: %d\n%s", got.status, got.body)
		}
		want(t, "the link", b.get(page), http.StatusOK, email, next, `action="/auth/email/change/confirm"`)
		before := b.cookie()
		wantRedirect(t, "its button", b.post("/auth/email/change/confirm", "token", mailed), "/auth/email/change/confirm?done=1")
		if b.cookie() == before {
			t.Error("the change left the session's token as it was")
		}
		want(t, "the account after that", b.get("/account"), http.StatusOK, next)
		wantRedirect(t, "sign in by the new address", other.post("/login", "email", next, "password", secret), "/account")
		want(t, "by the old one", newBrowser(t, base).post("/login", "email", email, "password", secret), http.StatusUnauthorized)

		page, mailed = tokenTo(t, b, email, "Your e-mail address at Torii demo was changed")
		owner := newBrowser(t, base)
		want(t, "the undo", owner.get(page), http.StatusOK, email, `action="/auth/email/change/undo"`)
		wantRedirect(t, "its button", owner.post("/auth/email/change/undo", "token", mailed), "/auth/email/change/undo?done=1")
		wantRedirect(t, "who was signed in", b.get("/account"), "/login?return_to=%2Faccount")
		tokenTo(t, b, email, "Set a new password for Torii demo")
	})
}

// A stateless session changes the address too, and goes on.
func TestChangeAddressByJWT(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/jwt.db", "-mail", t.TempDir(), "-verify", "-sessions", "jwt")
	b := register(t, base, email)
	wantRedirect(t, "another address", b.post("/account/address", "email", "lovelace@example.org"), "/account/address/sent")
	_, mailed := tokenTo(t, b, "lovelace@example.org", "Confirm your new e-mail address for Torii demo")
	wantRedirect(t, "the link's button", b.post("/auth/email/change/confirm", "token", mailed), "/auth/email/change/confirm?done=1")
	want(t, "the account after that", b.get("/account"), http.StatusOK, "lovelace@example.org")
}

// Without -verify an account is there before its address is proven, and can prove it.
func TestConfirmAddress(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		base := start(t, "-driver", db.Driver, "-dsn", db.DSN, "-mail", t.TempDir())
		b := newBrowser(t, base)
		wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
		want(t, "the account", b.get("/account"), http.StatusOK, "not confirmed", `action="/account/confirm"`)
		wantRedirect(t, "confirm", b.post("/account/confirm"), "/account/confirm")
		want(t, "sent", b.get("/account/confirm"), http.StatusOK, email, `autocomplete="one-time-code"`, `href="/dev/mail"`)
		code := readCode(t, b, awaitMail(t, b, verifySubject))
		wantRedirect(t, "again", b.post("/account/confirm?again=1"), "/account/confirm?done=mailed")
		want(t, "after that", b.get("/account/confirm?done=mailed"), http.StatusOK, "Another mail is on its way.", "/account/confirm?again=1")
		want(t, "a wrong code", b.post("/account/confirm/code", "code", wrongCode(code)), http.StatusBadRequest, "This code is wrong", email)
		before := b.cookie()
		wantRedirect(t, "the code", b.post("/account/confirm/code", "code", code), "/account?done=verified")
		if b.cookie() != before {
			t.Error("the proof took the session away")
		}
		page := b.get("/account?done=verified")
		want(t, "after that", page, http.StatusOK, "Your address is confirmed.")
		if strings.Contains(page.body, "not confirmed") {
			t.Errorf("still not confirmed\n%s", page.body)
		}
		wantRedirect(t, "the page after that", b.get("/account/confirm"), "/account")
		wantRedirect(t, "the password stays", newBrowser(t, base).post("/login", "email", email, "password", secret), "/account")
	})
}

func TestConfirmTooOften(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/often.db", "-mail", t.TempDir()))
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	for range 100 {
		if got := b.post("/account/confirm"); got.status != http.StatusSeeOther {
			want(t, "one too many", got, http.StatusTooManyRequests, "There were too many tries. Try again in ", `role="alert"`)
			return
		}
	}
	t.Fatal("a hundred mails for one address")
}
