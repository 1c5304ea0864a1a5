package auth

import (
	"net/http"
	"slices"
	"sync"

	"github.com/torii-go/torii/internal/clientip"
)

// Finding is something in the configuration or its surroundings that is weaker than
// it could be: not an error, but somebody should know.
type Finding struct {
	// Code is stable, in snake_case.
	Code string
	// Text says what is weak and what to do.
	Text string
}

// findings is a list that grows while requests are served.
type findings struct {
	mu   sync.Mutex
	list []Finding // guarded by mu
}

// add appends a finding once and tells whether it is new.
func (f *findings) add(code, text string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(f.list, func(x Finding) bool { return x.Code == code }) {
		return false
	}
	f.list = append(f.list, Finding{Code: code, Text: text})
	return true
}

// Findings lists what is weak or missing. Each was logged once, at Warn.
func (a *Auth) Findings() []Finding {
	a.findings.mu.Lock()
	defer a.findings.mu.Unlock()
	return slices.Clone(a.findings.list)
}

// findConfiguration looks at what New was given, and logs all findings.
func (a *Auth) findConfiguration(development bool) {
	if len(a.cfg.Providers) == 0 {
		a.findings.add("no_provider", "Providers is empty: nobody can sign in")
	}
	if a.cfg.InsecureHTTP && !development {
		a.findings.add("plain_http", "BaseURL is plain http: whoever can read the network has every session")
	}
	if a.cfg.SkipEmailVerification && !development {
		a.findings.add("unverified_email", "SkipEmailVerification is set: anybody can hold an account with somebody else's address")
	}
	if a.cfg.Hash.InsecureParams {
		a.findings.add("cheap_hash", "Hash.InsecureParams is set: stored passwords can be guessed fast")
	}
	for _, f := range a.Findings() {
		a.log.Warn("auth: finding", "code", f.Code, "text", f.Text)
	}
}

// noticeProxy finds out that requests come through a proxy nobody declared: then all
// clients look like one address, and share its limit.
func (a *Auth) noticeProxy(r *http.Request) {
	if len(a.cfg.TrustedProxies) > 0 || !clientip.Forwarded(r) {
		return
	}
	const text = "a request carries forwarding headers, but TrustedProxies is empty: behind a proxy all clients share one limit; list the proxy's network"
	if a.findings.add("undeclared_proxy", text) {
		a.log.Warn("auth: finding", "code", "undeclared_proxy", "text", text)
	}
}
