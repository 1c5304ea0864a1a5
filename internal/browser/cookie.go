package browser

import (
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Cookies are those that the browser would send to an address.
func (tab *Tab) Cookies(url string) []*network.Cookie {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	r, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{url}})
	if err != nil {
		tab.fail("read the cookies: %v", err)
	}
	return r.Cookies
}

// Forget removes the cookies that the browser would send to an address, and no others.
func (tab *Tab) Forget(url string) {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	for _, c := range tab.Cookies(url) {
		if _, err := chromedp.Call(ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: c.Name, Domain: c.Domain, Path: c.Path}); err != nil {
			tab.fail("remove the cookie %s: %v", c.Name, err)
		}
	}
	if left := tab.Cookies(url); len(left) > 0 {
		tab.fail("%d cookies stay", len(left))
	}
}

// Restore puts cookies back that the browser had: a copy of its profile, say.
func (tab *Tab) Restore(cookies []*network.Cookie) {
	tab.t.Helper()
	for _, c := range cookies {
		call(tab, "restore the cookie "+c.Name, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path})
	}
}
