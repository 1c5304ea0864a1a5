package sessions

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/torii-go/torii/internal/token"
)

// FlowHeader carries a flow for clients without cookies.
const FlowHeader = "Torii-Flow"

// MaxFlows is how many unfinished flows one browser may have; the oldest is dropped.
// Eight of 43 characters stay far below a cookie's 4,096 bytes.
const MaxFlows = 8

// Flows reads the flows that a request belongs to: of the header if there is one, else
// of the cookie. A flow ties what starts in one request and ends in another to the
// browser that started it. Malformed ones are dropped.
func (c Cookies) Flows(r *http.Request) []string {
	if h := r.Header.Values(FlowHeader); len(h) > 0 {
		return cleanFlows(h[:1])
	}
	var flows []string
	for _, cookie := range r.CookiesNamed(c.flow) {
		flows = append(flows, strings.Split(cookie.Value, ".")...)
	}
	return cleanFlows(flows)
}

// AddFlow adds a flow to the browser's cookie, in place of those that have ended.
func (c Cookies) AddFlow(w http.ResponseWriter, r *http.Request, flow string, ended ...string) {
	rest := slices.DeleteFunc(c.Flows(r), func(f string) bool { return slices.Contains(ended, f) })
	c.writeFlows(w, append(rest, flow))
}

// DropFlow removes a finished flow from the browser's cookie.
func (c Cookies) DropFlow(w http.ResponseWriter, r *http.Request, flow string) {
	flows := c.Flows(r)
	rest := slices.DeleteFunc(slices.Clone(flows), func(f string) bool { return f == flow })
	if len(rest) != len(flows) {
		c.writeFlows(w, rest)
	}
}

// writeFlows sets the cookie for the browser's session only: a flow lives minutes, and
// its row in the database knows how many.
func (c Cookies) writeFlows(w http.ResponseWriter, flows []string) {
	flows = cleanFlows(flows)
	if len(flows) == 0 {
		c.clear(w, c.flow)
		return
	}
	cookie := c.cookie(c.flow, strings.Join(flows, "."), time.Time{})
	http.SetCookie(w, cookie)
}

func cleanFlows(flows []string) []string {
	var clean []string
	for _, f := range flows {
		if _, ok := token.Parse(f); ok && !slices.Contains(clean, f) {
			clean = append(clean, f)
		}
	}
	if n := len(clean); n > MaxFlows {
		clean = clean[n-MaxFlows:]
	}
	return clean
}
