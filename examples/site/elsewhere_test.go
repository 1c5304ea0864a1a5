package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

// at is a path of the site out of an answer that sends a browser there.
func (b *browser) at(what string, got answer) string {
	b.t.Helper()
	path, ok := strings.CutPrefix(got.header.Get("Location"), b.base)
	if got.status != http.StatusSeeOther || !ok {
		b.t.Fatalf("%s: %d to %q, want 303 to this site\n%s", what, got.status, got.header.Get("Location"), got.body)
	}
	return path
}

// toDemo presses a button that leads to the built-in provider and returns where its form is.
func (b *browser) toDemo(pairs ...string) string {
	b.t.Helper()
	path := b.at("the button", b.post("/auth/oauth/demo", pairs...))
	want(b.t, "the provider", b.get(path), http.StatusOK, `name="sub"`, `name="email"`, `type="checkbox" value="true"`, `name="name"`)
	return path
}

// byDemo fills in that form, and returns the answer to the callback.
func (b *browser) byDemo(path string, who ...string) answer {
	b.t.Helper()
	return b.get(b.at("the provider's form", b.post(path, who...)))
}

// Who has an account elsewhere has one here by pressing a button, the same each time.
func TestSignInElsewhere(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		for _, page := range []string{"/login", "/register"} {
			want(t, page, b.get(page+"?return_to=%2Fme"), http.StatusOK, `<form method="post" action="/auth/oauth/demo">`, `name="return_to" value="/me"`, "Continue with Demo")
		}
		want(t, "with nowhere to go", b.get("/login"), http.StatusOK, `name="return_to" value="/account"`)
		who := []string{"sub", "ada-1", "email", email, "email_verified", "true", "name", "Ada <3"}
		wantRedirect(t, "sign up", b.byDemo(b.toDemo("return_to", "/me"), who...), "/me")
		page := b.get("/account")
		want(t, "the account", page, http.StatusOK, "Linked accounts", "Demo", email+" · linked", "Ada &lt;3", "You have none: you sign in without.", "not confirmed")

		other := newBrowser(t, base)
		wantRedirect(t, "sign in elsewhere", other.byDemo(other.toDemo("return_to", "/account"), "sub", "ada-1"), "/account")
		want(t, "the same account", other.get("/"), http.StatusOK, "Hello, Ada &lt;3", email)
	})
}

// What a provider tells may be too little, too much, or no.
func TestElsewhereIsNotEnough(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		wantRedirect(t, "deny", b.byDemo(b.toDemo(), "deny", "Deny"), "/auth/error?code=oauth_denied")
		want(t, "denied", b.get("/auth/error?code=oauth_denied"), http.StatusOK, "declined at the other service")
		want(t, "a code of nothing", b.get("/auth/error?code=%3Cb%3E"), http.StatusOK, "That did not work")

		// An address that has an account: nobody has proven that it is theirs.
		owner := newBrowser(t, base)
		wantRedirect(t, "the owner", owner.post("/register", "email", email, "password", secret), "/account")
		wantRedirect(t, "a taken address", b.byDemo(b.toDemo(), "sub", "eve", "email", email, "email_verified", "true"), "/auth/error?code=email_taken")
		want(t, "taken", b.get("/auth/error?code=email_taken"), http.StatusOK, "You have an account here already", "Then link the other account", `href="/login?return_to=%2Faccount"`)
		if b.cookie() != "" {
			t.Error("somebody was signed in")
		}
		if got := owner.get("/account"); strings.Contains(got.body, "/account/unlink/") {
			t.Errorf("something was linked\n%s", got.body)
		}

		// No address: the site asks for one.
		wantRedirect(t, "no address", b.byDemo(b.toDemo("return_to", "/me"), "sub", "grace"), "/auth/error?code=profile_required")
		wantRedirect(t, "is asked for", b.get("/auth/error?code=profile_required"), "/register/address")
		want(t, "the form", b.get("/register/address"), http.StatusOK, `autocomplete="email"`)
		want(t, "nonsense", b.post("/register/address", "email", "nonsense"), http.StatusUnprocessableEntity, "Enter an e-mail address", `value="nonsense"`)
		want(t, "a taken one", b.post("/register/address", "email", email), http.StatusConflict, "There is an account with this address")
		wantRedirect(t, "one", b.post("/register/address", "email", "grace@example.org"), "/me")
		want(t, "once more", b.post("/register/address", "email", "grace@example.org"), http.StatusBadRequest, "finished already")
		want(t, "the account", b.get("/account"), http.StatusOK, "grace@example.org", "Demo")
	})
}

