package authtest

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// NewIDPServer returns a provider that listens on a free port of 127.0.0.1, by plain
// http, until the test ends. A provider without a network needs none of this: see Client.
func NewIDPServer(t testing.TB, clients ...IDPClient) *IDP {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	p := NewIDP("http://"+srv.Listener.Addr().String(), clients...)
	srv.Config.Handler = p
	srv.Start()
	t.Cleanup(func() {
		p.Release() // Close waits for requests that are held up
		srv.Close()
	})
	return p
}

var errNotThisIDP = errors.New("authtest: the address is not of this provider's /authorize")

// SignIn is what somebody's browser does at the provider, whom the client has sent to an
// address: it signs them in and returns what it brings back. The queue is left alone, so
// many may sign in at once. The error is what the person would see instead.
//
//	back, err := idp.SignIn(address, authtest.Person{Subject: "1", Email: "ann@example.com", EmailVerified: true})
//	reply := ann.Get(strings.TrimPrefix(back.URL, authtest.Origin))
func (p *IDP) SignIn(address string, who Person) (Callback, error) {
	return p.visit(address, outcome{who: who})
}

// Refuse is SignIn, but it ends with an error, as QueueError has it.
func (p *IDP) Refuse(address, code, description string) (Callback, error) {
	return p.visit(address, outcome{failed: &oauthError{code, description}})
}

func (p *IDP) visit(address string, o outcome) (Callback, error) {
	base, query, _ := strings.Cut(address, "?")
	if base != p.issuer+"/authorize" {
		return Callback{}, fmt.Errorf("%w: %s", errNotThisIDP, base)
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return Callback{}, fmt.Errorf("authtest: %w", err)
	}
	p.requests.authorize.Add(1)
	a, complaint, failed := p.readAuthorization(q)
	if complaint != "" {
		return Callback{}, errors.New("authtest: " + complaint)
	}
	if failed != nil {
		o.failed = failed
	}
	return p.finish(a, o, p.telling()), nil
}
