package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/authtest"
)

// newPhone makes passkeys for a site, as a browser at its origin does.
func newPhone(base string) *authtest.Authenticator { return &authtest.Authenticator{Origin: base} }

// begin asks for the options of a ceremony.
func (b *browser) begin(path, body string) []byte {
	b.t.Helper()
	got := b.call("POST", path, body)
	want(b.t, path, got, http.StatusOK, `"publicKey"`)
	return []byte(got.body)
}

// finish sends what an authenticator made of them.
func (b *browser) finish(path string, made []byte, err error) answer {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return b.call("POST", path, string(made))
}

func (b *browser) signUpWith(phone *authtest.Authenticator, body string) answer {
	b.t.Helper()
	made, err := phone.Create(b.begin("/passkey/register/begin", body))
	return b.finish("/passkey/register/finish", made, err)
}

func (b *browser) signInWith(phone *authtest.Authenticator) answer {
	b.t.Helper()
	made, err := phone.Get(b.begin("/passkey/login/begin", "{}"))
	return b.finish("/passkey/login/finish", made, err)
}

func (b *browser) stepUpWith(phone *authtest.Authenticator) answer {
	b.t.Helper()
	made, err := phone.Get(b.begin("/passkey/step-up/begin", "{}"))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.call("POST", "/step-up", `{"passkey":`+string(made)+`}`)
}

// passkeyID is that of the only passkey on the account's page.
func (b *browser) passkeyID() string {
	b.t.Helper()
	page := b.get("/account")
	ids := regexp.MustCompile(`data-passkey="delete" data-id="(crd_\w+)"`).FindAllStringSubmatch(page.body, -1)
	if len(ids) != 1 {
		b.t.Fatalf("%d passkeys, want 1\n%s", len(ids), page.body)
	}
	return ids[0][1]
}

const passkeyAccount = `{"email":"ada@example.org","name":"Ada","return_to":"/me"}`

// The life of a passkey, as the pages show it.
func TestPasskeyPages(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b, phone := newBrowser(t, base), newPhone(base)
		want(t, "sign up", b.signUpWith(phone, passkeyAccount), http.StatusCreated)
		page := b.get("/account")
		want(t, "the account", page, http.StatusOK, "Ada", "You have none: you sign in without.",
			`<p class="device">Passkey <span class="badge">synced</span>`, "just now</time> · no sign-in yet",
			`data-passkey="add"`, `src="/static/passkeys.js"`)
		id := b.passkeyID()
		for _, words := range []string{
			`id="rename-` + id + `"`, `aria-controls="rename-` + id + `"`, `data-opens="rename-` + id + `"`, `id="name-` + id + `"`, `for="name-` + id + `"`,
			`id="delete-` + id + `"`, `aria-controls="delete-` + id + `"`, `data-opens="delete-` + id + `"`, `Rename…<span class="unseen"> Passkey</span>`,
		} {
			if n := strings.Count(page.body, words); n != 1 {
				t.Errorf("%s is there %d times", words, n)
			}
		}
		want(t, "delete the only way in", b.call("DELETE", "/passkeys/"+id, ""), http.StatusConflict, "last_sign_in_method")
		want(t, "rename", b.call("PATCH", "/passkeys/"+id, `{"name":"Ada's <phone>"}`), http.StatusOK)
		want(t, "after that", b.get("/account?done=passkey-renamed"), http.StatusOK, "The passkey has its new name.", `<p class="device">Ada&#39;s &lt;phone&gt; <`)

		other := newBrowser(t, base)
		want(t, "sign in", other.signInWith(phone), http.StatusOK)
		want(t, "elsewhere", other.get("/account"), http.StatusOK, "last used <time", "Ada&#39;s &lt;phone&gt;")
		wantRedirect(t, "nothing to show again", other.get("/again?return_to=%2Fme"), "/me")

		wantRedirect(t, "a password", b.post("/account/password", "new_password", secret), "/account?done=first")
		want(t, "delete", b.call("DELETE", "/passkeys/"+id, ""), http.StatusNoContent)
		want(t, "after that", b.get("/account?done=passkey-deleted"), http.StatusOK, "The passkey is deleted.", "None yet.")
		want(t, "where the browser tells nobody", b.get("/account?done=passkey-kept"), http.StatusOK, "may go on showing it")
		want(t, "sign in with it", newBrowser(t, base).signInWith(phone), http.StatusUnauthorized, "invalid_credentials")
	})
}

// A key that stays where it is reads as such, and a second passkey is listed before the first.
func TestSecondPasskey(t *testing.T) {
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db"))
	want(t, "sign up", b.signUpWith(newPhone(b.base), passkeyAccount), http.StatusCreated)
	key := newPhone(b.base)
	key.DeviceBound, key.Transports = true, []string{"usb"}
	key.AAGUID = [16]byte{0xd8, 0x52, 0x1f, 0x62}
	made, err := key.Create(b.begin("/passkey/register/begin", "{}"))
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(made, &body); err != nil {
		t.Fatal(err)
	}
	body["name"] = "My key"
	if made, err = json.Marshal(body); err != nil {
		t.Fatal(err)
	}
	want(t, "add", b.call("POST", "/passkey/register/finish", string(made)), http.StatusCreated)
	page := b.get("/account?done=passkey-added")
	want(t, "the account", page, http.StatusOK, "The passkey is added", `My key <span class="badge one">on one device</span>`)
	if strings.Index(page.body, "My key") > strings.Index(page.body, `>Passkey <span class="badge">synced`) {
		t.Error("the newer one is not the first")
	}
}

