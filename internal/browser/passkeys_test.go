package browser_test

import "testing"

// What people do with passkeys, and what goes wrong.
func TestPasskeys(t *testing.T) {
	s := newSite(t)
	for name, story := range map[string]func(*testing.T, stage){
		"sign up and in":                      passkeySignUpAndIn,
		"offered below the field":             offeredBelowField,
		"a password beside it":                passwordBeside,
		"a dialog in place of the offer":      dialogInPlaceOfOffer,
		"a second device":                     secondDevice,
		"a deleted passkey":                   deletedPasskey,
		"the only way in stays":               onlyPasskeyStays,
		"add one to a password":               addToPassword,
		"a device that has one already":       deviceHasOne,
		"a security key that keeps none":      keyKeepsNone,
		"who it is cannot be verified":        notVerified,
		"a sign-up is given up":               givenUp,
		"another address of the site":         otherAddress,
		"nonsense for a signature":            nonsense,
		"an answer in another window":         answerElsewhere,
		"a passkey that has begun to be kept": flipsAndResets,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, s)
		})
	}
}

// Where addresses are proven first, the mail is answered in the same browser.
func TestPasskeySignUpIsProven(t *testing.T) {
	t.Parallel()
	s := newSite(t, "-verify")
	tab := s.chromium.Window(t)
	tab.Platform()
	tab.Open(s.URL("/register?return_to=%2Fme"))
	tab.Type("email", "ann@example.org")
	tab.Press("Sign up with a passkey")
	tab.At(s.URL("/register/sent"))
	tab.Sees("Check your mail", "ann@example.org")
	tab.Shot("passkey-verify-1-sent")
	if n := s.count(t, `SELECT count(*) FROM auth_credentials`); n != 0 {
		t.Errorf("%d passkeys before the address is proven", n)
	}

	s.mailed(t, "ann@example.org", "Subject:")
	tab.Open(s.URL("/dev/mail"))
	tab.Press("Confirm")
	tab.Shot("passkey-verify-2-mail")
	tab.Press(s.Origin)
	tab.Press("Confirm")
	tab.At(s.URL("/me"))
	tab.Shot("passkey-verify-3-in")
	id := s.whoIs(t, tab)
	if n := s.passkeysOf(t, "ann@example.org"); n != 1 {
		t.Errorf("%d passkeys, want 1", n)
	}

	tab.Press("Sign out")
	tab.Click("Sign in") // the passkey is offered below the field, and picked
	tab.At(s.URL("/account"))
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
}