// Nobody's word is enough for -verify but a mail.
func TestSignUpElsewhereIsProven(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db", "-verify", "-mail", t.TempDir()))
	wantRedirect(t, "sign up", b.byDemo(b.toDemo("return_to", "/me"), "sub", "ada-1", "email", email, "email_verified", "true"), "/auth/email/verify/sent")
	want(t, "check your mail", b.get("/auth/email/verify/sent"), http.StatusOK, "Look into your mailbox", `name="code"`)
	if b.cookie() != "" {
		t.Error("somebody was signed in")
	}
	code := readCode(t, b, awaitMail(t, b, verifySubject))
	wantRedirect(t, "the code", b.post("/auth/email/verify", "code", code), "/me")
	want(t, "the account", b.get("/account"), http.StatusOK, "confirmed", "Demo")

	// And so it is with an address that is typed here.
	g := newBrowser(t, b.base)
	wantRedirect(t, "no address", g.byDemo(g.toDemo(), "sub", "grace"), "/auth/error?code=profile_required")
	wantRedirect(t, "one", g.post("/register/address", "email", "grace@example.org"), "/register/sent")
	want(t, "sent", g.get("/register/sent"), http.StatusOK, "grace@example.org")
}

// The built-in provider signs anybody in as anybody, so it is for this machine alone.
func TestDemoIsForThisMachine(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db", "-trusted-proxies", "127.0.0.0/8"))
	port := b.base[strings.LastIndex(b.base, ":"):]
	path := b.toDemo()
	for _, row := range []struct {
		name, header, value string
		status              int
	}{
		{"straight", "X-Something", "else", 200},
		{"foreign host", "Host", "evil.example" + port, 404},
		{"another name of this machine", "Host", "127.0.0.1" + port, 404},
		{"for somebody", "X-Forwarded-For", "203.0.113.9", 404},
		{"for this machine", "X-Forwarded-For", "127.0.0.1", 404},
		{"for somebody, by the RFC", "Forwarded", "for=203.0.113.9", 404},
		{"through a proxy", "Via", "1.1 proxy", 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			who := newBrowser(t, b.base)
			who.head[row.header] = row.value
			for _, p := range []string{path, "/demo-idp/.well-known/openid-configuration", "/demo-idp/jwks"} {
				want(t, p, who.get(p), row.status)
			}
			if got := who.post(path, "sub", "ada"); (got.status == http.StatusSeeOther) != (row.status == 200) {
				t.Errorf("the form: %d", got.status)
			}
		})
	}
}

// Off, it leaves nothing behind: when told so, and by itself where others could reach it.
func TestNoDemo(t *testing.T) {
	dsn := "file:" + t.TempDir() + "/x.db"
	for name, args := range map[string][]string{
		"told so": {"-demo-idp=false"}, "for the network": {"-addr", "0.0.0.0:0"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, start(t, append(args, "-dsn", dsn)...))
			for _, page := range []string{"/", "/login", "/register"} {
				if got := b.get(page); got.status != http.StatusOK || strings.Contains(got.body, "Demo,") || strings.Contains(got.body, "/auth/oauth/") {
					t.Errorf("%s: %d\n%s", page, got.status, got.body)
				}
			}
			want(t, "the provider", b.get("/demo-idp/authorize"), http.StatusNotFound)
			want(t, "the button", b.post("/auth/oauth/demo"), http.StatusSeeOther)
			want(t, "a program", b.call("POST", "/oauth/demo", "{}"), http.StatusNotFound, "unknown_provider")
			wantRedirect(t, "register", b.post("/register", "email", name[:2]+email, "password", secret), "/account")
			if got := b.get("/account"); strings.Contains(got.body, "Linked accounts") {
				t.Errorf("a card for nothing\n%s", got.body)
			}
			want(t, "link", b.get("/account/link/demo"), http.StatusNotFound)
		})
	}
}

// Any OpenID provider will do.
func TestOIDCFlag(t *testing.T) {
	var idp http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idp.ServeHTTP(w, r) }))
	defer srv.Close()
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db", "-oidc", "corp="+srv.URL+"/realm,site,a=b,c"))
	corp := authtest.NewIDP(srv.URL+"/realm", authtest.IDPClient{ID: "site", Secret: "a=b,c", RedirectURIs: []string{b.base + "/auth/oauth/corp/callback"}})
	idp = corp

	page := b.get("/login")
	want(t, "both", page, http.StatusOK, "Continue with Demo", "Continue with Corp")
	// Browsers hold the redirects that answer a form to the policy of its page.
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https: http://localhost:* http://127.0.0.1:*;") {
		t.Errorf("policy %q", policy)
	}
	left := b.post("/auth/oauth/corp", "return_to", "/me")
	back, err := corp.SignIn(left.header.Get("Location"), authtest.Person{Subject: "ada", Email: email})
	if err != nil {
		t.Fatalf("%v, after %d %s", err, left.status, left.body)
	}
	wantRedirect(t, "sign up", b.get(strings.TrimPrefix(back.URL, b.base)), "/me")
	if n := corp.TokenRequests(); n != 1 {
		t.Errorf("%d codes sent, want 1", n)
	}
}
