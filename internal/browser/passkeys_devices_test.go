package browser_test

import (
	"testing"

	"github.com/torii-go/torii/internal/browser"
)

// withKey makes an account with the device's passkey and, after a step-up by it, with one
// of a security key. Only the device is present when it returns.
func (s stage) withKey(t *testing.T, tab *browser.Tab, email string) (device, key *browser.Authenticator) {
	t.Helper()
	device = tab.Synced()
	s.signUp(tab, email)
	s.later(t, s.whoIs(t, tab))

	tab.Open(s.URL("/account"))
	tab.Sees("Before you add, rename or delete one")
	tab.Shot("passkey-add-1-later")
	tab.Press("Is it still you?")
	tab.At(s.URL("/again?return_to=%2Faccount"))
	tab.Shot("passkey-add-2-again")
	tab.Press("Use your passkey")
	tab.At(s.URL("/account"))

	device.SetAutomaticPresence(false)
	key = tab.Key()
	tab.Type("new-passkey", "My key")
	tab.Press("Add a passkey")
	tab.At(s.URL("/account?done=passkey-added"))
	tab.Sees("The passkey is added", "My key on one device")
	tab.Shot("passkey-add-3-added")
	key.SetAutomaticPresence(false)
	device.SetAutomaticPresence(true)
	return device, key
}

// Another device is added once it is shown by the first who asks; then either signs in,
// and each has the name that its owner calls it by.
func secondDevice(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device, key := s.withKey(t, tab, "eva@example.org")
	id := s.whoIs(t, tab)
	s.mailed(t, "eva@example.org", "passkey")

	tab.Open(s.URL("/account"))
	tab.Click("Rename… My key")
	tab.Shot("passkey-rename-1")
	tab.TypeOver("")
	tab.Click("Save")
	tab.Sees("Please correct what is marked", "Use at least one character")
	tab.Shot("passkey-rename-2-refused")
	tab.TypeOver("The key that hangs beside the door of the house by the sea")
	tab.Press("Save")
	tab.At(s.URL("/account?done=passkey-renamed"))
	tab.Sees("The passkey has its new name", "The key that hangs beside the door")
	tab.Shot("passkey-rename-3-done")

	tab.Press("Sign out")
	s.atLogin(tab, device)
	device.SetAutomaticPresence(false)
	key.SetAutomaticPresence(true)
	tab.Press("Sign in with a passkey")
	tab.At(s.URL("/account"))
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("by the key it is %s, and was %s", again, id)
	}
}

// What is deleted signs nobody in, and its keeper forgets it where the browser tells it.
func deletedPasskey(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device, key := s.withKey(t, tab, "fay@example.org")
	before := key.Credentials()
	if len(before) != 1 {
		t.Fatalf("the key keeps %d passkeys", len(before))
	}
	tab.Click("Delete… My key")
	tab.Sees("Delete My key?")
	tab.Shot("passkey-delete-1")
	tab.Press("Delete it")
	tab.At(s.URL("/account?done=passkey-deleted"))
	tab.Sees("The passkey is deleted")
	silent(t, tab, "My key")
	tab.Shot("passkey-delete-2-done")
	if n := s.passkeysOf(t, "fay@example.org"); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}
	keeps(t, key, 0)
	keeps(t, device, 1)

	// A keeper that heard nothing still offers it.
	key.Keep(before[0])
	tab.Press("Sign out")
	s.atLogin(tab, device)
	device.SetAutomaticPresence(false)
	key.SetAutomaticPresence(true)
	tab.Click("Sign in with a passkey")
	tab.Sees("This passkey opens no account here, or not any more")
	tab.Shot("passkey-delete-3-refused")
	s.signedOut(t, tab)
	keeps(t, key, 0) // now it has heard
	keeps(t, device, 1)
}

// Nobody deletes what they could not come back without.
func onlyPasskeyStays(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.signUp(tab, "gwen@example.org")
	tab.Sees("Passkey on one device")
	tab.Click("Delete… Passkey")
	tab.Click("Delete it")
	tab.Sees("it is your only way in")
	tab.Shot("passkey-last")
	tab.Click("Keep it")
	tab.Open(s.URL("/account"))
	tab.Sees("Passkey on one device")
	keeps(t, device, 1)
	if n := s.passkeysOf(t, "gwen@example.org"); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}
}

// Who has a password adds a passkey, and may delete it again. The keeper shows the account
// by its address.
func addToPassword(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.register(tab, "hana@example.org")
	tab.Sees("None yet. With one you sign in by your fingerprint")
	tab.Press("Add a passkey")
	tab.At(s.URL("/account?done=passkey-added"))
	if list := device.Credentials(); len(list) != 1 || list[0].UserName != "hana@example.org" {
		t.Errorf("the device keeps %+v", list)
	}
	tab.Click("Delete… Passkey")
	tab.Press("Delete it")
	tab.Sees("The passkey is deleted", "None yet.")
	tab.Shot("passkey-none")
	keeps(t, device, 0)
}

// A device is told what it has, so that it makes no second passkey for the same account.
func deviceHasOne(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Synced()
	s.signUp(tab, "ida@example.org")
	tab.Click("Add a passkey")
	tab.Sees("has a passkey for your account already")
	tab.Shot("passkey-exists")
	keeps(t, device, 1)
	if n := s.passkeysOf(t, "ida@example.org"); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}
}
