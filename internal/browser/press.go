package browser

import (
	"encoding/json"

	"github.com/chromedp/chromedp"
)

// Press clicks the button or link that reads so, or begins so, and waits for the page to
// which that leads.
func (tab *Tab) Press(text string) {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	tab.calm()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(button(text))); err != nil {
		tab.fail("press %q: %v", text, err)
	}
}

// Click is Press for what leads to no other page.
func (tab *Tab) Click(text string) {
	tab.t.Helper()
	tab.calm()
	tab.do("click "+text, chromedp.Click(button(text)))
}

// calm waits until a page that offers passkeys below a field has asked the site for that:
// nobody presses a button so soon, and of two answers at once the later one's cookie counts.
func (tab *Tab) calm() {
	tab.t.Helper()
	tab.until("ask for passkeys", func() bool {
		return tab.try(`String(!document.querySelector('[data-passkey=sign-in]') || !document.querySelector('[autocomplete~=webauthn]')
			|| performance.getEntriesByType('resource').some((e) => e.name.endsWith('/passkey/login/begin')))`) == "true"
	})
}

// button finds what people can press: first what reads exactly so, and in the page's own
// part before its frame.
func button(text string) chromedp.JSPath {
	return chromedp.JSPath(`((want) => {
	const all = ['main ', ''].flatMap((in_) => [...document.querySelectorAll(
		['button', 'a', 'input[type=submit]'].map((e) => in_ + e).join())]).filter((e) => e.checkVisibility());
	const text = (e) => (e.value || e.innerText).trim().replace(/\s+/g, ' ');
	return all.find((e) => text(e) === want) ?? all.find((e) => text(e).startsWith(want));
})(` + quote(text) + `)`)
}

// quote makes a text one of JavaScript's.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // a string can be written
	return string(quoted)
}
