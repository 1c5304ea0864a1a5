package verify

import (
	"errors"
	"fmt"
	"time"
)

// Config says whose tokens are taken.
type Config struct {
	// Keys verify. Give the next key before tokens are signed with it, and take the
	// last one away when its tokens have expired. Keys of HS256 and public keys cannot
	// be in one verifier.
	Keys []Key

	// Issuer is what iss must be, exactly. Empty takes any: the key alone says whose
	// tokens are taken.
	Issuer string

	// Audience is what aud must be or contain, exactly: the name of this service. Empty
	// takes only tokens that are for nobody in particular (RFC 7519, section 4.1.3).
	Audience string

	// MaxLifetime refuses tokens with more time between iat and exp. Zero, the default,
	// leaves that to the signer.
	MaxLifetime time.Duration

	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
}

// Verifier checks tokens. It never changes, is safe for concurrent use and opens no
// connection.
type Verifier struct {
	cfg  Config
	keys map[string]*key
	// only is the one key that a token without kid may mean, or nil.
	only *key
}

// New returns a Verifier, or every problem of its configuration, joined.
func New(cfg Config) (*Verifier, error) {
	v := &Verifier{cfg: cfg, keys: make(map[string]*key, len(cfg.Keys))}
	var (
		errs              []error
		symmetric, public bool
	)
	for i, k := range cfg.Keys {
		if k.k == nil {
			errs = append(errs, fmt.Errorf("verify: Keys[%d] is empty: make it with HS256, RS256, ES256 or EdDSA", i))
			continue
		}
		if v.keys[k.k.id] != nil {
			errs = append(errs, fmt.Errorf("verify: Keys[%d] has the id %q of another: each needs its own", i, k.k.id))
		}
		v.keys[k.k.id] = k.k
		v.only = k.k
		symmetric, public = symmetric || k.k.symmetric(), public || !k.k.symmetric()
	}
	if len(cfg.Keys) == 0 {
		errs = append(errs, errors.New("verify: Keys is empty: nothing could be verified"))
	}
	if symmetric && public {
		errs = append(errs, errors.New("verify: Keys mixes HS256 with public keys: make a verifier for each"))
	}
	if cfg.MaxLifetime < 0 {
		errs = append(errs, errors.New("verify: MaxLifetime is negative; leave it zero for none"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(v.keys) > 1 {
		v.only = nil
	}
	if v.cfg.Now == nil {
		v.cfg.Now = time.Now
	}
	v.cfg.Keys = nil // the host's slice
	return v, nil
}

// Verify returns the claims of a token that is right in every respect. Every error
// wraps [ErrInvalid] and comes without claims.
func (v *Verifier) Verify(token string) (Claims, error) {
	payload, typ, err := v.open(token)
	if err != nil {
		return Claims{}, err
	}
	if !isAccessToken(typ) {
		return Claims{}, errType
	}
	c, err := readClaims(payload)
	if err != nil {
		return Claims{}, err
	}
	if err := v.check(&c); err != nil {
		return Claims{}, err
	}
	return c, nil
}

// leeway is how far clocks may be apart where that does no harm: for iat and nbf, never
// for exp.
const leeway = time.Minute

// check judges claims of the right form. Expiry comes last, so that ErrExpired says
// that all else was right.
func (v *Verifier) check(c *Claims) error {
	now := v.cfg.Now()
	soon := now.Add(leeway)
	switch {
	case v.cfg.Issuer != "" && c.Issuer != v.cfg.Issuer:
		return errIssuer
	case !c.isFor(v.cfg.Audience):
		return errAudience
	case c.IssuedAt.IsZero() || c.IssuedAt.After(soon):
		return errIssued
	case !c.ExpiresAt.After(c.IssuedAt):
		return errExpiry
	case v.cfg.MaxLifetime > 0 && c.ExpiresAt.Sub(c.IssuedAt) > v.cfg.MaxLifetime:
		return errLifetime
	case c.NotBefore.After(soon):
		return errEarly
	}
	for _, f := range c.Factors {
		if f.At.After(soon) { // would be recent for ever
			return errClaims
		}
	}
	if !now.Before(c.ExpiresAt) {
		return ErrExpired
	}
	return nil
}
