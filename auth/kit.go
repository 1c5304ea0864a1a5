package auth

import (
	"context"
	"errors"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/passhash"
	"github.com/torii-go/torii/sessions"
)

// Kit is what a provider works with. It is given to Provider.Mount and carries the
// provider's name. The clients are for reading, and for the provider's own credentials
// inside Transact; sessions are opened by Finish alone.
type Kit struct {
	a        *Auth
	provider string
}

// User returns a user by id, or ErrNotFound.
func (k Kit) User(ctx context.Context, id string) (*ent.User, error) {
	if k.a == nil {
		return nil, ErrNotMounted
	}
	return k.a.User(ctx, id)
}

// Users is the client for reading users.
func (k Kit) Users() *ent.UserClient { return k.a.client.User }

// Credentials is the client for reading credentials.
func (k Kit) Credentials() *ent.CredentialClient { return k.a.client.Credential }

// Now is the Auth's clock: UTC in whole microseconds.
func (k Kit) Now() time.Time { return k.a.now() }

// AppName is what people call the application.
func (k Kit) AppName() string { return k.a.cfg.AppName }

// Admit waits for a place among those who hash passwords, and returns what gives it
// back. It comes before the first query of a flow that hashes: a crowd that signs in
// then leaves connections to the database for everybody else. When the queue is full it
// answers ErrOverloaded. Nothing is counted yet.
func (k Kit) Admit(ctx context.Context) (leave func(), err error) {
	if k.a == nil {
		return nil, ErrNotMounted
	}
	leave, err = k.a.crowd.Enter(ctx, 1)
	return leave, overloaded(err)
}

// Hash returns the PHC string of a password. It waits for its turn and may answer
// ErrOverloaded.
func (k Kit) Hash(ctx context.Context, password string) (string, error) {
	encoded, err := k.a.hasher.Hash(ctx, password)
	return encoded, overloaded(err)
}

// Verify tells whether a password belongs to a stored hash, and whether that hash is
// weaker than what Hash makes today. An empty stored hash, an account without one, is
// no match and costs the same: who has an account is not told by the clock.
func (k Kit) Verify(ctx context.Context, encoded, password string) (match, weak bool, err error) {
	if encoded == "" {
		return false, false, overloaded(k.a.hasher.Dummy(ctx, password))
	}
	m, err := k.a.hasher.Verify(ctx, encoded, password)
	if errors.Is(err, passhash.ErrMalformed) {
		k.a.log.ErrorContext(ctx, "auth: a stored hash cannot be read", "error", err)
		return false, false, overloaded(k.a.hasher.Dummy(ctx, password))
	}
	return m.OK, m.Rehash, overloaded(err)
}

// Attempt counts a try at something guessable, before it is verified. ErrTooManyAttempts
// means that it must not be. The Attempt goes into the Proof, or to Refuse.
func (k Kit) Attempt(ctx context.Context, c Client, s Subject) (Attempt, error) {
	if k.a == nil {
		return Attempt{}, ErrNotMounted
	}
	return k.a.attempt(ctx, c, s)
}

// MayEnter tells whether a user could sign in at all: one who is disabled, or has not
// proven the address where that comes first, is refused like a wrong password.
func (k Kit) MayEnter(u *ent.User) bool {
	return u.DisabledAt == nil && (u.EmailVerifiedAt != nil || !k.a.provesFirst())
}

// Refuse records that an Attempt failed, and returns err. A try that the server was
// too busy to verify is taken back.
func (k Kit) Refuse(ctx context.Context, c Client, try Attempt, kind string, err error) error {
	if errors.Is(err, ErrOverloaded) {
		k.a.limits.cancel(ctx, try)
		return err
	}
	e := Event{Kind: kind, UserID: try.userID, Subject: try.subject, Provider: k.provider, Code: public(err).Code}
	k.a.writeFailure(ctx, e.by(c))
	if try.locked {
		e.Kind, e.Code = EventLimited, ErrTooManyAttempts.Code
		k.a.writeFailure(ctx, e.by(c))
	}
	return err
}

// Failed records that a proof which nobody can guess was wrong, and returns err: userID is
// whose it would have been, if that is known.
func (k Kit) Failed(ctx context.Context, c Client, userID, kind string, err error) error {
	return k.Refuse(ctx, c, Attempt{userID: userID}, kind, err)
}

// Succeed forgets the failures of a factor that was proven outside a sign-in: at a
// step-up, or by the current password in a change.
func (k Kit) Succeed(ctx context.Context, try Attempt) { k.a.limits.clear(ctx, try) }

// Finish is the way into the one door: it opens a session for a proof, or says why not.
// A user with a second factor gets a [SecondFactorError]; see Pending.
func (k Kit) Finish(ctx context.Context, p Proof, c Client) (Result, error) {
	if k.a == nil {
		return Result{}, ErrNotMounted
	}
	p.Provider = k.provider
	return k.a.finish(ctx, p, c)
}

// Pending returns the sign-in that waits for another factor in one of the client's
// flows, or ErrInvalidToken.
func (k Kit) Pending(ctx context.Context, c Client) (Pending, error) {
	if k.a == nil {
		return Pending{}, ErrNotMounted
	}
	return k.a.findPending(ctx, c)
}

// Transact runs f in a transaction, in which the user's row is locked, the user is not
// disabled, and the session of the context, if there is one, has not ended. A refusal
// undoes what f did and is recorded.
func (k Kit) Transact(ctx context.Context, c Client, userID string, f func(context.Context, *Tx, *ent.User) error) error {
	if k.a == nil {
		return ErrNotMounted
	}
	failure := Event{Kind: EventOperationRefused, UserID: userID, Provider: k.provider}
	return k.a.atomically(ctx, c, failure, func(ctx context.Context, tx *Tx) error {
		u, err := tx.Lock(ctx, userID)
		switch {
		case err != nil:
			return err
		case u.DisabledAt != nil:
			return ErrUnauthenticated
		}
		// Asked again now that nobody can end it: what has just been waited for may have.
		if err := tx.stillSignedIn(ctx); err != nil {
			return err
		}
		return f(ctx, tx, u)
	})
}

// StepUp gives a session a new token after its owner has proven a factor again. The
// caller has verified the factor.
func (k Kit) StepUp(ctx context.Context, c Client, s sessions.Session, f sessions.Factor) (Result, error) {
	var res Result
	err := k.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *Tx, _ *ent.User) error {
		if err := tx.renew(ctx, s, &res, f); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventSteppedUp, UserID: s.UserID, SessionID: s.ID, Provider: k.provider})
	})
	return res, err
}

// SecretChanged is what follows when a user's secret was set, replaced or removed: every
// session ends but those with the ids in except, and browsers that are known to the
// account are strangers again. Stateless sessions, and those in a store of their own, end
// without an exception. For use inside Transact.
func (k Kit) SecretChanged(ctx context.Context, tx *Tx, u *ent.User, except ...string) error {
	return tx.endAll(ctx, u, except...)
}

// SecretRenewed is SecretChanged by the owner of a session who has just proven a factor
// (at tx.Now()): that session stays, under a new token, which res holds when Transact has
// returned. For use inside Transact.
func (k Kit) SecretRenewed(ctx context.Context, tx *Tx, u *ent.User, s sessions.Session, c Client, f sessions.Factor, res *Result) error {
	if err := tx.endAll(ctx, u, s.ID); err != nil {
		return err
	}
	if s.Transport == sessions.Cookie {
		res.Device = tx.auth.devices.remember(c.Device, u, tx.now)
	}
	return tx.renew(ctx, s, res, f)
}
