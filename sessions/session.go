package sessions

import (
	"errors"
	"slices"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/token"
)

var (
	// ErrNotFound is a token that opens nothing: unknown, ended, expired or malformed.
	// Why is not told, since the difference is of use only to somebody who guesses.
	ErrNotFound = errors.New("sessions: no such session")
	// ErrClock is a session last seen more than a minute in the future: the process's
	// clock runs behind the others', and no expiry can be trusted.
	ErrClock = errors.New("sessions: session was last seen in the future")
)

// Token is the secret that opens a session. It prints as "[redacted]"; Reveal gives
// the 43 characters for the one place that sends them to their owner.
type Token = token.Secret

// Transport is how a session's token travels, fixed when the session is opened.
type Transport string

const (
	// Cookie is for browsers: the token is set as a cookie and never shown in a body.
	Cookie Transport = "cookie"
	// Bearer is for native applications and tests: the token is in the answer's body
	// once, and comes back as "Authorization: Bearer TOKEN".
	Bearer Transport = "bearer"
)

// Session is somebody signed in on one device. It holds no secret.
type Session struct {
	// ID is public and stable; it names the session in lists. The token changes when
	// its owner proves themselves again, the ID does not.
	ID     string
	UserID string
	// Factors are what the owner has proven, with the last time of each.
	Factors   []Factor
	Transport Transport
	// UserAgent and IP are of the last request that was recorded, at most a minute
	// behind. UserAgent is what the client claims, cut to 512 bytes of clean UTF-8.
	UserAgent string
	IP        string
	CreatedAt time.Time
	// LastSeenAt is written at most once a minute.
	LastSeenAt time.Time
	// ExpiresAt is the earlier of idle and absolute expiry.
	ExpiresAt time.Time
	// AbsoluteExpiresAt is when the session ends however much it is used.
	AbsoluteExpiresAt time.Time
	// Stateless is true for a session that lives in its token alone (JWT): it cannot be
	// ended before it expires, but its user can be looked at.
	Stateless bool

	// hash is of the token as it was when the session was read: a rotation replaces
	// that one and no later one.
	hash [32]byte
}

// ProvenAt is the last time one of the kinds was proven, or the zero time.
func (s Session) ProvenAt(kinds ...string) time.Time {
	var last time.Time
	for _, f := range s.Factors {
		if slices.Contains(kinds, f.Kind) && f.At.After(last) {
			last = f.At
		}
	}
	return last
}

// ProvenSince tells whether the session was opened, or a factor of it proven, at t or
// later.
func (s Session) ProvenSince(t time.Time) bool {
	proven := func(f Factor) bool { return !f.At.Before(t) }
	return !s.CreatedAt.Before(t) || slices.ContainsFunc(s.Factors, proven)
}

func fromRow(r *ent.Session) Session {
	return Session{
		ID: r.ID, UserID: r.UserID,
		Factors:   decodeFactors(r.Factors),
		Transport: Transport(r.Transport),
		UserAgent: r.UserAgent, IP: r.IP,
		CreatedAt: r.CreatedAt.UTC(), LastSeenAt: r.LastSeenAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), AbsoluteExpiresAt: r.AbsoluteExpiresAt.UTC(),
		hash: [32]byte(r.TokenHash),
	}
}
