package main

import (
	"net/http"
	"testing"
)

const (
	ada    = `{"email":"ada@example.org","password":"a long and lovely password","name":"Ada"}`
	adaNew = `{"email":"ada@example.org","password":"another lovely password"}`
)

// The life of an account, through the contract.
func TestContract(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		registered := b.call("POST", "/register", ada)
		want(t, "register", registered, http.StatusCreated)
		want(t, "register again", newBrowser(t, base).call("POST", "/register", ada), http.StatusConflict, "email_taken")
		want(t, "register badly", newBrowser(t, base).call("POST", "/register", `{"email":"x","password":"short"}`),
			http.StatusUnprocessableEntity, `"email":"invalid_email"`, `"password":"weak_password"`)

		if u := b.call("GET", "/user", "").JSON(t).User; u.Email != "ada@example.org" || u.Name != "Ada" {
			t.Errorf("user: %+v, want Ada", u)
		}
		if u := b.call("PATCH", "/user", `{"name":"Ada Lovelace"}`).JSON(t).User; u.Name != "Ada Lovelace" {
			t.Errorf("renamed user: %+v, want Ada Lovelace", u)
		}

		other := newBrowser(t, base)
		want(t, "login with a wrong password", other.call("POST", "/login", `{"email":"ada@example.org","password":"wrong password"}`),
			http.StatusUnauthorized, "invalid_credentials")
		want(t, "login", other.call("POST", "/login", ada), http.StatusOK)

		list := b.call("GET", "/sessions", "").JSON(t).Sessions
		if len(list) != 2 {
			t.Fatalf("sessions: %d, want 2", len(list))
		}
		for _, s := range list {
			if !s.Current {
				want(t, "revoke the other session", b.call("DELETE", "/sessions/"+s.ID, ""), http.StatusNoContent)
			}
		}
		want(t, "a revoked session", other.call("GET", "/user", ""), http.StatusUnauthorized, "unauthenticated")
		want(t, "a session of nobody", b.call("DELETE", "/sessions/ses_00000000000000000000000000", ""), http.StatusNotFound)

		want(t, "login again", other.call("POST", "/login", ada), http.StatusOK)
		if n := b.call("DELETE", "/sessions", "").JSON(t).Revoked; n != 1 {
			t.Errorf("revoked %d sessions, want 1", n)
		}
		want(t, "login once more", other.call("POST", "/login", ada), http.StatusOK)

		before := b.cookie()
		want(t, "step up with a wrong password", b.call("POST", "/step-up", `{"password":"wrong password"}`), http.StatusForbidden, "wrong_password")
		want(t, "step up", b.call("POST", "/step-up", `{"password":"a long and lovely password"}`), http.StatusOK)
		if b.cookie() == before {
			t.Error("step up left the token as it was")
		}

		want(t, "change the password", b.call("POST", "/password",
			`{"current_password":"a long and lovely password","new_password":"another lovely password"}`), http.StatusOK)
		want(t, "another session after that", other.call("GET", "/user", ""), http.StatusUnauthorized)
		want(t, "login with the old password", other.call("POST", "/login", ada), http.StatusUnauthorized)
		want(t, "login with the new one", other.call("POST", "/login", adaNew), http.StatusOK)

		want(t, "logout", b.call("POST", "/logout", ""), http.StatusNoContent)
		want(t, "after logout", b.call("GET", "/user", ""), http.StatusUnauthorized)
		want(t, "delete the account", other.call("DELETE", "/user", ""), http.StatusNoContent)
		want(t, "register the freed address", b.call("POST", "/register", ada), http.StatusCreated)
	})
}

