package browser_test

import "testing"

// A certified provider and the site, and what people do between them.
func TestOpenID(t *testing.T) {
	s := newStage(t)
	for name, story := range map[string]func(*testing.T, stage){
		"sign up and in":                     signUpAndIn,
		"an address that has an account":     addressTaken,
		"the last way in stays":              lastWay,
		"link, sign in by it, unlink":        linkAndUnlink,
		"denied at the sign-in":              deniedAtSignIn,
		"denied at the consent":              deniedAtConsent,
		"denied while linking":               deniedWhileLinking,
		"a callback in another browser":      otherBrowser,
		"a callback in a busy other browser": busyOtherBrowser,
		"a browser that has lost its cookie": cookieLost,
		"a callback a second time":           secondTime,
		"the back button":                    backButton,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, s)
		})
	}
}

// Somebody comes by an account elsewhere, leaves, and comes again.
func signUpAndIn(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	tab.Open(s.URL("/login"))
	tab.Shot("openid-login")
	tab.Press("Continue with Work")
	sayWho(tab, "ann@example.org")
	tab.Press("Continue")
	tab.At(s.URL("/account"))
	tab.Sees("Your account", "ann@example.org", "Linked accounts", "linked just now")
	tab.Shot("openid-account")
	id := s.whoIs(t, tab)

	tab.Press("Sign out")
	tab.Open(s.URL("/me"))
	tab.At(s.URL("/login"))
	tab.Press("Continue with Work") // which still knows who this is
	tab.At(s.URL("/me"))            // where they wanted to go
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
}

// A provider's word does not open the account of somebody who has the same address.
func addressTaken(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.register(tab, "cat@example.org")
	other := s.chromium.Window(t)
	other.Open(s.URL("/login"))
	other.Press("Continue with Work")
	sayWho(other, "cat@example.org")
	other.Press("Continue")
	other.Sees("You have an account here already", "Sign in the way you did so far")
	other.Shot("openid-taken")
	other.Press("Sign in")
	other.At(s.URL("/login"))
}
