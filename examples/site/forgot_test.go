package main

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/testdb"
)

// Who has forgotten the password gets in again, and everybody else is out.
func TestForgot(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		dir := t.TempDir()
		base := start(t, "-driver", db.Driver, "-dsn", db.DSN, "-mail", dir)
		signedIn, b := newBrowser(t, base), newBrowser(t, base)
		wantRedirect(t, "register", signedIn.post("/register", "email", email, "password", secret), "/account")
		want(t, "sign in", b.get("/login"), http.StatusOK, `href="/forgot"`)
		want(t, "forgot", b.get("/forgot"), http.StatusOK, `autocomplete="email"`, "Mail me a link")

		unknown, known := b.post("/forgot", "email", "who@example.org"), b.post("/forgot", "email", email)
		wantRedirect(t, "an unknown address", unknown, "/forgot/sent")
		wantRedirect(t, "a known one", known, "/forgot/sent")
		if unknown.body != known.body {
			t.Errorf("%q for an unknown address, %q for a known one; want no difference", unknown.body, known.body)
		}
		want(t, "sent", b.get("/forgot/sent"), http.StatusOK, "If there is an account with this address", `href="/dev/mail"`)

		link := readLink(t, b, awaitMail(t, b, "Set a new password for Torii demo"))
		secretOf := link.Query().Get("token")
		page := b.get(link.RequestURI())
		want(t, "the link", page, http.StatusOK, email, `action="/auth/password/reset/confirm"`, secretOf)
		want(t, "the link once more", b.get(link.RequestURI()), http.StatusOK, email)

		refused := b.post("/auth/password/reset/confirm", "token", secretOf, "new_password", "password1")
		if refused.status != http.StatusSeeOther {
			t.Fatalf("a common password: %d, want 303\n%s", refused.status, refused.body)
		}
		want(t, "a common password", b.get(refused.header.Get("Location")), http.StatusOK, "tried first", secretOf)
		b.head["Sec-Fetch-Site"] = "cross-site"
		if got := b.post("/auth/password/reset/confirm", "token", secretOf, "new_password", "another lovely password"); got.header.Get("Location") == "/auth/password/reset?done=1" {
			t.Fatal("a form of another site set the password")
		}
		b.head["Sec-Fetch-Site"] = "same-origin"
		done := b.post("/auth/password/reset/confirm", "token", secretOf, "new_password", "another lovely password")
		wantRedirect(t, "a good password", done, "/auth/password/reset?done=1")
		want(t, "done", b.get("/auth/password/reset?done=1"), http.StatusOK, "Your new password is set")

		wantRedirect(t, "who was signed in", signedIn.get("/account"), "/login?return_to=%2Faccount")
		want(t, "the old password", b.post("/login", "email", email, "password", secret), http.StatusUnauthorized)
		wantRedirect(t, "the new password", b.post("/login", "email", email, "password", "another lovely password"), "/account")
		if got := b.get(link.RequestURI()); strings.Contains(got.body, "<form") {
			t.Errorf("the used link still has a form\n%s", got.body)
		}

		awaitMail(t, b, "You have a new password at Torii demo")
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 2 {
			t.Errorf("%d files, %v; want one of each mail", len(files), err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
				t.Errorf("%s: %v, %v; want mode 0600", file, info, err)
			}
		}
	})
}

// awaitMail returns the path of the last mail with a subject. Mails are sent in the
// background.
func awaitMail(t *testing.T, b *browser, subject string) string {
	t.Helper()
	return awaitMailTo(t, b, "", subject)
}

// awaitMailTo is awaitMail for one address; "" is any.
func awaitMailTo(t *testing.T, b *browser, email, subject string) string {
	t.Helper()
	find := regexp.MustCompile(`<a href="(/dev/mail/[^"]+)">` + regexp.QuoteMeta(subject) + `</a></p>\s*<p class="quiet"><span>to [^<]*` + regexp.QuoteMeta(email))
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := b.get("/dev/mail")
		want(t, "the mailbox", got, http.StatusOK)
		if m := find.FindStringSubmatch(got.body); m != nil {
			return html.UnescapeString(m[1])
		}
		if time.Now().After(end) {
			t.Fatalf("no mail %q\n%s", subject, got.body)
		}
	}
}

// readLink returns the link that a mail's page has on this site.
func readLink(t *testing.T, b *browser, path string) *url.URL {
	t.Helper()
	got := b.get(path)
	want(t, "the mail", got, http.StatusOK, "demo@localhost.localdomain")
	m := regexp.MustCompile(`<a href="(` + regexp.QuoteMeta(b.base) + `/auth/[^"]+)">`).FindStringSubmatch(got.body)
	if m == nil {
		t.Fatalf("no link\n%s", got.body)
	}
	link, err := url.Parse(html.UnescapeString(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func TestForgotTooOften(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/often.db", "-mail", t.TempDir()))
	for range 100 {
		got := b.post("/forgot", "email", "who@example.org")
		if got.status == http.StatusSeeOther {
			continue
		}
		want(t, "one too many", got, http.StatusTooManyRequests, "There were too many tries. Try again in ", `value="who@example.org"`, `role="alert"`)
		if got.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return
	}
	t.Fatal("a hundred mails for one address")
}
