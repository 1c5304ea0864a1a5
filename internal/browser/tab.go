package browser

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Tab is a tab, and the person before it. Its methods end the test when what they are for
// does not happen.
type Tab struct {
	t   testing.TB
	ctx context.Context

	counts bool // offers of passkeys

	mu      sync.Mutex
	visited []string // guarded by mu; addresses of documents that were asked for
	said    []string // guarded by mu; what Chromium complains of
}

// Context is for chromedp, where a Tab has no method.
func (tab *Tab) Context() context.Context { return tab.ctx }

// Open goes to an address, as if it had been typed in.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.do("open "+url, chromedp.Navigate(url))
}

// Go is Open for a page that may lead on by itself: it does not wait.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.evaluate(`location.assign(` + quote(url) + `), ''`)
}

// Type fills in the field of that name or id, in place of what is there.
func (tab *Tab) Type(name, text string) {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	field := chromedp.CSS(fmt.Sprintf("input[name=%q]:not([type=hidden]), input[id=%[1]q]", name))
	err := chromedp.Do(ctx, chromedp.Clear(field), chromedp.Focus(field))
	if err == nil {
		_, err = chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
	}
	if err != nil {
		tab.fail("type %q into %q: %v", text, name, err)
	}
}

// TypeOver fills in the field that has the focus.
func (tab *Tab) TypeOver(text string) {
	tab.t.Helper()
	if kind := tab.evaluate(`((field) => { field.value = ''; return field.localName; })(document.activeElement)`); kind != "input" {
		tab.fail("the focus is on a %s, so nobody can type %q", kind, text)
	}
	call(tab, "type "+text, input.InsertText, input.InsertTextParams{Text: text})
}

// Back is the button for the page before.
func (tab *Tab) Back() {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil || history.CurrentIndex < 1 {
		tab.fail("go back from %d: %v", history.CurrentIndex, err)
	}
	before := history.CurrentIndex - 1
	if _, err := chromedp.Call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[before].ID}); err != nil {
		tab.fail("go back: %v", err)
	}
	// A page that Chromium has kept is not loaded, so there is no event to wait for.
	tab.until("go back", func() bool {
		now, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
		return err == nil && now.CurrentIndex == before && tab.try(`document.readyState`) == "complete"
	})
}

// Reload is the button that asks for the page again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
}

func (tab *Tab) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(tab.ctx, patience)
}

func (tab *Tab) do(what string, step chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		tab.fail("%s: %v", what, err)
	}
}

func (tab *Tab) until(what string, ok func() bool) {
	tab.t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > patience {
			tab.fail("does not %s", what)
		}
	}
}

// fail ends the test with what the person sees.
func (tab *Tab) fail(format string, args ...any) {
	tab.t.Helper()
	where := tab.try(`location.href + '\n' + (document.body?.innerText ?? '')`)
	tab.t.Fatalf("%s\nThe tab is at %s", fmt.Sprintf(format, args...), where)
}
