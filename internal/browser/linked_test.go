package browser_test

import "testing"

// Somebody with a password adds an account elsewhere, uses it, and removes it again.
func linkAndUnlink(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.register(tab, "ben@example.org")
	id := s.whoIs(t, tab)
	s.later(t, id)

	tab.Open(s.URL("/account"))
	tab.Sees("Linked accounts", "None.")
	tab.Press("Link a Work account")
	tab.Sees("show that it is still you")
	tab.Shot("link-1-password")
	tab.Type("current_password", phrase)
	tab.Press("Go on")
	tab.Shot("link-2-button")
	tab.Press("Link a Work account")
	sayWho(tab, "ben@work.example")
	tab.Press("Continue")
	tab.At(s.URL("/account?done=linked"))
	tab.Sees("The account is linked", "ben@work.example")
	tab.Shot("link-3-linked")
	s.mailed(t, "ben@example.org", "Subject: Work was linked")

	tab.Press("Sign out")
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	tab.At(s.URL("/account"))
	if by := s.whoIs(t, tab); by != id {
		t.Fatalf("by the linked account it is %s, and was %s", by, id)
	}

	tab.Open(s.URL("/account"))
	tab.Press("Unlink")
	tab.Sees("show that it is still you")
	tab.Shot("unlink-1-password")
	tab.Type("current_password", phrase)
	tab.Press("Unlink")
	tab.At(s.URL("/account?done=unlinked"))
	tab.Sees("The account is unlinked", "None.")
	tab.Shot("unlink-2-done")
	s.mailed(t, "ben@example.org", "Subject: Work was unlinked")

	tab.Press("Sign out")
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	tab.At(s.URL("/account"))
	if by := s.whoIs(t, tab); by == id {
		t.Error("the account that was unlinked still signs in")
	}
}

// Who has nothing but the account elsewhere proves themselves there, anew, and keeps it.
func lastWay(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	s.come(tab, "dan@example.org")
	tab.Press("Unlink")
	tab.Sees("Is it still you?")
	tab.Shot("last-1-again")
	tab.Press("Continue with Work")
	sayWho(tab, "dan@example.org") // though it knows the browser
	tab.At(s.URL("/account/unlink/"))
	tab.Shot("last-2-unlink")
	tab.Press("Unlink")
	tab.Sees("it is your only way in")
	tab.Shot("last-3-kept")
	tab.Open(s.URL("/account"))
	tab.Sees("dan@example.org · linked")
}
