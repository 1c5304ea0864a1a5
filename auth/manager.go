package auth

import (
	"net/http"

	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

// newSessions returns the manager that the configuration asks for: the host's own, one
// for opaque sessions alone, or one for both kinds.
func (a *Auth) newSessions() (sessions.Manager, error) {
	cfg := a.cfg.Sessions
	switch {
	case cfg.Manager != nil:
		return cfg.Manager, nil
	case cfg.Kind == sessions.KindOpaque && len(cfg.JWT.Keys) == 0:
		return sessions.NewOpaque(cfg, a.now), nil
	case len(cfg.JWT.Keys) == 0:
		for _, k := range a.keys.Derive(token.PurposeJWT) {
			key, err := sessions.HS256Key(k.ID, k.Key)
			if err != nil {
				return nil, err
			}
			cfg.JWT.Keys = append(cfg.JWT.Keys, key)
		}
	}
	signer, err := sessions.NewSigner(cfg.JWT, a.now)
	if err != nil {
		return nil, err
	}
	return sessions.NewKinds(cfg, signer, a.now), nil
}

// emptyJWKS is what a site without public keys publishes.
var emptyJWKS = []byte(`{"keys":[]}`)

// handleJWKS publishes the keys that verify this site's tokens. Symmetric keys are
// never among them.
func (a *Auth) handleJWKS(c *Call) error {
	set := emptyJWKS
	if k, ok := a.sessions.(interface{ JWKS() []byte }); ok {
		set = k.JWKS()
	}
	h := c.w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Type", "application/json; charset=utf-8")
	c.answered = true
	c.w.WriteHeader(http.StatusOK)
	_, err := c.w.Write(set)
	return err
}
