package browser

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
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

// Script runs one in the page, as an extension of the browser's might, and returns what it
// comes to, a string.
func (tab *Tab) Script(source string) string {
	tab.t.Helper()
	return tab.evaluate(source)
}

// At waits until the address bar begins with url, and the page there is loaded.
func (tab *Tab) At(url string) {
	tab.t.Helper()
	tab.until("be at "+url, func() bool {
		return strings.HasPrefix(tab.try(`document.readyState === 'complete' ? location.href : ''`), url)
	})
}

// Sees waits until all of the texts can be read on the page, over the ends of lines too.
func (tab *Tab) Sees(texts ...string) {
	tab.t.Helper()
	for _, text := range texts {
		tab.until(fmt.Sprintf("see %q", text), func() bool {
			return strings.Contains(strings.Join(strings.Fields(tab.try(`document.body?.innerText ?? ''`)), " "), text)
		})
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
		// That an answer was no success is of the network, and no mistake of the page's.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			tab.said = append(tab.said, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		tab.said = append(tab.said, e.ExceptionDetails.Text+" "+about(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			tab.said = append(tab.said, "console: "+about(e.Args...))
		}
	}
}

// about is what a console shows of values.
func about(values ...*runtime.RemoteObject) string {
	var words []string
	for _, v := range values {
		if v != nil {
			words = append(words, cmp.Or(v.Description, string(v.Value)))
		}
	}
	return strings.Join(words, " ")
}

// Complaints are what the policy of a page has forbidden that page since the last call,
// and the errors of its scripts.
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
