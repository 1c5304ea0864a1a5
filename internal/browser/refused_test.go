package browser_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/browser"
)

// refused is a page that says what went wrong, in words and by a code, and leads on.
func (s stage) refused(t *testing.T, tab *browser.Tab, code string, words ...string) {
	t.Helper()
	tab.At(s.URL("/auth/error?code=" + code))
	tab.Sees(append(words, code)...)
	tab.Shot(strings.ReplaceAll("refused-"+code, "_", "-"))
	for _, c := range tab.Cookies(s.Origin) {
		if c.Name == "torii_session" {
			t.Errorf("%s: the browser has a session", code)
		}
	}
}

// tryAgain goes on from such a page, to where somebody can sign in.
func (s stage) tryAgain(tab *browser.Tab) {
	tab.Press("Go on to Torii demo")
	tab.Press("Sign in")
	tab.At(s.URL("/login"))
	tab.Press("Continue with Work")
}

func deniedAtSignIn(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	tab.Press("[ Cancel ]")
	s.refused(t, tab, "oauth_denied", "declined at the other service", "Begin again")
	s.tryAgain(tab)
	sayWho(tab, "eve@example.org")
	tab.Press("Continue")
	tab.At(s.URL("/account"))
}

func deniedAtConsent(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	sayWho(tab, "fay@example.org")
	tab.Press("[ Cancel ]")
	s.refused(t, tab, "oauth_denied", "declined at the other service", "Begin again")
	s.tryAgain(tab)
	tab.Press("Continue") // the provider asks for the consent again
	tab.At(s.URL("/account"))
}

// Who declines while linking is signed in as before, and nothing is linked.
func deniedWhileLinking(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.register(tab, "gil@example.org")
	tab.Press("Link a Work account")
	tab.Press("[ Cancel ]")
	tab.At(s.URL("/auth/error?code=oauth_denied"))
	tab.Sees("oauth_denied")
	tab.Shot("refused-linking")
	tab.Open(s.URL("/account"))
	tab.Sees("gil@example.org", "None.")
}

// callbackOf goes to the provider and back, but stops before the site hears of it.
func (s stage) callbackOf(tab *browser.Tab, login string) string {
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	sayWho(tab, login)
	return tab.Catch(s.URL("/auth/oauth/work/callback"), "Continue")
}

// Somebody is lured to the end of a sign-in that another has begun, who would have them
// work in an account of the other's.
func otherBrowser(t *testing.T, s stage) {
	mallory := s.chromium.Window(t)
	callback := s.callbackOf(mallory, "mallory@example.org")
	victim := s.chromium.Window(t)
	victim.Open(callback)
	s.refused(t, victim, "oauth_flow_missing", "begun in another browser", "Begin again here")
	mallory.Open(callback) // the refusal has used nothing up
	mallory.At(s.URL("/account"))
	mallory.Sees("mallory@example.org")
}

// The same for somebody who is at a sign-in of their own: that one goes on.
func busyOtherBrowser(t *testing.T, s stage) {
	mallory := s.chromium.Window(t)
	callback := s.callbackOf(mallory, "mel@example.org")
	victim := s.chromium.Window(t)
	own := s.callbackOf(victim, "vic@example.org")
	victim.Open(callback)
	s.refused(t, victim, "oauth_expired", "Begin again")
	victim.Open(own)
	victim.At(s.URL("/account"))
	victim.Sees("vic@example.org")
}

func cookieLost(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	tab.Forget(s.Origin)
	sayWho(tab, "hal@example.org")
	tab.Press("Continue")
	s.refused(t, tab, "oauth_flow_missing", "keeps no cookies", "Begin again here")
	s.tryAgain(tab)
	tab.At(s.URL("/account"))
	tab.Sees("hal@example.org")
}

// A callback that is loaded again is used up. Whoever is signed in stays so. The page for
// signing in has begun something else in this browser, a passkey, so it is no other one.
func secondTime(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.come(tab, "ida@example.org")
	tab.Open(tab.Asked(s.URL("/auth/oauth/work/callback")))
	tab.Sees("was used already", "Begin again", "oauth_expired")
	tab.Reload() // the page that says so
	tab.Sees("Begin again", "oauth_expired")
	tab.Open(s.URL("/account"))
	tab.Sees("ida@example.org")
}

// Whoever goes back finds nothing that harms: the provider's pages are over, the one for
// signing in sends them to their account, and after signing out that is not shown.
func backButton(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.come(tab, "jon@example.org")
	for range 2 { // its login and its consent
		tab.Back()
		tab.Sees("session not found")
	}
	tab.Back()
	tab.At(s.URL("/account"))
	tab.Sees("jon@example.org")

	tab.Press("Sign out")
	tab.Back()
	tab.At(s.URL("/login"))
	if text := tab.Text(); strings.Contains(text, "jon@example.org") {
		t.Errorf("signed out, one reads\n%s", text)
	}
}
