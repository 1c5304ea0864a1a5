package sessions

import (
	"context"
	"errors"

	"github.com/torii-go/torii/ent"
)

// ErrNotRevocable is what nobody can end: a session that is in no database.
var ErrNotRevocable = errors.New("sessions: a stateless session cannot be revoked")

// Manager opens, finds and ends sessions. Package auth calls it from its one door and
// from its middleware; [Opaque] and [Kinds] implement it, and a host may bring its own
// in Config.Manager. c is the client of the caller's transaction, or the plain client
// outside of one: a manager with a store of its own ignores it. Methods are safe for
// concurrent use. A manager that also has the method JWKS() []byte publishes those keys at
// /jwks.json; one that wraps another passes it on.
type Manager interface {
	// Transactional tells whether what the methods write through c belongs to the
	// caller's transaction. If not, because sessions are kept in a store of their own,
	// auth calls Create, Rotate, Revoke and RevokeAll after its transaction has committed,
	// and accepts a session only if it was opened, or a factor of it proven, since
	// users.sessions_valid_after: so a crash between the two lets nobody in.
	Transactional() bool
	// Create opens a session and returns it with its token, which is nowhere else.
	// Where it is transactional, the caller holds a lock on the user's row.
	Create(ctx context.Context, c *ent.Client, open Opening) (Session, Token, error)
	// Lookup returns the session that a token opens and, if it can be had in the same
	// step, its user; nil leaves that to the caller. A token that opens nothing is
	// ErrNotFound.
	Lookup(ctx context.Context, c *ent.Client, secret string) (Session, *ent.User, error)
	// Touch records that a session is in use, coarsely.
	Touch(ctx context.Context, c *ent.Client, s Session, userAgent, ip string) (Session, error)
	// Rotate gives a session a new token and adds to its factors. A session that has
	// ended is ErrNotFound.
	Rotate(ctx context.Context, c *ent.Client, s Session, factors ...Factor) (Session, Token, error)
	// Live tells whether a session has not been ended since it was looked up.
	Live(ctx context.Context, c *ent.Client, s Session) (bool, error)
	// List returns the live sessions of a user that can be ended, the one used last
	// first.
	List(ctx context.Context, c *ent.Client, userID string) ([]Session, error)
	// Revoke ends one session of a user. Another user's is ErrNotFound.
	Revoke(ctx context.Context, c *ent.Client, userID, id string) error
	// RevokeAll ends every session of a user but those with the ids in except, and
	// returns how many.
	RevokeAll(ctx context.Context, c *ent.Client, userID string, except ...string) (int, error)
	// Sweep deletes at most limit expired sessions and returns how many.
	Sweep(ctx context.Context, c *ent.Client, limit int) (int, error)
}

var _ Manager = (*Opaque)(nil)
