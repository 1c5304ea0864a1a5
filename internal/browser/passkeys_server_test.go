package browser_test

import (
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/browser"
)

// A browser passes on what a device signs, so only the site can see that it is nonsense.
func nonsense(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.signUp(tab, "nia@example.org")
	tab.Press("Sign out")
	device.Break(true, false)
	s.atLogin(tab, device)
	offerNoMore(tab)
	tab.Click("Sign in with a passkey")
	tab.Sees("This passkey opens no account here")
	s.signedOut(t, tab)
	keeps(t, device, 1) // nobody told it to forget an account that is there
	device.Break(false, false)
	s.atLogin(tab, device)
	tab.Press("Sign in with a passkey")
	tab.At(s.URL("/account"))
}

// taken picks a passkey at the page for signing in, and takes what the browser made of it
// before the page has it.
func (s stage) taken(tab *browser.Tab, device *browser.Authenticator) string {
	s.atLogin(tab, device)
	tab.Script(`(() => {
	const { get } = CredentialsContainer.prototype;
	CredentialsContainer.prototype.get = async function (options) {
		window.taken = JSON.stringify(await get.call(this, options));
		throw new DOMException('', 'NotAllowedError');
	};
})(), ''`)
	tab.Click("Sign in with a passkey")
	tab.Sees("Nothing was done")
	return tab.Script(`window.taken ?? ''`)
}

// slip makes the page take an answer for what its browser made.
func slip(tab *browser.Tab, answer string) {
	offerNoMore(tab)
	tab.Script(`(() => {
	const { get } = CredentialsContainer.prototype;
	CredentialsContainer.prototype.get = async function (options) {
		return options.mediation === 'conditional' ? get.call(this, options) : { toJSON: () => (` + answer + `) };
	};
})(), ''`)
}

// offerNoMore makes what the page offers from now on wait for ever. A device that is there
// picks what is offered at once, where a person would read first what went wrong.
func offerNoMore(tab *browser.Tab) {
	tab.Script(`(() => {
	const { get } = CredentialsContainer.prototype;
	CredentialsContainer.prototype.get = function (options) {
		if (options.mediation !== 'conditional') return get.call(this, options);
		return new Promise((_, no) => options.signal.addEventListener('abort', () => no(new DOMException('', 'AbortError'))));
	};
})(), ''`)
}

// What one browser has signed opens nothing in another, and nothing a second time.
func answerElsewhere(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.signUp(tab, "ona@example.org")
	id := s.whoIs(t, tab)
	tab.Press("Sign out")
	answer := s.taken(tab, device)
	if !strings.Contains(answer, `"signature"`) {
		t.Fatalf("the browser made %q", answer)
	}

	thief := s.chromium.Window(t)
	thief.Platform()
	thief.Open(s.URL("/login"))
	thief.Waits(1)
	slip(thief, answer)
	thief.Click("Sign in with a passkey")
	thief.Sees("This passkey opens no account here")
	thief.Shot("passkey-elsewhere")
	s.signedOut(t, thief)

	// Where it belongs it is still good, once.
	before := tab.Cookies(s.Origin)
	slip(tab, answer)
	tab.Press("Sign in with a passkey")
	tab.At(s.URL("/account"))
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
	tab.Press("Sign out")
	s.atLogin(tab, device)
	tab.Restore(before) // the site has taken back that this browser began it
	slip(tab, answer)
	tab.Click("Sign in with a passkey")
	tab.Sees("This passkey opens no account here")
	tab.Shot("passkey-replay")
	s.signedOut(t, tab)
	keeps(t, device, 1)
}

// A device changes under its owner: its keeper begins to copy what it has, and another one
// counts from the beginning. Nobody is locked out by that.
func flipsAndResets(t *testing.T, s stage) {
	tab := s.chromium.Window(t)
	device := tab.Platform()
	s.signUp(tab, "pia@example.org")
	tab.Sees("Passkey on one device")
	for _, synced := range []bool{true, false} {
		tab.Press("Sign out")
		device.Change(device.Credentials()[0], 0, synced)
		tab.Click("Sign in")
		tab.At(s.URL("/account"))
		tab.Sees("pia@example.org")
	}
}
