package sessions

import (
	"context"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/predicate"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/token"
)

// Opaque manages sessions whose tokens mean nothing by themselves: each is looked up
// in auth_sessions. Its methods take the client of the caller's transaction, or the
// plain client outside of one; with Config.Store they ignore it.
type Opaque struct {
	cfg Config
	now func() time.Time
}

// NewOpaque returns a manager for a configuration that is complete and valid. now must
// give UTC in whole microseconds.
func NewOpaque(cfg Config, now func() time.Time) *Opaque {
	return &Opaque{cfg: cfg, now: now}
}

// Transactional is false with Config.Store.
func (o *Opaque) Transactional() bool { return o.cfg.Store == nil }

// client is where the sessions are.
func (o *Opaque) client(c *ent.Client) *ent.Client {
	if o.cfg.Store != nil {
		return o.cfg.Store
	}
	return c
}

// byHash finds a session, with its user if both are in one database.
func (o *Opaque) byHash(ctx context.Context, c *ent.Client, hash []byte) (*ent.Session, error) {
	if o.cfg.Store != nil {
		return o.cfg.Store.Session.Query().Where(session.TokenHash(hash)).Only(ctx)
	}
	return c.Session.ByTokenHash(ctx, hash)
}

// Create opens a session and returns it with its token, which is nowhere else. If the
// user has more than Config.MaxPerUser afterwards, those used longest ago end. The
// caller holds a lock on the user's row, so that parallel sign-ins count each other.
func (o *Opaque) Create(ctx context.Context, c *ent.Client, open Opening) (Session, Token, error) {
	c = o.client(c)
	secret := token.New()
	hash := token.HashOf(secret.Reveal())
	absolute := open.At.Add(o.cfg.Lifetime)
	if open.Transport == "" {
		open.Transport = Cookie
	}
	row, err := c.Session.Create().
		SetID(open.ID).
		SetTokenHash(hash[:]).
		SetUserID(open.User.ID).
		SetFactors(encodeFactors(open.Factors)).
		SetTransport(string(open.Transport)).
		SetUserAgent(open.UserAgent).
		SetIP(open.IP).
		SetCreatedAt(open.At).
		SetLastSeenAt(open.At).
		SetExpiresAt(o.expiry(open.At, absolute)).
		SetAbsoluteExpiresAt(absolute).
		Save(ctx)
	if err != nil {
		return Session{}, "", err
	}
	if err := o.evict(ctx, c, open.User.ID, row.ID); err != nil {
		return Session{}, "", err
	}
	return fromRow(row), secret, nil
}

// evict ends the sessions of a user beyond the limit, those used longest ago first.
func (o *Opaque) evict(ctx context.Context, c *ent.Client, userID, keep string) error {
	surplus, err := c.Session.Query().
		Where(session.UserID(userID), session.IDNEQ(keep)).
		Order(ent.Desc(session.FieldLastSeenAt), ent.Desc(session.FieldID)).
		Offset(o.cfg.MaxPerUser - 1).
		Limit(1 << 14). // MySQL knows no OFFSET without LIMIT; fewer than SQLite's variables
		IDs(ctx)
	if err != nil || len(surplus) == 0 {
		return err
	}
	_, err = c.Session.Delete().Where(session.IDIn(surplus...)).Exec(ctx)
	return err
}

// expiry is the earlier of idle and absolute expiry for a session seen at now.
func (o *Opaque) expiry(now, absolute time.Time) time.Time {
	if idle := now.Add(o.cfg.IdleTimeout); o.cfg.IdleTimeout > 0 && idle.Before(absolute) {
		return idle
	}
	return absolute
}

// Lookup returns the session that a token opens, and its user, in one query; without
// the user if sessions are kept apart. Unknown, malformed and expired tokens are
// ErrNotFound; an expired session is deleted at once.
// Whether the user may come in is the caller's question.
func (o *Opaque) Lookup(ctx context.Context, c *ent.Client, secret string) (Session, *ent.User, error) {
	hash, ok := token.Parse(secret)
	if !ok {
		return Session{}, nil, ErrNotFound
	}
	row, err := o.byHash(ctx, c, hash[:])
	switch {
	case ent.IsNotFound(err):
		return Session{}, nil, ErrNotFound
	case err != nil:
		return Session{}, nil, err
	}
	// Compared again here, whole: a database may think two values equal that are not.
	if [32]byte(row.TokenHash) != hash {
		return Session{}, nil, ErrNotFound
	}
	now := o.now()
	if !now.Before(row.ExpiresAt) {
		_, err := o.end(ctx, c, session.ID(row.ID), session.ExpiresAtLTE(now))
		if err != nil {
			return Session{}, nil, err
		}
		return Session{}, nil, ErrNotFound
	}
	if now.Before(row.LastSeenAt.Add(-clockSkew)) {
		return Session{}, nil, ErrClock
	}
	return fromRow(row), row.Edges.User, nil
}

