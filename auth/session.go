package auth

import (
	"context"
	"errors"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

// FactorHost is the kind of factor of a session that the host asked for.
const FactorHost = "host"

// Session returns the session that a token opens, and its user. ErrUnauthenticated is
// the answer to a token that is unknown, ended or expired, and to one whose user is
// disabled. It is one query.
func (a *Auth) Session(ctx context.Context, secret string) (sessions.Session, *ent.User, error) {
	s, u, err := a.lookup(ctx, secret)
	if err == nil && u == nil {
		u, err = a.client.User.ByID(ctx, s.UserID)
	}
	switch {
	case ent.IsNotFound(err):
		return sessions.Session{}, nil, ErrUnauthenticated // deleted since
	case err != nil:
		return sessions.Session{}, nil, err
	case u.DisabledAt != nil || !a.stands(s, u):
		return sessions.Session{}, nil, ErrUnauthenticated
	}
	return s, u, nil
}

// lookup returns a session as its manager knows it, with or without its user.
func (a *Auth) lookup(ctx context.Context, secret string) (sessions.Session, *ent.User, error) {
	s, u, err := a.sessions.Lookup(ctx, a.client, secret)
	if errors.Is(err, sessions.ErrNotFound) || errors.Is(err, sessions.ErrClock) {
		err = ErrUnauthenticated
	}
	return s, u, err
}

// stands tells whether nothing has happened to the user that ends sessions which are
// not ended with it in one transaction: a changed secret, signing out everywhere, being
// disabled. A session among the user's own tables is ended by deleting it.
func (a *Auth) stands(s sessions.Session, u *ent.User) bool {
	if !s.Stateless && a.sessions.Transactional() {
		return true
	}
	return u.SessionsValidAfter == nil || s.ProvenSince(*u.SessionsValidAfter)
}

// Sessions lists the live sessions of a user, the one used last first. No token is in
// the list.
func (a *Auth) Sessions(ctx context.Context, userID string) ([]sessions.Session, error) {
	if !isID(userID) {
		return nil, nil
	}
	list, err := a.sessions.List(ctx, a.client, userID)
	if err != nil || len(list) == 0 || a.sessions.Transactional() {
		return list, err
	}
	u, err := a.User(ctx, userID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return slices.DeleteFunc(list, func(s sessions.Session) bool { return u.DisabledAt != nil || !a.stands(s, u) }), nil
}

// CreateSession signs a user in on the host's own word: after an import, in an
// administrator's tool, in a test. It goes through the same door as every sign-in, so a
// disabled user is refused and one with a second factor is asked for it.
func (a *Auth) CreateSession(ctx context.Context, userID string, c Client) (Result, error) {
	return a.finish(ctx, Proof{
		Provider: FactorHost, UserID: userID, Unguessable: true,
		Factors: []sessions.Factor{{Kind: FactorHost, At: a.now()}},
	}, c)
}

// EndSession ends one session of a user, at once. Somebody else's is ErrNotFound.
func (a *Auth) EndSession(ctx context.Context, userID, sessionID string) error {
	if !isID(userID) || !isID(sessionID) {
		return ErrNotFound
	}
	failure := Event{Kind: EventOperationRefused, UserID: userID, SessionID: sessionID}
	return a.atomically(ctx, clientFrom(ctx), failure, func(ctx context.Context, tx *Tx) error {
		if err := tx.revoke(ctx, userID, sessionID); errors.Is(err, sessions.ErrNotFound) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventSessionRevoked, UserID: userID, SessionID: sessionID})
	})
}

// EndSessions ends every session of a user but those with the ids in except, and every
// sign-in that waits for a second factor. It returns how many rows that were. Stateless
// sessions end with it only if there is no exception, and only for what reads the user.
func (a *Auth) EndSessions(ctx context.Context, userID string, except ...string) (int, error) {
	var n int
	failure := Event{Kind: EventOperationRefused, UserID: userID}
	err := a.atomically(ctx, clientFrom(ctx), failure, func(ctx context.Context, tx *Tx) (err error) {
		u, err := tx.Lock(ctx, userID)
		switch {
		case errors.Is(err, ErrNotFound):
			n = 0
			return nil // nobody has no sessions
		case err != nil:
			return err
		}
		if n, err = tx.endSessions(ctx, userID, except...); err != nil || len(except) > 0 {
			return err
		}
		return tx.voidStateless(ctx, u)
	})
	return n, err
}

// SignOut ends every session that a client presents, and the sign-ins it has half
// finished. Tokens that open nothing are not an error: signed out is what they are. A
// stateless session cannot be ended: ErrNotRevocable says so when the rest is done, and
// all a caller can do is to forget the token (ClearCookies).
func (a *Auth) SignOut(ctx context.Context, c Client) error {
	if len(c.Sessions) == 0 && len(c.Flows) == 0 {
		return nil
	}
	stateless := false
	err := a.atomically(ctx, c, Event{Kind: EventOperationRefused}, func(ctx context.Context, tx *Tx) error {
		for _, secret := range c.Sessions {
			s, err := tx.revokeToken(ctx, secret)
			switch {
			case errors.Is(err, sessions.ErrNotFound):
				continue
			case errors.Is(err, sessions.ErrNotRevocable):
				stateless = true // and its event is written, as that of an intention
			case err != nil:
				return err
			}
			if err := tx.record(ctx, Event{Kind: EventSignedOut, UserID: s.UserID, SessionID: s.ID}); err != nil {
				return err
			}
		}
		var flows [][]byte
		for _, f := range c.Flows {
			if hash, ok := token.Parse(f); ok {
				flows = append(flows, hash[:])
			}
		}
		if len(flows) == 0 {
			return nil
		}
		_, err := tx.client.Challenge.Delete().
			Where(challenge.Purpose(purposeSecondFactor), challenge.FlowHashIn(flows...)).
			Exec(ctx)
		return err
	})
	if err == nil && stateless {
		return ErrNotRevocable
	}
	return err
}
