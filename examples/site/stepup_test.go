package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
)

// aged is a site in development whose clock a test moves, and whose mails it reads.
type aged struct {
	base   string
	auth   *auth.Auth
	clock  *authtest.Clock
	outbox *mail.Outbox
}

func newAged(t *testing.T) aged {
	t.Helper()
	return newAgedAt(t, "127.0.0.1")
}

// newAgedAt is that by another name of this machine.
func newAgedAt(t *testing.T, host string) aged {
	t.Helper()
	client, err := migrate.Open(t.Context(), "sqlite3", "file:"+t.TempDir()+"/aged.db")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := aged{base: "http://" + net.JoinHostPort(host, port), clock: authtest.NewClock(), outbox: &mail.Outbox{}}
	o := options{demoIDP: true}
	ways, cfg := o.ways(s.base), o.config(s.base)
	ways.demo.Now = s.clock.Now
	cfg.Providers, cfg.Mail.Sender, cfg.Now = ways.providers(), s.outbox, s.clock.Now
	if s.auth, err = auth.New(client, cfg); err != nil {
		t.Fatal(err)
	}
	if srv.Config.Handler, err = newServer(client, s.auth, ways, s.base, ""); err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		if err := s.auth.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// code is that of the last mail to an address.
func (s aged) code(t *testing.T, email string) string {
	t.Helper()
	if err := s.auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, ok := s.outbox.Last(email)
	if !ok {
		t.Fatalf("no mail to %s", email)
	}
	return m.Code()
}

// Who signed in a while ago gives the password once more before the account goes.
func TestDeleteAfterAWhile(t *testing.T) {
	s := newAged(t)
	b := newBrowser(t, s.base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	s.clock.Advance(11 * time.Minute)
	want(t, "delete", b.get("/account/delete"), http.StatusOK, "show that it is still you")
	want(t, "without the password", b.post("/account/delete"), http.StatusForbidden, "not your password")
	want(t, "with a wrong one", b.post("/account/delete", "current_password", "wrong password"), http.StatusForbidden, "not your password")
	wantRedirect(t, "with the password", b.post("/account/delete", "current_password", secret), "/?done=deleted")
	if _, err := s.auth.UserByEmail(t.Context(), email); err == nil {
		t.Error("the user is still there")
	}
}

// And before a mail goes to another address.
func TestChangeAddressAfterAWhile(t *testing.T) {
	s := newAged(t)
	b := newBrowser(t, s.base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	s.clock.Advance(11 * time.Minute)
	want(t, "the form", b.get("/account/address"), http.StatusOK, "show that it is still you")
	want(t, "without the password", b.post("/account/address", "email", "next@example.org"), http.StatusForbidden, "not your password", `value="next@example.org"`)
	want(t, "no address", b.post("/account/address", "email", "nonsense", "current_password", secret), http.StatusUnprocessableEntity, "Enter an e-mail address")
	if err := s.auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.outbox.Last("next@example.org"); ok {
		t.Fatal("a mail without the password")
	}
	s.clock.Advance(11 * time.Minute)
	wantRedirect(t, "with the password", b.post("/account/address", "email", "next@example.org", "current_password", secret), "/account/address/sent")
	s.code(t, "next@example.org") // there is one, without a code
	want(t, "still signed in", b.get("/account"), http.StatusOK)
}

// Who has no password shows it by another mail, and comes back.
func TestStepUpByMail(t *testing.T) {
	s := newAged(t)
	b := newBrowser(t, s.base)
	b.post("/login/mail", "email", email)
	wantRedirect(t, "sign in", b.post("/login/mail/code", "code", s.code(t, email)), "/account")
	want(t, "at once", b.get("/account/address"), http.StatusOK, `name="email"`)
	s.clock.Advance(11 * time.Minute)
	for path, form := range map[string][]string{
		"/account/address":  {"email", "next@example.org"},
		"/account/delete":   nil,
		"/account/password": {"new_password", secret},
	} {
		back := "/login/mail?return_to=%2Faccount"
		if path != "/account/password" {
			back += "%2F" + path[len("/account/"):]
			wantRedirect(t, path, b.get(path), back)
		}
		wantRedirect(t, "the form of "+path, b.post(path, form...), back)
	}
	want(t, "the page", b.get("/login/mail?return_to=%2Faccount%2Fdelete"), http.StatusOK, "show that it is still you", `value="`+email+`"`)
	wantRedirect(t, "ask", b.post("/login/mail", "email", email, "return_to", "/account/delete"), "/login/mail/sent?return_to=%2Faccount%2Fdelete")
	want(t, "sent", b.get("/login/mail/sent?return_to=%2Faccount%2Fdelete"), http.StatusOK, email)
	wantRedirect(t, "the code", b.post("/login/mail/code", "code", s.code(t, email), "return_to", "/account/delete"), "/account/delete")
	wantRedirect(t, "delete", b.post("/account/delete"), "/?done=deleted")
}