// With -verify a sign-up with a passkey waits for its mail, on the page where others wait.
func TestPasskeySignUpIsProven(t *testing.T) {
	eachMailing(t, func(t *testing.T, base string) {
		b, phone := newBrowser(t, base), newPhone(base)
		want(t, "sign up", b.signUpWith(phone, passkeyAccount), http.StatusAccepted, "check_email")
		wantRedirect(t, "go on", b.post("/register/passkey", "email", email, "return_to", "/me"), "/register/sent?return_to=%2Fme")
		want(t, "sent", b.get("/register/sent?return_to=%2Fme"), http.StatusOK, email, `name="code"`, "Send it again")
		want(t, "sign in before the proof", newBrowser(t, base).signInWith(phone), http.StatusUnauthorized)
		code := readCode(t, b, awaitMail(t, b, verifySubject))
		wantRedirect(t, "the code", b.post("/register/code", "code", code, "return_to", "/me"), "/me")
		want(t, "sign in", newBrowser(t, base).signInWith(phone), http.StatusOK)

		b.head["Sec-Fetch-Site"] = "cross-site"
		want(t, "from another site", b.post("/register/passkey", "email", email), http.StatusForbidden)
	})
}

// Who has a passkey shows with it who they are, and with a password as well if there is one.
func TestStepUpByPasskey(t *testing.T) {
	s := newAgedAt(t, "localhost")
	b, phone := newBrowser(t, s.base), newPhone(s.base)
	want(t, "sign up", b.signUpWith(phone, passkeyAccount), http.StatusCreated)
	s.clock.Advance(11 * time.Minute)
	page := b.get("/account")
	want(t, "the account", page, http.StatusOK, "Before you add, rename or delete one, please show that it is still you.", `href="/again?return_to=%2Faccount"`)
	if strings.Contains(page.body, `data-passkey=`) {
		t.Errorf("a form that would be refused\n%s", page.body)
	}
	const back = "/again?return_to=%2Faccount%2Fdelete"
	wantRedirect(t, "delete", b.get("/account/delete"), back)
	wantRedirect(t, "its form", b.post("/account/delete"), back)
	page = b.get(back)
	want(t, "the page", page, http.StatusOK, "Use your passkey", `data-passkey="step-up"`, `data-next="/account/delete"`)
	for _, word := range []string{"/login/mail", "/auth/oauth/", "current_password"} {
		if strings.Contains(page.body, word) {
			t.Errorf("%q is no proof for who has a passkey\n%s", word, page.body)
		}
	}
	want(t, "the passkey", b.stepUpWith(phone), http.StatusOK)
	want(t, "go on", b.get("/account/delete"), http.StatusOK, "Delete my account")
	wantRedirect(t, "a password", b.post("/account/password", "new_password", secret), "/account?done=first")

	s.clock.Advance(11 * time.Minute)
	want(t, "either", b.get("/account/delete"), http.StatusOK, `name="current_password"`, "Use your passkey instead", `href="`+back+`"`)
	want(t, "on the page", b.get(back), http.StatusOK, `data-passkey="step-up"`, `action="/again"`, `name="return_to" value="/account/delete"`)
	want(t, "a wrong password", b.post("/again", "current_password", "wrong password", "return_to", "/account/delete"),
		http.StatusForbidden, "not your password", `value="/account/delete"`, `data-passkey="step-up"`)
	wantRedirect(t, "the password", b.post("/again", "current_password", secret, "return_to", "/account/delete"), "/account/delete")
	wantRedirect(t, "the page after that", b.get(back), "/account/delete")
	s.clock.Advance(11 * time.Minute)
	want(t, "the passkey", b.stepUpWith(phone), http.StatusOK)
	wantRedirect(t, "delete", b.post("/account/delete"), "/?done=deleted")
}

// The page for that knows those without a passkey, too: a script may send anybody there.
func TestAgainWithoutPasskey(t *testing.T) {
	s := newAgedAt(t, "localhost")
	b := newBrowser(t, s.base)
	wantRedirect(t, "register", b.post("/register", "email", email, "password", secret), "/account")
	s.clock.Advance(11 * time.Minute)
	page := b.get("/again")
	want(t, "by a password", page, http.StatusOK, `name="current_password"`)
	if strings.Contains(page.body, "passkey") {
		t.Errorf("a passkey that is not there\n%s", page.body)
	}
	wantRedirect(t, "the password", b.post("/again", "current_password", secret), "/account")

	m := newBrowser(t, s.base)
	m.post("/login/mail", "email", "grace@example.org")
	wantRedirect(t, "sign in by a mail", m.post("/login/mail/code", "code", s.code(t, "grace@example.org")), "/account")
	s.clock.Advance(11 * time.Minute)
	wantRedirect(t, "by a mail", m.get("/again?return_to=%2Fme"), "/login/mail?return_to=%2Fme")
}
