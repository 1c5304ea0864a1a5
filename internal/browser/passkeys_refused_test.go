package browser_test

import (
	"strings"
	"testing"
)

// A security key without room for passkeys cannot sign in who has not said who they are.
func keyKeepsNone(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	key := tab.SecurityKey()
	tab.Open(s.URL("/register"))
	tab.Type("email", "jil@example.org")
	tab.Click("Sign up with a passkey")
	tab.Sees("Nothing was done") // all that the browser tells a page
	tab.Shot("passkey-key-register")
	if n := s.usersWith(t, "jil@example.org"); n != 0 {
		t.Errorf("%d accounts", n)
	}

	s.register(tab, "jil@example.org")
	tab.Click("Add a passkey")
	tab.Sees("Nothing was done") // all that the browser tells a page
	tab.Shot("passkey-key-add")
	keeps(t, key, 0)
	if n := s.passkeysOf(t, "jil@example.org"); n != 0 {
		t.Errorf("%d passkeys", n)
	}
}

// A finger that is not the owner's opens nothing, wherever one is asked for.
func notVerified(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	device.SetUserVerified(false)
	tab.Open(s.URL("/register"))
	tab.Type("email", "kim@example.org")
	tab.Click("Sign up with a passkey")
	tab.Sees("Nothing was done")
	tab.Shot("passkey-unverified-register")
	keeps(t, device, 0)
	if n := s.usersWith(t, "kim@example.org"); n != 0 {
		t.Errorf("%d accounts", n)
	}

	device.SetUserVerified(true)
	tab.Press("Sign up with a passkey")
	tab.At(s.URL("/account"))
	s.later(t, s.whoIs(t, tab))
	device.SetUserVerified(false)
	tab.Open(s.URL("/again?return_to=%2Faccount"))
	tab.Click("Use your passkey")
	tab.Sees("Nothing was done")
	tab.Shot("passkey-unverified-again")
	tab.Open(s.URL("/account"))
	tab.Sees("Before you add, rename or delete one")

	// The device claims to the browser that it has looked, and signs that it has not.
	device.SetUserVerified(true)
	device.Break(false, true)
	tab.Press("Sign out")
	s.atLogin(tab, device)
	offerNoMore(tab)
	tab.Click("Sign in with a passkey")
	tab.Sees("This passkey opens no account here")
	s.signedOut(t, tab)
	keeps(t, device, 1) // which may be better tomorrow
}

// Who leaves the dialog alone has no account, and the page is as before.
func givenUp(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	device.SetAutomaticPresence(false)
	tab.Open(s.URL("/register"))
	tab.Script(`(() => { // a browser gives up after the time that the site has given it
	const { create } = CredentialsContainer.prototype;
	CredentialsContainer.prototype.create = function (options) {
		CredentialsContainer.prototype.create = create;
		options.publicKey.timeout = 1000;
		return create.call(this, options);
	};
})(), ''`)
	tab.Type("email", "lea@example.org")
	tab.Click("Sign up with a passkey")
	tab.Sees("One moment…")
	tab.Sees("Nothing was done")
	silent(t, tab, "One moment…")
	tab.Shot("passkey-given-up")
	if n := s.usersWith(t, "lea@example.org"); n != 0 {
		t.Errorf("%d accounts", n)
	}
	device.SetAutomaticPresence(true)
	tab.Press("Sign up with a passkey") // the address is still there
	tab.At(s.URL("/account"))
	tab.Sees("lea@example.org")
}

// Passkeys belong to one address. At others that lead to the same site the browser shows
// none, and the page says which one it is.
func otherAddress(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.signUp(tab, "mia@example.org")
	tab.Press("Sign out")
	for _, host := range []string{"127.0.0.1", "app.localhost"} {
		there := strings.Replace(s.Origin, "localhost", host, 1)
		tab.Open(there + "/login")
		tab.Waits(1)
		tab.At(there + "/login")
		silent(t, tab, "Passkeys cannot be used") // to who has not asked
		tab.Click("Sign in with a passkey")
		tab.Sees("they belong to " + s.Origin)
		tab.Shot("passkey-at-" + strings.ReplaceAll(host, ".", "-"))
		tab.Open(there + "/register")
		tab.Type("email", "mo@example.org")
		tab.Click("Sign up with a passkey")
		tab.Sees("they belong to " + s.Origin)
	}
	keeps(t, device, 1)
	if n := s.usersWith(t, "mo@example.org"); n != 0 {
		t.Errorf("%d accounts", n)
	}
	tab.Go(s.URL("/login")) // the right one
	tab.At(s.URL("/account"))
}
