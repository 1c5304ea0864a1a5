package auth

import (
	"net/http"
	"strings"

	"github.com/torii-go/torii/sessions"
)

// Began gives the client a flow that has begun: as a cookie, or by returning it, for the
// member "flow" of the answer, to who asked for a token in the body.
func (c *Call) Began(flow string) (member string) {
	if c.client.Transport == sessions.Bearer {
		return flow
	}
	c.a.addFlow(c.w, c.r, flow)
	return ""
}

// AsForm has the rest of the call answered as a form's is, by 303: Entered to where the
// browser wanted to go, a refusal to the page that explains it. It is for routes that
// another site has sent a person to.
func (c *Call) AsForm() { c.form = true }

// IsHead tells whether only the headers of an answer are asked for.
func (c *Call) IsHead() bool { return c.r.Method == http.MethodHead }

// WantsJSON tells whether a program asks, and not a person's browser by itself.
func (c *Call) WantsJSON() bool {
	accept := c.r.Header.Get("Accept")
	return c.client.Transport == sessions.Bearer || strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// IsNavigation tells whether a browser says that a page of this very site has sent the
// person here.
func (c *Call) IsNavigation() bool {
	site, mode := c.r.Header["Sec-Fetch-Site"], c.r.Header["Sec-Fetch-Mode"]
	return len(site) == 1 && site[0] == "same-origin" && len(mode) == 1 && mode[0] == "navigate"
}

// Queries are the values of a parameter of the request's query.
func (c *Call) Queries(name string) []string { return c.r.URL.Query()[name] }

// Leave sends the browser to a URL of another site, by 303. The URL is the provider's own:
// never one that came with the request.
func (c *Call) Leave(url string) error {
	c.answered = true
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Location", url)
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}
