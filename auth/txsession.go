package auth

import (
	"context"
	"errors"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/sessions"
)

// onSessions runs what changes sessions: at once where they are part of the
// transaction, after the commit where they are kept apart. A host's transaction does not
// tell when it commits, so there it is at once too: what is ended too early is safe.
func (tx *Tx) onSessions(ctx context.Context, f func(context.Context, *ent.Client) error) error {
	if tx.auth.sessions.Transactional() || tx.hosts {
		return f(ctx, tx.client)
	}
	tx.after = append(tx.after, func(ctx context.Context) error {
		err := f(ctx, tx.auth.client)
		if errors.Is(err, sessions.ErrNotFound) {
			return nil // ended meanwhile, as was to be done
		}
		return err
	})
	return nil
}

// committed runs what waited for the commit: all of it, whatever fails, and also for a
// client that has hung up.
func committed(ctx context.Context, after []func(context.Context) error) error {
	if len(after) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	var errs []error
	for _, f := range after {
		errs = append(errs, f(ctx))
	}
	return errors.Join(errs...)
}

// revoke ends one session of a user. Another user's is sessions.ErrNotFound.
func (tx *Tx) revoke(ctx context.Context, userID, id string) error {
	if m := tx.auth.sessions; !m.Transactional() {
		list, err := m.List(ctx, tx.client, userID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(s sessions.Session) bool { return s.ID == id }) {
			return sessions.ErrNotFound
		}
	}
	return tx.onSessions(ctx, func(ctx context.Context, c *ent.Client) error {
		return tx.auth.sessions.Revoke(ctx, c, userID, id)
	})
}

// revokeToken ends the session that a token opens and returns it: sessions.ErrNotFound
// for a token that opens nothing, ErrNotRevocable, with the session, for a stateless one.
func (tx *Tx) revokeToken(ctx context.Context, secret string) (sessions.Session, error) {
	s, _, err := tx.auth.sessions.Lookup(ctx, tx.client, secret)
	switch {
	case errors.Is(err, sessions.ErrClock):
		return s, sessions.ErrNotFound
	case err != nil:
		return s, err
	case s.Stateless:
		return s, sessions.ErrNotRevocable
	}
	return s, tx.onSessions(ctx, func(ctx context.Context, c *ent.Client) error {
		return tx.auth.sessions.Revoke(ctx, c, s.UserID, s.ID)
	})
}

// revokeAll ends every session of a user but those in except, and tells how many.
func (tx *Tx) revokeAll(ctx context.Context, userID string, except ...string) (n int, err error) {
	if m := tx.auth.sessions; !m.Transactional() {
		list, err := m.List(ctx, tx.client, userID)
		if err != nil {
			return 0, err
		}
		n = len(slices.DeleteFunc(list, func(s sessions.Session) bool { return slices.Contains(except, s.ID) }))
	}
	err = tx.onSessions(ctx, func(ctx context.Context, c *ent.Client) error {
		ended, err := tx.auth.sessions.RevokeAll(ctx, c, userID, except...)
		n = ended
		return err
	})
	return n, err
}

// endSessions ends sessions and half-finished sign-ins. The caller holds the lock.
func (tx *Tx) endSessions(ctx context.Context, userID string, except ...string) (int, error) {
	if err := tx.endPending(ctx, userID); err != nil {
		return 0, err
	}
	n, err := tx.revokeAll(ctx, userID, except...)
	if err != nil || n == 0 {
		return n, err
	}
	return n, tx.record(ctx, Event{Kind: EventSessionsRevoked, UserID: userID})
}

// endPending ends a user's sign-ins that wait for a second factor.
func (tx *Tx) endPending(ctx context.Context, userID string) error {
	_, err := tx.client.Challenge.Delete().Where(challenge.UserID(userID), challenge.Purpose(purposeSecondFactor)).Exec(ctx)
	return err
}

// endAll is endSessions when a secret has changed: what the old one had vouched for,
// browsers that are known to the account and mailed secrets among it, counts no more.
func (tx *Tx) endAll(ctx context.Context, u *ent.User, except ...string) error {
	if _, err := tx.endSessions(ctx, u.ID, except...); err != nil {
		return err
	}
	if err := tx.endMailed(ctx, u.ID); err != nil {
		return err
	}
	return tx.voidStateless(ctx, u)
}

// voidStateless ends what is in no table: tokens and device cookies from before.
func (tx *Tx) voidStateless(ctx context.Context, u *ent.User) error {
	now := tx.now
	u.SessionsValidAfter = &now
	return tx.client.User.Update().Where(user.ID(u.ID)).SetSessionsValidAfter(now).SetUpdatedAt(now).Exec(ctx)
}

// renew rotates a session's token after a proof, and fills res with it. The session must
// be as it was when the request was let in; of two renewals at once one wins.
func (tx *Tx) renew(ctx context.Context, s sessions.Session, res *Result, factors ...sessions.Factor) error {
	return tx.onSessions(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		res.Session, res.Token, err = tx.auth.sessions.Rotate(ctx, c, s, factors...)
		if errors.Is(err, sessions.ErrNotFound) {
			return ErrUnauthenticated
		}
		return err
	})
}

// stillSignedIn refuses a call on behalf of a session that ended after the request was
// let in: signing out everywhere must not be undone by a request that was under way.
func (tx *Tx) stillSignedIn(ctx context.Context) error {
	s, ok := SessionFrom(ctx)
	if !ok {
		return nil
	}
	live, err := tx.auth.sessions.Live(ctx, tx.client, s)
	if err == nil && (s.Stateless || !tx.auth.sessions.Transactional()) {
		var u *ent.User
		if u, err = tx.client.User.Get(ctx, s.UserID); ent.IsNotFound(err) {
			return ErrUnauthenticated
		}
		live = live && err == nil && u.DisabledAt == nil && tx.auth.stands(s, u)
	}
	if err == nil && !live {
		return ErrUnauthenticated
	}
	return err
}
