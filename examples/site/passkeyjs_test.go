package main

import (
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/passkey"
)

// The buttons are there for the script, which shows them to who can use them.
func TestPasskeyButtons(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db"))
	for page, words := range map[string][]string{
		"/":                       {"A passkey in place of a password"},
		"/login?return_to=%2Fme":  {`data-passkey="sign-in"`, `data-next="/me"`, "Sign in with a passkey", `autocomplete="username webauthn"`},
		"/register":               {`data-passkey="sign-up"`, `data-next="/account"`, "Sign up with a passkey", `autocomplete="email"`, `action="/register"`},
		"/login?return_to=%2F%2F": {`data-next="/account"`},
	} {
		got := b.get(page)
		want(t, page, got, http.StatusOK, words...)
		if page == "/" {
			continue
		}
		want(t, page, got, http.StatusOK, `data-show="supported" hidden>`, `<script type="module" src="/static/passkeys.js"></script>`,
			`<p class="told quiet" role="status"></p>`, `<p class="told error" role="alert"></p>`, `data-origin="`+b.base+`"`)
		if n := strings.Count(got.body, "<script"); n != 1 {
			t.Errorf("%s: %d scripts", page, n)
		}
	}
	refused := b.post("/login", "email", email, "password", "wrong password", "return_to", "/me")
	want(t, "after a wrong password", refused, http.StatusUnauthorized, `data-next="/me"`)
	for path, kind := range map[string]string{"/static/passkeys.js": "text/javascript", "/auth/torii.js": "text/javascript"} {
		if got := b.get(path); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, got.status, got.header.Get("Content-Type"))
		}
	}
}

// Where the host is an address there are no passkeys, and nothing speaks of them.
func TestNoPasskeys(t *testing.T) {
	b := newBrowser(t, newAgedAt(t, "127.0.0.1").base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	stranger := newBrowser(t, b.base)
	for page, got := range map[string]answer{
		"/": b.get("/"), "/login": stranger.get("/login"), "/register": stranger.get("/register"), "/account": b.get("/account"),
	} {
		want(t, page, got, http.StatusOK)
		for _, word := range []string{"asskey", "webauthn", "<script"} {
			if strings.Contains(got.body, word) {
				t.Errorf("%s: %q is in the page\n%s", page, word, got.body)
			}
		}
		if policy := got.header.Get("Content-Security-Policy"); strings.Contains(policy, "script-src") {
			t.Errorf("%s: policy %q", page, policy)
		}
	}
	want(t, "the script", b.get("/auth/torii.js"), http.StatusNotFound)
	want(t, "the routes", stranger.call("POST", "/passkey/login/begin", "{}"), http.StatusNotFound)
	want(t, "the mail of a sign-up", stranger.post("/register/passkey", "email", email), http.StatusNotFound)
}

// The line at the start says whether there are any.
func TestPasskeysAtStart(t *testing.T) {
	for origin, says := range map[string]string{
		"http://localhost:8080": "passkeys", "https://site.example": "passkeys",
		"http://127.0.0.1:8080": "no passkeys", "http://[::1]:8080": "no passkeys",
	} {
		if got := passkeys(origin); !strings.HasPrefix(got, says) || hasName(origin) != (says == "passkeys") {
			t.Errorf("%s: %q", origin, got)
		}
	}
	if hasName("http://%") {
		t.Error("a host that is none has a name")
	}
}

// keys are the members of an object in a script.
func keys(t *testing.T, script, object string) []string {
	t.Helper()
	_, rest, ok := strings.Cut(script, "const "+object+" = {\n")
	body, _, closed := strings.Cut(rest, "\n};")
	if !ok || !closed {
		t.Fatalf("no object %s in the script", object)
	}
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^  (?:"([^"]+)"|(\w+)): `).FindAllStringSubmatch(body, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

// There are words for everything that can go wrong, and a way on from what is no end.
func TestPasskeyWords(t *testing.T) {
	script, err := fs.ReadFile(static, "static/passkeys.js")
	if err != nil {
		t.Fatal(err)
	}
	told := append(keys(t, string(script), "words"), keys(t, string(script), "elsewhere")...)
	codes := keys(t, passkey.Script, "texts")
	if !slices.Contains(codes, "cancelled") || !slices.Contains(codes, "insecure") {
		t.Fatalf("codes of torii.js: %q", codes)
	}
	for _, e := range []*auth.Error{
		auth.ErrUnauthenticated, auth.ErrStepUpRequired, auth.ErrInvalidFields, auth.ErrTooManyAttempts, auth.ErrInvalidToken, auth.ErrInvalidRequest,
		auth.ErrInvalidCredentials, auth.ErrCredentialTaken, auth.ErrSecondFactorRequired, auth.ErrNotFound, auth.ErrLastSignInMethod,
		auth.ErrProfileRequired, auth.ErrForbiddenOrigin, auth.ErrOverloaded, passkey.ErrTooMany, passkey.ErrWrong,
	} {
		codes = append(codes, e.Code)
	}
	for _, code := range codes {
		if code != "aborted" && !slices.Contains(told, code) { // by a later request, which tells
			t.Errorf("no words for %q", code)
		}
	}
	for _, does := range []string{signIn, signUp, stepUp, "add", "rename", "delete"} {
		if !regexp.MustCompile(`(?m)^  async "?` + does + `"?\(form\)`).Match(script) {
			t.Errorf("the script does not know %q", does)
		}
	}
}

// Password managers find the page for a new password.
func TestWellKnown(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db"))
	got := b.get("/.well-known/change-password")
	if got.status != http.StatusFound || got.header.Get("Location") != "/account/password" {
		t.Errorf("%d to %q", got.status, got.header.Get("Location"))
	}
	wantRedirect(t, "a stranger", b.get("/account/password"), "/login?return_to=%2Faccount%2Fpassword")
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret, "return_to", "/account/password"), "/account/password")
	wantRedirect(t, "the page", b.get("/account/password"), "/account#password-heading")
	want(t, "its form", b.get("/account"), http.StatusOK, `id="password-heading"`)
	want(t, "anything else", b.get("/.well-known/webauthn"), http.StatusNotFound, "not_found")
}
