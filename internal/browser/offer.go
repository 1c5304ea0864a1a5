package browser

import (
	"strconv"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// counting makes pages count the passkeys that they offer below a field. Nothing that
// Chromium tells says so.
const counting = `navigator.credentials && (() => {
	const { get } = CredentialsContainer.prototype;
	window.offers = 0;
	CredentialsContainer.prototype.get = function (options) {
		if (options?.mediation === 'conditional') window.offers++;
		return get.call(this, options);
	};
})()`

func (tab *Tab) countOffers() {
	tab.t.Helper()
	if tab.counts {
		return
	}
	tab.counts = true
	call(tab, "count offers", page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: counting})
}

// Offers is how often this page has offered passkeys below a field (conditional mediation).
// The tab needs an Authenticator.
func (tab *Tab) Offers() int {
	n, err := strconv.Atoi(tab.try(`String(window.offers)`))
	if err != nil {
		return 0
	}
	return n
}

// Waits waits until the page has made so many offers, and the last of them is one that its
// authenticators have been asked for.
func (tab *Tab) Waits(offers int) {
	tab.t.Helper()
	tab.until("offer passkeys", func() bool { return tab.Offers() >= offers })
	ctx, cancel := tab.soon()
	defer cancel()
	// The browser answers in turn, so it knows of the offer when it has answered this.
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`PublicKeyCredential.isConditionalMediationAvailable()`, chromedp.EvalAwaitPromise)); err != nil {
		tab.fail("ask for conditional mediation: %v", err)
	}
	time.Sleep(300 * time.Millisecond) // what it then does with its authenticators cannot be seen
}
