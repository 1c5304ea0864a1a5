package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// unlinkPage is the one of the only linked account.
func (b *browser) unlinkPage() string {
	b.t.Helper()
	page := b.get("/account")
	found := regexp.MustCompile(`href="(/account/unlink/\w+)"`).FindAllStringSubmatch(page.body, -1)
	if len(found) != 1 {
		b.t.Fatalf("%d linked accounts, want 1\n%s", len(found), page.body)
	}
	return found[0][1]
}

// An account elsewhere is linked and unlinked, and opens one account at most.
func TestLinkedAccounts(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
		want(t, "the card", b.get("/account"), http.StatusOK, "Link an account that you have elsewhere", `action="/auth/oauth/demo"`, `name="link" value="true"`, "Link a Demo account")
		link := []string{"link", "true", "return_to", "/account?done=linked"}
		wantRedirect(t, "link", b.byDemo(b.toDemo(link...), "sub", "ada-1", "email", "other@example.org"), "/account?done=linked")
		want(t, "linked", b.get("/account?done=linked"), http.StatusOK, "The account is linked", "other@example.org · linked")

		elsewhere := newBrowser(t, base)
		wantRedirect(t, "sign in by it", elsewhere.byDemo(elsewhere.toDemo("return_to", "/account"), "sub", "ada-1", "email", "other@example.org"), "/account")
		eve := newBrowser(t, base)
		wantRedirect(t, "another account", eve.post("/register", "email", "eve@example.org", "password", secret), "/account")
		wantRedirect(t, "links the same", eve.byDemo(eve.toDemo(link...), "sub", "ada-1"), "/auth/error?code=identity_taken")
		want(t, "which is refused", eve.get("/auth/error?code=identity_taken"), http.StatusOK, "signs in to another account here")
		path := b.unlinkPage()
		want(t, "another's", eve.get(path), http.StatusNotFound)
		want(t, "another's, posted", eve.post(path), http.StatusNotFound)

		want(t, "unlink", b.get(path), http.StatusOK, "Unlink Demo", "That of other@example.org will not open your account")
		wantRedirect(t, "yes", b.post(path), "/account?done=unlinked")
		want(t, "unlinked", b.get("/account?done=unlinked"), http.StatusOK, "The account is unlinked")
		want(t, "twice", b.post(path), http.StatusNotFound)
		wantRedirect(t, "the other session", elsewhere.get("/account"), "/login?return_to=%2Faccount")
	})
}

// The only way in stays until there is another.
func TestLastLinkedAccount(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db"))
	wantRedirect(t, "sign up", b.byDemo(b.toDemo("return_to", "/account"), "sub", "ada-1", "email", email), "/account")
	path := b.unlinkPage()
	back := "/again?return_to=" + url.QueryEscape(path)
	wantRedirect(t, "unlink, though the provider may have asked nobody", b.get(path), back)
	wantRedirect(t, "its form", b.post(path), back)
	wantRedirect(t, "again", b.byDemo(b.toDemo("fresh", "true", "return_to", path), "sub", "ada-1"), path)
	want(t, "unlink", b.get(path), http.StatusOK, "Unlink Demo")
	want(t, "yes", b.post(path), http.StatusConflict, "it is your only way in", "Set a password")
	if b.unlinkPage() != path {
		t.Error("another one is linked")
	}
	wantRedirect(t, "a password", b.post("/account/password", "new_password", secret), "/account?done=first")
	wantRedirect(t, "unlink", b.post(path), "/account?done=unlinked")
	wantRedirect(t, "sign in", newBrowser(t, b.base).post("/login", "email", email, "password", secret), "/account")
}

// Who signed in a while ago gives the password before anything is linked or unlinked.
func TestLinkAfterAWhile(t *testing.T) {
	s := newAged(t)
	b := newBrowser(t, s.base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	s.clock.Advance(11 * time.Minute)
	if got := b.get("/account"); strings.Contains(got.body, `name="link"`) || !strings.Contains(got.body, `href="/account/link/demo"`) {
		t.Errorf("a button that would be refused\n%s", got.body)
	}
	wantRedirect(t, "the button of an old page", b.post("/auth/oauth/demo", "link", "true"), "/auth/error?code=step_up_required")
	want(t, "the form", b.get("/account/link/demo"), http.StatusOK, "show that it is still you", `action="/account/link/demo"`)
	want(t, "a wrong password", b.post("/account/link/demo", "current_password", "wrong password"), http.StatusForbidden, "not your password")
	wantRedirect(t, "the password", b.post("/account/link/demo", "current_password", secret), "/account/link/demo")
	want(t, "the button", b.get("/account/link/demo"), http.StatusOK, `action="/auth/oauth/demo"`, `name="link" value="true"`)
	wantRedirect(t, "link", b.byDemo(b.toDemo("link", "true", "return_to", "/account?done=linked"), "sub", "ada-1"), "/account?done=linked")

	s.clock.Advance(11 * time.Minute)
	path := b.unlinkPage()
	want(t, "unlink", b.get(path), http.StatusOK, "show that it is still you")
	want(t, "without the password", b.post(path), http.StatusForbidden, "not your password")
	wantRedirect(t, "with it", b.post(path, "current_password", secret), "/account?done=unlinked")
	want(t, "a provider of nobody", b.get("/account/link/nobody"), http.StatusNotFound)
}

// Who has no password is asked anew by the provider, and comes back.
func TestStepUpElsewhere(t *testing.T) {
	s := newAged(t)
	b := newBrowser(t, s.base)
	wantRedirect(t, "sign up", b.byDemo(b.toDemo("return_to", "/account"), "sub", "ada-1", "email", email), "/account")
	wantRedirect(t, "the provider may have asked nobody", b.get("/account/delete"), "/again?return_to=%2Faccount%2Fdelete")
	want(t, "the page", b.get("/again?return_to=%2Faccount%2Fdelete"), http.StatusOK,
		"Is it still you?", `name="fresh" value="true"`, `value="/account/delete"`, `href="/login/mail?return_to=%2faccount%2fdelete"`)
	path := b.toDemo("fresh", "true", "return_to", "/account/delete")
	if !strings.Contains(path, "max_age=0") {
		t.Errorf("the provider is not told to ask anew: %s", path)
	}
	wantRedirect(t, "again", b.byDemo(path, "sub", "ada-1"), "/account/delete")
	want(t, "go on", b.get("/account/delete"), http.StatusOK, "Delete my account")
	wantRedirect(t, "the page, when it is done", b.get("/again"), "/account")
	s.clock.Advance(11 * time.Minute)
	wantRedirect(t, "after a while", b.post("/account/delete"), "/again?return_to=%2Faccount%2Fdelete")
	wantRedirect(t, "once more", b.byDemo(b.toDemo("fresh", "true", "return_to", "/account/delete"), "sub", "ada-1"), "/account/delete")
	wantRedirect(t, "delete", b.post("/account/delete"), "/?done=deleted")
}
