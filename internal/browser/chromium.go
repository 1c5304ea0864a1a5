package browser

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/torii-go/torii/internal/testdb/server"
)

// Chromium is a browser without a screen.
type Chromium struct {
	ctx context.Context
}

// Start returns a Chromium that has begun with an empty profile, the same one to all tests
// of a package: it starts when it is first asked for, and ends with Main. What tests do
// not share are its Windows. Debian's package is installed if it is missing and the tests
// run as root.
func Start(t testing.TB) *Chromium {
	t.Helper()
	c, err := start()
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return c
}

// endChromium ends the one that was started, if one was.
var endChromium = func() {}

var start = sync.OnceValues(func() (*Chromium, error) {
	path, err := server.Program("Chromium", "chromium", "chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, err
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path),
		// It sees nothing but pages of ours, and as root it has no sandbox anyway.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.WindowSize(desktop, 800),
		// Nothing that it might want to ask its makers leaves this machine.
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
		chromedp.Flag("lang", "en"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	endChromium = func() { end(); stop() }
	return &Chromium{ctx: ctx}, chromedp.Do(ctx)
})

// Window opens a window with cookies of its own: another person, or another device of the
// same. It is closed with the test, which fails if there are Complaints.
func (c *Chromium) Window(t testing.TB) *Tab {
	t.Helper()
	tab := &Tab{t: t}
	ctx, end := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.heard))
	tab.ctx = ctx
	t.Cleanup(func() {
		end()
		for _, complaint := range tab.Complaints() {
			t.Errorf("Chromium complains: %s", complaint)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	return tab
}
