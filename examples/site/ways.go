package main

import (
	"crypto/rand"
	"net"
	"net/url"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

// ways are how people sign in.
type ways struct {
	pw   *password.Provider
	ml   *magiclink.Provider // nil if nothing can be mailed
	pk   *passkey.Provider   // nil where browsers know no passkeys
	oa   *oauth.Provider
	idps []oauth.IDP   // those of oa
	demo *authtest.IDP // one of them; nil if it is off
}

func (w ways) providers() []auth.Provider {
	list := []auth.Provider{w.pw, w.oa}
	if w.ml != nil {
		list = append(list, w.ml)
	}
	if w.pk != nil {
		list = append(list, w.pk)
	}
	return list
}

// ways are how people sign in here. Without mails there is none by mail.
func (o options) ways(baseURL string) ways {
	w := ways{pw: password.New(password.Config{})}
	if o.mailDir != "" || isDevelopment(baseURL) {
		w.ml = magiclink.New(magiclink.Config{})
	}
	if hasName(baseURL) {
		w.pk = passkey.New(passkey.Config{})
	}
	if o.demoIDP {
		var idp oauth.IDP
		w.demo, idp = newDemo(baseURL)
		w.idps = append(w.idps, idp)
	}
	w.idps = append(w.idps, o.oidc...)
	w.oa = oauth.New(w.idps...)
	return w
}

// hasName tells whether the host of an origin is a name. Passkeys belong to one: where the
// host is an address, browsers have none.
func hasName(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil
}

// demoPath is where the built-in provider is.
const demoPath = "/demo-idp"

// newDemo returns the built-in provider, and what the site needs to know of it. It is asked
// in this process, so that it answers wherever the site's own name leads.
func newDemo(baseURL string) (*authtest.IDP, oauth.IDP) {
	client := authtest.IDPClient{
		ID: "torii-demo", Secret: rand.Text() + rand.Text(),
		RedirectURIs: []string{baseURL + "/auth/oauth/demo/callback"},
	}
	demo := authtest.NewIDP(baseURL+demoPath, client)
	idp := oauth.OpenID("demo", "Demo", demo.Issuer(), client.ID, client.Secret)
	idp.Transport = demo.Client().Transport
	return demo, idp
}

// allowDemo turns the built-in provider off where strangers could reach it: it signs
// anybody in as anybody. Who has asked for it is told.
func (o *options) allowDemo(baseURL string, socket net.Addr) error {
	if !o.demoIDP || isDevelopment(baseURL) && isLoopback(socket.String()) {
		return nil
	}
	if o.demoAsked {
		return usagef("-demo-idp works only in development (-base-url http://localhost:PORT) and on a loopback -addr: it signs anybody in as anybody")
	}
	o.demoIDP = false
	return nil
}

// parseOIDC reads the values of -oidc. No error repeats one: it holds a secret.
func parseOIDC(values []string) ([]oauth.IDP, error) {
	var list []oauth.IDP
	for i, value := range values {
		id, rest, _ := strings.Cut(value, "=")
		parts := strings.SplitN(rest, ",", 3)
		if id == "" || len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
			return nil, usagef("-oidc, number %d: write it as NAME=ISSUER,CLIENT_ID,CLIENT_SECRET", i+1)
		}
		list = append(list, oauth.OpenID(id, strings.ToUpper(id[:1])+id[1:], parts[0], parts[1], parts[2]))
	}
	return list, nil
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

// Set implements flag.Value.
func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}
