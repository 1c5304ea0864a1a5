package sessions

import (
	"context"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions/verify"
)

// Kinds manages opaque and stateless sessions beside each other: new ones are of the
// kind that is configured, those of the other are accepted until they expire.
type Kinds struct {
	*Opaque
	signer *Signer
	issue  Kind
}

// NewKinds returns a manager that issues sessions of a kind. now must give UTC in whole
// microseconds.
func NewKinds(cfg Config, signer *Signer, now func() time.Time) *Kinds {
	return &Kinds{Opaque: NewOpaque(cfg, now), signer: signer, issue: cfg.Kind}
}

// Create opens a session of the configured kind.
func (k *Kinds) Create(ctx context.Context, c *ent.Client, open Opening) (Session, Token, error) {
	if k.issue == KindOpaque {
		return k.Opaque.Create(ctx, c, open)
	}
	return k.sign(Session{
		UserID: open.User.ID, Factors: open.Factors, Transport: open.Transport,
		UserAgent: open.UserAgent, IP: open.IP, CreatedAt: open.At,
	})
}

func (k *Kinds) sign(s Session) (Session, Token, error) {
	transport := s.Transport
	s, secret, err := k.signer.Sign(s)
	s.Stateless, s.Transport = true, transport
	return s, secret, err
}

// Lookup tells the kinds apart by their form. A stateless session comes without its
// user.
func (k *Kinds) Lookup(ctx context.Context, c *ent.Client, secret string) (Session, *ent.User, error) {
	if !verify.LooksLikeJWT(secret) {
		return k.Opaque.Lookup(ctx, c, secret)
	}
	s, err := k.signer.Verify(secret)
	s.Stateless = true
	return s, nil, err
}

// Touch leaves a stateless session as it is.
func (k *Kinds) Touch(ctx context.Context, c *ent.Client, s Session, userAgent, ip string) (Session, error) {
	if s.Stateless {
		return s, nil
	}
	return k.Opaque.Touch(ctx, c, s, userAgent, ip)
}

// Rotate issues another token for a stateless session, with the same id and the same
// end. The old one stays valid for what is checked without the user.
func (k *Kinds) Rotate(ctx context.Context, c *ent.Client, s Session, factors ...Factor) (Session, Token, error) {
	if !s.Stateless {
		return k.Opaque.Rotate(ctx, c, s, factors...)
	}
	s.Factors = Merge(s.Factors, factors...)
	s.CreatedAt = k.now()
	return k.sign(s)
}

// Live is true for a stateless session: whether it is still good is asked of its user.
func (k *Kinds) Live(ctx context.Context, c *ent.Client, s Session) (bool, error) {
	if s.Stateless {
		return true, nil
	}
	return k.Opaque.Live(ctx, c, s)
}

// JWKS is the key set to publish; see [Signer.JWKS].
func (k *Kinds) JWKS() []byte { return k.signer.JWKS() }

var _ Manager = (*Kinds)(nil)
