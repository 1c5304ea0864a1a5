package sessions

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/torii-go/torii/sessions/verify"
)

// JWTConfig makes session tokens JSON Web Tokens, which verify without a database. Such
// a session cannot be ended before it expires.
type JWTConfig struct {
	// Keys sign and verify: the first signs, all verify. To rotate, put the new key
	// first, and drop the old one when the last token that it signed has expired. Keys
	// of HS256 and of public-key algorithms cannot be mixed.
	Keys []SigningKey

	// VerifyOnly are more keys that verify: public keys that sign elsewhere, or that
	// will sign here next.
	VerifyOnly []verify.Key

	// Issuer is put into tokens (iss) and then required: this site's origin, usually.
	// Empty, the default, puts nothing and requires nothing.
	Issuer string

	// Audience is put into tokens (aud) and then required: the name of whom they are
	// for. Empty, the default, puts nothing, and takes only tokens without.
	Audience string

	// Metadata puts the user agent and the IP of the sign-in into tokens, readable for
	// everybody who sees one.
	Metadata bool

	// Lifetime ends a token. Defaults to 1 hour; 24 hours are the most, since nothing
	// else ends it.
	Lifetime time.Duration
}

const (
	defaultJWTLifetime = time.Hour
	maxJWTLifetime     = 24 * time.Hour
	// maxName bounds issuer and audience, which every token repeats.
	maxName = 255
)

// WithDefaults returns the configuration with every zero replaced by its default.
func (c JWTConfig) WithDefaults() JWTConfig {
	if c.Lifetime == 0 {
		c.Lifetime = defaultJWTLifetime
	}
	return c
}

// Validate reports every problem of a configuration that WithDefaults has completed,
// joined.
func (c JWTConfig) Validate() error {
	_, err := c.verifier(nil)
	return err
}

// verifier is what takes this configuration's tokens; its errors are the
// configuration's.
func (c JWTConfig) verifier(now func() time.Time) (*verify.Verifier, error) {
	var (
		errs []error
		keys []verify.Key
	)
	if len(c.Keys) == 0 {
		errs = append(errs, errors.New("Sessions.JWT.Keys is empty: make a key with sessions.HS256Key, RS256Key, ES256Key or EdDSAKey"))
	}
	for i, k := range c.Keys {
		if k.k == nil {
			errs = append(errs, fmt.Errorf("Sessions.JWT.Keys[%d] is empty: make it with sessions.HS256Key, RS256Key, ES256Key or EdDSAKey", i))
			continue
		}
		keys = append(keys, k.k.verifying)
	}
	keys = append(keys, c.VerifyOnly...)
	if !validName(c.Issuer) {
		errs = append(errs, fmt.Errorf("Sessions.JWT.Issuer has more than %d bytes, or bytes that are not text", maxName))
	}
	if !validName(c.Audience) {
		errs = append(errs, fmt.Errorf("Sessions.JWT.Audience has more than %d bytes, or bytes that are not text", maxName))
	}
	switch {
	case c.Lifetime < 0:
		errs = append(errs, errors.New("Sessions.JWT.Lifetime is negative: a token must expire; give a duration, or leave it zero for 1 hour"))
	case c.Lifetime > maxJWTLifetime:
		errs = append(errs, errors.New("Sessions.JWT.Lifetime is over 24 hours, and such a session cannot be ended: give less, or use opaque tokens"))
	case c.Lifetime < time.Second:
		errs = append(errs, errors.New("Sessions.JWT.Lifetime is less than a second"))
	}
	var v *verify.Verifier
	if len(keys) > 0 {
		var err error
		// Not Lifetime: shortening it must not refuse what was signed before.
		v, err = verify.New(verify.Config{Keys: keys, Issuer: c.Issuer, Audience: c.Audience, MaxLifetime: maxJWTLifetime, Now: now})
		if err != nil {
			errs = append(errs, fmt.Errorf("Sessions.JWT: %w", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return v, nil
}

func validName(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return len(s) <= maxName && utf8.ValidString(s)
}
