package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Catch clicks a button or link, stops the browser before it asks for an address that
// begins with prefix, and returns that address: it was made for this browser, and has not
// been used yet.
func (tab *Tab) Catch(prefix, text string) string {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	paused := chromedp.Events(ctx, fetch.RequestPaused)
	if _, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: prefix + "*"}},
	}); err != nil {
		tab.fail("watch for %s: %v", prefix, err)
	}
	tab.Click(text)
	for event, err := range paused {
		if err != nil {
			tab.fail("wait for %s: %v", prefix, err)
		}
		if _, err := chromedp.Call(ctx, fetch.FailRequest, fetch.FailRequestParams{
			RequestID: event.RequestID, ErrorReason: network.ErrorReasonAborted,
		}); err != nil {
			tab.fail("stop at %s: %v", event.Request.URL, err)
		}
		if _, err := chromedp.Call(ctx, fetch.Disable, cdp.Empty{}); err != nil {
			tab.fail("let the browser go on: %v", err)
		}
		return event.Request.URL
	}
	return "" // the loop ends with an error, or with the address
}