// Touch records that a session is in use, if that was last done a minute ago or more,
// or a quarter of the idle timeout where that is less: then it is one conditional
// statement, so that of many requests one writes, and a session that ended meanwhile
// stays ended.
func (o *Opaque) Touch(ctx context.Context, c *ent.Client, s Session, userAgent, ip string) (Session, error) {
	now := o.now()
	step := touchStep
	if idle := o.cfg.IdleTimeout; idle > 0 {
		step = min(step, idle/4)
	}
	if now.Sub(s.LastSeenAt) < step {
		return s, nil
	}
	expires := o.expiry(now, s.AbsoluteExpiresAt)
	n, err := o.client(c).Session.Update().
		Where(session.ID(s.ID), session.LastSeenAt(s.LastSeenAt)).
		SetLastSeenAt(now).
		SetUserAgent(userAgent).
		SetIP(ip).
		SetExpiresAt(expires).
		Save(ctx)
	if err != nil || n == 0 {
		return s, err
	}
	s.LastSeenAt, s.ExpiresAt, s.UserAgent, s.IP = now, expires, userAgent, ip
	return s, nil
}

// Rotate gives a session a new token and adds to its factors: what follows when its
// owner proves themselves again. The old token is dead. Of two rotations of one token
// at once one wins; the other, and one of a session that has ended, gets ErrNotFound.
func (o *Opaque) Rotate(ctx context.Context, c *ent.Client, s Session, factors ...Factor) (Session, Token, error) {
	secret := token.New()
	hash := token.HashOf(secret.Reveal())
	s.Factors = Merge(s.Factors, factors...)
	n, err := o.client(c).Session.Update().
		Where(session.ID(s.ID), session.UserID(s.UserID), session.TokenHash(s.hash[:])).
		SetTokenHash(hash[:]).
		SetFactors(encodeFactors(s.Factors)).
		Save(ctx)
	switch {
	case err != nil:
		return Session{}, "", err
	case n == 0:
		return Session{}, "", ErrNotFound
	}
	s.hash = hash
	return s, secret, nil
}

// Live tells whether a session is still there: whether its owner has not signed out,
// or been signed out, since it was looked up.
func (o *Opaque) Live(ctx context.Context, c *ent.Client, s Session) (bool, error) {
	return o.client(c).Session.Query().Where(session.ID(s.ID), session.UserID(s.UserID), session.ExpiresAtGT(o.now())).Exist(ctx)
}

// List returns the live sessions of a user, the one used last first.
func (o *Opaque) List(ctx context.Context, c *ent.Client, userID string) ([]Session, error) {
	rows, err := o.client(c).Session.Query().
		Where(session.UserID(userID), session.ExpiresAtGT(o.now())).
		Order(ent.Desc(session.FieldLastSeenAt), ent.Desc(session.FieldID)).
		All(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Session, len(rows))
	for i, r := range rows {
		list[i] = fromRow(r)
	}
	return list, nil
}

// Revoke ends one session of a user. Another user's session is ErrNotFound.
func (o *Opaque) Revoke(ctx context.Context, c *ent.Client, userID, id string) error {
	n, err := o.end(ctx, c, session.UserID(userID), session.ID(id))
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// RevokeAll ends every session of a user but those with the ids in except, and
// returns how many that were.
func (o *Opaque) RevokeAll(ctx context.Context, c *ent.Client, userID string, except ...string) (int, error) {
	return o.end(ctx, c, session.UserID(userID), session.IDNotIn(except...))
}

func (o *Opaque) end(ctx context.Context, c *ent.Client, where ...predicate.Session) (int, error) {
	return o.client(c).Session.Delete().Where(where...).Exec(ctx)
}

// Sweep deletes at most limit expired sessions and returns how many it deleted. Lookup
// refuses them anyway; this is for the disk.
func (o *Opaque) Sweep(ctx context.Context, c *ent.Client, limit int) (int, error) {
	return o.client(c).Session.DeleteExpired(ctx, o.now(), limit)
}
