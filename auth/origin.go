package auth

import (
	"net/http"
	"slices"
)

// origins says which pages may act for a signed-in user.
type origins struct {
	own     string
	trusted []string
}

func newOrigins(cfg Config) origins {
	return origins{own: cfg.BaseURL, trusted: cfg.TrustedOrigins}
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// check decides whether a request that changes something comes from a page that may ask
// for it. Browsers say so in Sec-Fetch-Site, older ones in Origin, compared with its
// scheme. Programs send neither, and may act as long as they bring no cookie: a
// cookie without either header is a browser whose word is missing.
func (o origins) check(r *http.Request, carriesCookie bool) error {
	if isSafe(r.Method) {
		return nil
	}
	origin := r.Header["Origin"]
	trusted := len(origin) == 1 && slices.Contains(o.trusted, origin[0])
	switch site := r.Header["Sec-Fetch-Site"]; {
	case trusted:
		return nil
	case len(site) == 1 && (site[0] == "same-origin" || site[0] == "none"):
		return nil
	case len(site) > 0:
		return ErrForbiddenOrigin
	case len(origin) == 1 && origin[0] == o.own:
		return nil
	case len(origin) > 0, carriesCookie:
		return ErrForbiddenOrigin
	}
	return nil
}

// isOwn tells whether the browser says that a page of this very site asks.
func (o origins) isOwn(r *http.Request) bool {
	if site := r.Header["Sec-Fetch-Site"]; len(site) > 0 {
		return len(site) == 1 && site[0] == "same-origin"
	}
	origin := r.Header["Origin"]
	return len(origin) == 1 && origin[0] == o.own
}

// allow answers a browser's question whether a page of another origin may ask
// (CORS). Only trusted origins may, with cookies; everybody else hears nothing.
func (o origins) allow(w http.ResponseWriter, r *http.Request) (preflight bool) {
	if len(o.trusted) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header["Origin"]
	if len(origin) != 1 || !slices.Contains(o.trusted, origin[0]) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin[0])
	h.Set("Access-Control-Allow-Credentials", "true")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Torii-Transport, Torii-Flow")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
