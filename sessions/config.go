package sessions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/torii-go/torii/ent"
)

// Config says how long people stay signed in. Its zero value is right for most sites.
type Config struct {
	// Lifetime ends a session however much it is used. Defaults to 30 days.
	Lifetime time.Duration

	// IdleTimeout ends a session that is not used for so long. It slides in steps of a
	// minute, or a quarter of it if that is less, so that requests do not write. Zero, the
	// default, means that only Lifetime ends a session.
	IdleTimeout time.Duration

	// MaxPerUser is how many sessions a user can have; opening one more ends the one
	// that was used longest ago. Defaults to 100.
	MaxPerUser int

	// Kind is what new sessions are. Defaults to KindOpaque. Sessions of the other kind
	// are accepted as long as they live, so that a site can move from one to the other;
	// JWTs only while JWT has keys for them or Kind is KindJWT.
	Kind Kind

	// JWT configures stateless sessions. Without keys and with KindJWT, keys of HS256 are
	// derived from auth.Config.Secrets, which only this application can verify.
	JWT JWTConfig

	// CookieName replaces the name of the session cookie. Defaults to
	// "__Host-torii_session", over plain http to "torii_session". A name without the
	// "__Host-" prefix lets other hosts of the same site plant their own cookie, so over
	// https it needs InsecureCookieName.
	CookieName string

	// Fallback names the user of a token of the host's former system, for the time of a
	// move; an error means that it opens nothing. A token that came in the session cookie
	// is exchanged for a session here; one in the Authorization header is accepted as
	// long as Fallback accepts it. Set CookieName to the former cookie's name, or have
	// the token sent as Bearer.
	Fallback func(ctx context.Context, token string) (userID string, err error)

	// Policy, if set, is asked about every request with a session, before the session
	// records the request's user agent and address: s still has those of the last one. An
	// error refuses the request, as if the session had ended; it is logged. People change
	// networks, so a changed address alone is a poor reason.
	Policy func(ctx context.Context, s Session, userAgent, ip string) error

	// Manager replaces the sessions of this package by the host's own. The settings of
	// cookies remain.
	Manager Manager

	// Store is a client from migrate.Open with migrate.SessionsOnly: sessions are kept in
	// that database, apart from the users. A session check then asks both. Whatever ends
	// sessions is decided in the users' database and carried out in the other one after
	// that; meanwhile, and if the process dies between the two, RequireUser and everything
	// below Config.Path refuse what has been ended (RequireSession does not look).
	Store *ent.Client

	// InsecureCookieName allows a CookieName without "__Host-" over https.
	InsecureCookieName bool
}

// Kind is a kind of session.
type Kind string

const (
	// KindOpaque sessions are rows in the database, ended at once by deleting them.
	KindOpaque Kind = "opaque"
	// KindJWT sessions are JSON Web Tokens, checked without a database and not to be
	// ended before they expire. Routes that read the user refuse them when the user was
	// disabled or deleted, or a secret changed; RequireSession does not.
	KindJWT Kind = "jwt"
)

const (
	defaultLifetime   = 30 * 24 * time.Hour
	defaultMaxPerUser = 100

	// touchStep is how far last_seen_at may lag: the price of not writing on requests.
	touchStep = time.Minute
	// clockSkew is how far apart the clocks of two instances may be.
	clockSkew = time.Minute

	hostPrefix = "__Host-"
)

// WithDefaults returns the configuration with every zero replaced by its default, for a
// site on https or on plain http.
func (c Config) WithDefaults(plainHTTP bool) Config {
	if c.Lifetime == 0 {
		c.Lifetime = defaultLifetime
	}
	if c.MaxPerUser == 0 {
		c.MaxPerUser = defaultMaxPerUser
	}
	if c.Kind == "" {
		c.Kind = KindOpaque
	}
	c.JWT = c.JWT.WithDefaults()
	if c.CookieName == "" {
		c.CookieName = hostPrefix + "torii_session"
		if plainHTTP {
			c.CookieName = "torii_session"
		}
	}
	return c
}

// Validate reports every problem of a configuration that WithDefaults has completed,
// joined.
func (c Config) Validate(plainHTTP bool) error {
	var errs []error
	if c.Lifetime < 0 {
		errs = append(errs, errors.New("Sessions.Lifetime is negative: a session must end some day; give a duration, or leave it zero for 30 days"))
	}
	if c.IdleTimeout < 0 {
		errs = append(errs, errors.New("Sessions.IdleTimeout is negative; leave it zero for none"))
	}
	if c.MaxPerUser < 1 {
		errs = append(errs, errors.New("Sessions.MaxPerUser is negative; leave it zero for 100"))
	}
	if c.Kind != KindOpaque && c.Kind != KindJWT {
		errs = append(errs, fmt.Errorf("Sessions.Kind %q is neither %q nor %q", c.Kind, KindOpaque, KindJWT))
	}
	if c.Store != nil && c.Manager != nil {
		errs = append(errs, errors.New("Sessions.Store is for Torii's own sessions, and Sessions.Manager replaces them; set one of the two"))
	}
	if len(c.JWT.Keys) > 0 {
		errs = append(errs, c.JWT.Validate())
	}
	switch {
	case !validCookieName(c.CookieName):
		errs = append(errs, fmt.Errorf("Sessions.CookieName %q is no cookie name (RFC 6265, section 4.1.1)", c.CookieName))
	case plainHTTP && strings.HasPrefix(c.CookieName, hostPrefix):
		errs = append(errs, fmt.Errorf("Sessions.CookieName %q: browsers refuse the __Host- prefix over plain http; drop it", c.CookieName))
	case !plainHTTP && !strings.HasPrefix(c.CookieName, hostPrefix) && !c.InsecureCookieName:
		errs = append(errs, fmt.Errorf("Sessions.CookieName %q has no __Host- prefix, so other hosts of the site could plant it; add the prefix, or set InsecureCookieName", c.CookieName))
	}
	return errors.Join(errs...)
}

func validCookieName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return false
		}
	}
	return s != ""
}
