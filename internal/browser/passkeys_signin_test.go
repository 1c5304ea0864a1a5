package browser_test

import "testing"

// Somebody signs up with nothing but a passkey, leaves, and comes again by the button.
func passkeySignUpAndIn(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Synced()
	tab.Open(s.URL("/register"))
	tab.Shot("passkey-register")
	tab.Click("Sign up with a passkey")
	tab.Sees("Please correct what is marked", "Enter an e-mail address")
	tab.Shot("passkey-register-nothing")
	tab.TypeOver("ada@example.org") // the field has the focus
	tab.Press("Sign up with a passkey")
	tab.At(s.URL("/account"))
	tab.Sees("ada@example.org", "You have none: you sign in without", "Passkey synced", "no sign-in yet")
	tab.Shot("passkey-account")
	id := s.whoIs(t, tab)
	if n := s.passkeysOf(t, "ada@example.org"); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}
	if list := device.Credentials(); len(list) != 1 || list[0].UserName != "ada@example.org" || list[0].RpID != "localhost" || len(list[0].UserHandle) != 64 {
		t.Errorf("the device keeps %+v", list)
	}

	tab.Press("Sign out")
	s.signedOut(t, tab)
	s.atLogin(tab, device)
	tab.Shot("passkey-login")
	tab.Press("Sign in with a passkey")
	tab.At(s.URL("/account"))
	tab.Sees("last used just now")
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
}

// The page for signing in has a passkey below its field. Who picks it is in, and where
// they wanted to go.
func offeredBelowField(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	tab.Synced()
	s.signUp(tab, "bea@example.org")
	id := s.whoIs(t, tab)
	tab.Press("Sign out")
	tab.Click("Sign in")
	tab.At(s.URL("/account"))

	tab.Press("Sign out")
	tab.Go(s.URL("/me")) // which leads to the page for signing in
	tab.At(s.URL("/me"))
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
	if asked := tab.Asked(s.URL("/login")); asked != s.URL("/login?return_to=%2Fme") {
		t.Errorf("the page for signing in was %s", asked)
	}
}

// Who does not pick the passkey types their password as ever.
func passwordBeside(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Synced()
	s.register(tab, "cleo@example.org")
	tab.Press("Add a passkey")
	tab.At(s.URL("/account?done=passkey-added"))
	tab.Press("Sign out")
	s.atLogin(tab, device)
	tab.At(s.URL("/login"))
	tab.Type("email", "cleo@example.org")
	tab.Type("password", phrase)
	tab.Press("Sign in")
	tab.At(s.URL("/account"))
	tab.Sees("cleo@example.org", "no sign-in yet") // of the passkey
}

// The button opens a dialog, which a browser refuses while another request waits: the
// offer below the field makes way. After a dialog that was closed it is there again.
func dialogInPlaceOfOffer(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Synced()
	s.signUp(tab, "dora@example.org")
	tab.Press("Sign out")
	s.atLogin(tab, device)
	if n := tab.Offers(); n != 1 {
		t.Errorf("%d offers wait, want 1", n)
	}
	device.SetUserVerified(false)
	tab.Click("Sign in with a passkey")
	tab.Sees("Nothing was done")
	tab.Waits(2) // another offer, which ends as the dialog did
	tab.Shot("passkey-login-closed")
	s.signedOut(t, tab)
	device.SetUserVerified(true)
	tab.Press("Sign in with a passkey")
	tab.At(s.URL("/account"))
}
