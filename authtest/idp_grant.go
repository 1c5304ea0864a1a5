package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"time"
)

// How long things last, as a strict provider has it.
const (
	codeLife    = time.Minute
	accessLife  = time.Hour
	refreshLife = 30 * 24 * time.Hour
	idTokenLife = 10 * time.Minute
)

// grant is what one person allowed one client, once.
type grant struct {
	authorization
	who      Person
	authTime time.Time
	made     time.Time
	redeemed bool
	revoked  bool
}

// idpToken is an access or a refresh token.
type idpToken struct {
	grant   *grant
	expires time.Time
	used    bool
}

func (t *idpToken) good(now time.Time) bool {
	return t != nil && !t.used && !t.grant.revoked && now.Before(t.expires)
}

// newCode makes a grant, and throws away what nobody can use any more.
func (p *IDP) newCode(a authorization, who Person, authTime, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, g := range p.codes {
		// Kept as long as its tokens may live: a second use has to find them.
		if now.Sub(g.made) > refreshLife {
			delete(p.codes, code)
		}
	}
	for _, tokens := range []map[string]*idpToken{p.access, p.refresh} {
		for secret, t := range tokens {
			if now.After(t.expires) {
				delete(tokens, secret)
			}
		}
	}
	code := secret()
	p.codes[code] = &grant{authorization: a, who: who, authTime: authTime, made: now}
	return code
}

// redeem uses a code up, also by an attempt that fails. A second one takes back what the
// first one got (RFC 6749, section 4.1.2).
func (p *IDP) redeem(c IDPClient, form url.Values, now time.Time) (*grant, *oauthError) {
	refused := func(text string) (*grant, *oauthError) { return nil, &oauthError{"invalid_grant", text} }
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.codes[form.Get("code")]
	if !ok || g.client.ID != c.ID {
		return refused("There is no such code for this client.")
	}
	if g.redeemed {
		g.revoked = true
		return refused("The code was used before; its tokens are revoked.")
	}
	g.redeemed = true
	verifier := form.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case !now.Before(g.made.Add(codeLife)):
		return refused("The code has expired.")
	case form.Get("redirect_uri") != g.redirectURI:
		return refused("The redirect_uri is not the one of the request.")
	case len(verifier) < 43 || len(verifier) > 128 || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		return refused("The code_verifier does not fit.")
	}
	return g, nil
}

// rotate uses a refresh token up. A second use takes back the whole grant.
func (p *IDP) rotate(c IDPClient, token string, now time.Time) (*grant, *oauthError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.refresh[token]
	if ok && t.grant.client.ID == c.ID && t.used {
		t.grant.revoked = true
	}
	if !ok || t.grant.client.ID != c.ID || !t.good(now) {
		return nil, &oauthError{"invalid_grant", "There is no such refresh token for this client."}
	}
	t.used = true
	return t.grant, nil
}

// newToken makes a token of a kind: p.access or p.refresh. It is good for nothing if the
// grant was taken back meanwhile.
func (p *IDP) newToken(kind map[string]*idpToken, g *grant, expires time.Time) string {
	token := secret()
	p.mu.Lock()
	defer p.mu.Unlock()
	kind[token] = &idpToken{grant: g, expires: expires}
	return token
}

// bearer is the grant of an access token.
func (p *IDP) bearer(token string, now time.Time) (*grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.access[token]
	if !t.good(now) {
		return nil, false
	}
	return t.grant, true
}
