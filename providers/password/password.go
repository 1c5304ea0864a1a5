package password

import (
	"context"
	"errors"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
)

// Kind is the kind of credential and factor, and the provider's name.
const Kind = "password"

// Config configures a [Provider]. The zero value is right for most sites.
type Config struct {
	// MinLength is the least number of Unicode code points. Defaults to 8; NIST asks for
	// 15 where a password is the only factor. Less than 8 is refused by New.
	MinLength int
}

const (
	defaultMinLength = 8
	maxLength        = 128
)

// Provider is password sign-in. Make it with New; it belongs to one Auth.
type Provider struct {
	cfg   Config
	kit   auth.Kit
	turns turns
}

// New returns a provider for auth.Config.Providers. A bad configuration is reported by
// auth.New.
func New(cfg Config) *Provider {
	if cfg.MinLength == 0 {
		cfg.MinLength = defaultMinLength
	}
	return &Provider{cfg: cfg}
}

// Name is "password".
func (p *Provider) Name() string { return Kind }

// Mount implements [auth.Provider].
func (p *Provider) Mount(kit auth.Kit) ([]auth.Route, error) {
	if p.cfg.MinLength < defaultMinLength || p.cfg.MinLength > maxLength {
		return nil, fmt.Errorf("MinLength %d is not between %d and %d", p.cfg.MinLength, defaultMinLength, maxLength)
	}
	if p.mounted() {
		return nil, errors.New("this value is part of another Auth already: make one for each")
	}
	p.kit = kit
	return append(p.routes(), p.resetRoutes()...), nil
}

func (p *Provider) mounted() bool { return p.kit != auth.Kit{} }

// find returns a user's password credential; nil if there is none. An empty id, an
// unknown user, asks the same question, so that the answer takes as long.
func (p *Provider) find(ctx context.Context, userID string) (*ent.Credential, error) {
	return findIn(ctx, p.kit.Credentials(), userID)
}

func findIn(ctx context.Context, c *ent.CredentialClient, userID string) (*ent.Credential, error) {
	row, err := c.Query().
		Where(credential.UserID(userID), credential.Kind(Kind)).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}
