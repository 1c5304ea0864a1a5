package browser_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/browser"
)

// newSite is the site by itself, and a browser.
func newSite(t *testing.T, args ...string) stage {
	t.Helper()
	return stage{browser.StartSite(t, append([]string{"-demo-idp=false"}, args...)...), browser.Start(t)}
}

// signUp makes an account with a passkey of what the tab has.
func (s stage) signUp(tab *browser.Tab, email string) {
	tab.Open(s.URL("/register"))
	tab.Type("email", email)
	tab.Press("Sign up with a passkey")
	tab.At(s.URL("/account"))
}

// atLogin opens the page for signing in, where a passkey is offered but nobody picks it.
// When it returns, whoever is asked is present again.
func (s stage) atLogin(tab *browser.Tab, all ...*browser.Authenticator) {
	for _, a := range all {
		a.SetAutomaticPresence(false)
	}
	tab.Open(s.URL("/login"))
	tab.Waits(1)
	for _, a := range all {
		a.SetAutomaticPresence(true)
	}
}

// count is what a query of the site's database comes to.
func (s stage) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.Database+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (s stage) usersWith(t *testing.T, email string) int {
	t.Helper()
	return s.count(t, `SELECT count(*) FROM users WHERE email = ?`, email)
}

func (s stage) passkeysOf(t *testing.T, email string) int {
	t.Helper()
	return s.count(t, `SELECT count(*) FROM auth_credentials c JOIN users u ON c.user_id = u.id WHERE c.kind = 'passkey' AND u.email = ?`, email)
}

// signedOut fails if the browser has a session.
func (s stage) signedOut(t *testing.T, tab *browser.Tab) {
	t.Helper()
	for _, c := range tab.Cookies(s.Origin) {
		if c.Name == "torii_session" {
			t.Error("the browser has a session")
		}
	}
}

// keeps waits until an authenticator has that many passkeys: a browser tells it later.
func keeps(t *testing.T, a *browser.Authenticator, want int) {
	t.Helper()
	for begin := time.Now(); len(a.Credentials()) != want; time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("the authenticator keeps %d passkeys, want %d", len(a.Credentials()), want)
		}
	}
}

// silent fails if a page says a word that it should not.
func silent(t *testing.T, tab *browser.Tab, words string) {
	t.Helper()
	if text := tab.Text(); strings.Contains(text, words) {
		t.Errorf("one reads %q in\n%s", words, text)
	}
}
