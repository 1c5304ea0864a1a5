package browser

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// URL is what stands in the address bar.
func (tab *Tab) URL() string {
	tab.t.Helper()
	return tab.evaluate(`location.href`)
}

// Text is what can be read on the page.
func (tab *Tab) Text() string {
	tab.t.Helper()
	return tab.evaluate(`document.body?.innerText ?? ''`)
}

// At waits until the address bar begins with url.
func (tab *Tab) At(url string) {
	tab.t.Helper()
	tab.until("be at "+url, func() bool { return strings.HasPrefix(tab.try(`location.href`), url) })
}

// Sees waits until all of the texts can be read on the page.
func (tab *Tab) Sees(texts ...string) {
	tab.t.Helper()
	for _, text := range texts {
		tab.until(fmt.Sprintf("see %q", text), func() bool { return strings.Contains(tab.try(`document.body?.innerText ?? ''`), text) })
	}
}

// Asked is the last document that this tab has asked for whose address begins so, also
// one that only sent it on.
func (tab *Tab) Asked(prefix string) string {
	tab.t.Helper()
	tab.mu.Lock()
	defer tab.mu.Unlock()
	for i := len(tab.visited) - 1; i >= 0; i-- {
		if strings.HasPrefix(tab.visited[i], prefix) {
			return tab.visited[i]
		}
	}
	tab.t.Fatalf("nothing that begins with %s was asked for, but %q", prefix, tab.visited)
	return ""
}

// heard is told every event of the tab, and may not stop to think.
func (tab *Tab) heard(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			tab.visited = append(tab.visited, e.Request.URL)
		}
	case *log.EventEntryAdded:
		if strings.Contains(e.Entry.Text, "Content Security Policy") {
			tab.said = append(tab.said, e.Entry.Text)
		}
	}
}

// Complaints are what the policy of a page has forbidden that page since the last call.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	list := tab.said
	tab.said = nil
	return list
}

func (tab *Tab) evaluate(expression string) string {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// try is evaluate where a page may just be leaving: then it is "".
func (tab *Tab) try(expression string) string {
	ctx, cancel := tab.soon()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		return ""
	}
	return text
}