// The same with -verify, which is all mails.
func TestContractWithMails(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		free := b.call("POST", "/register", ada)
		want(t, "register", free, http.StatusAccepted, `{"status":"check_email"}`)
		want(t, "login before the proof", newBrowser(t, base).call("POST", "/login", ada), http.StatusUnauthorized, "invalid_credentials")
		want(t, "ask again", b.call("POST", "/email/verify/request", `{}`), http.StatusAccepted, `{"status":"check_email"}`)
		code := readCode(t, b, awaitMail(t, b, verifySubject))
		want(t, "verify with a wrong code", b.call("POST", "/email/verify", `{"code":"`+wrongCode(code)+`"}`), http.StatusBadRequest, "invalid_token")
		want(t, "verify elsewhere", newBrowser(t, base).call("POST", "/email/verify", `{"code":"`+code+`"}`), http.StatusBadRequest, "invalid_token")
		if u := b.call("POST", "/email/verify", `{"code":"`+code+`"}`).JSON(t).User; u.Email != "ada@example.org" || u.Name != "Ada" {
			t.Errorf("verified user: %+v, want Ada", u)
		}
		if taken := newBrowser(t, base).call("POST", "/register", ada); taken.status != free.status || taken.body != free.body {
			t.Errorf("a taken address: %d %s, a free one: %d %s", taken.status, taken.body, free.status, free.body)
		}

		phone := newBrowser(t, base)
		want(t, "magic link", phone.call("POST", "/magic-link", `{"email":"ada@example.org","return_to":"/me"}`), http.StatusAccepted, `{"status":"check_email"}`)
		code = readCode(t, b, awaitMail(t, b, signInSubject))
		want(t, "magic link elsewhere", newBrowser(t, base).call("POST", "/magic-link/verify", `{"code":"`+code+`"}`), http.StatusBadRequest, "invalid_token")
		want(t, "magic link by its code", phone.call("POST", "/magic-link/verify", `{"code":"`+code+`"}`), http.StatusOK, `"return_to":"/me"`)

		want(t, "change the address", b.call("POST", "/email/change", `{"email":"lovelace@example.org"}`), http.StatusAccepted)
		_, change := tokenTo(t, b, "lovelace@example.org", "Confirm your new e-mail address for Torii demo")
		want(t, "confirm in another session", phone.call("POST", "/email/change/confirm", `{"token":"`+change+`"}`), http.StatusBadRequest, "invalid_token")
		if u := b.call("POST", "/email/change/confirm", `{"token":"`+change+`"}`).JSON(t).User; u.Email != "lovelace@example.org" {
			t.Errorf("after the change: %+v", u)
		}
		_, undo := tokenTo(t, b, "ada@example.org", "Your e-mail address at Torii demo was changed")
		want(t, "undo", newBrowser(t, base).call("POST", "/email/change/undo", `{"token":"`+undo+`"}`), http.StatusNoContent)
		want(t, "a session after that", b.call("GET", "/user", ""), http.StatusUnauthorized, "unauthenticated")
	})
}

// What people and programs see at the application's own protected address.
func TestMe(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/me.db")
	b := newBrowser(t, base)
	wantRedirect(t, "a person who is not signed in", b.get("/me"), "/login?return_to=%2Fme")
	b.head["Accept"] = "*/*"
	want(t, "a program that is not signed in", b.get("/me"), http.StatusUnauthorized, "unauthenticated")

	b.head["Torii-Transport"] = "bearer"
	token := b.call("POST", "/register", ada).JSON(t).Token
	if token == "" || b.cookie() != "" {
		t.Fatalf("token %q, cookie %q; want a token alone", token, b.cookie())
	}
	b.head["Authorization"] = "Bearer " + token
	me := b.get("/me")
	want(t, "a program", me, http.StatusOK)
	if u := me.JSON(t).User; u.Email != "ada@example.org" || u.Name != "Ada" {
		t.Errorf("me: %+v, want Ada", u)
	}
	b.head["Accept"] = "text/html"
	want(t, "a person", b.get("/me"), http.StatusOK, "<h1>A protected page</h1>", "ada@example.org")
}

func TestExpiredSessionIsRefused(t *testing.T) {
	base := start(t, "-dsn", "file:"+t.TempDir()+"/x.db", "-session-lifetime", "1us")
	b := newBrowser(t, base)
	b.head["Torii-Transport"] = "bearer"
	token := b.call("POST", "/register", ada).JSON(t).Token
	if token == "" {
		t.Fatal("no token")
	}
	b.head["Authorization"] = "Bearer " + token
	want(t, "with an expired token", b.call("GET", "/user", ""), http.StatusUnauthorized, "unauthenticated")
	wantRedirect(t, "a page with an expired token", b.get("/account"), "/login?return_to=%2Faccount")
}
