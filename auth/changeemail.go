package auth

import (
	"context"
	"errors"
	"time"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// changeEmailLifetime is how long the proof of a new address may take.
const changeEmailLifetime = 24 * time.Hour

// codeUnchanged is the field code of an address that is the account's already.
const codeUnchanged = "unchanged"

// sessionBond stands for a session in what a mailed secret is bound to.
func sessionBond(s sessions.Session) string { return "session:" + s.ID }

// RequestEmailChange mails a link to an address that the owner of a session wants to have
// in place of the account's. Nothing changes until the link is confirmed in the same
// session; the request before this one is void. Whether the address has another account is
// not told: then nothing is sent. The caller makes sure that the session is recent, as
// the route does. Too many are a [RetryError]; what is no address is a [FieldsError].
func (a *Auth) RequestEmailChange(ctx context.Context, s sessions.Session, email string, c Client) error {
	if a.cfg.Mail.Sender == nil {
		return ErrNoMailer
	}
	addr, err := parseEmail(email)
	if err != nil {
		return err
	}
	if err := a.limits.mail(ctx, c, string(mail.ChangeEmail), addr.Canonical); err != nil {
		return err
	}
	failure := Event{Kind: EventOperationRefused, UserID: s.UserID, SessionID: s.ID}
	return a.atomically(ctx, c, failure, func(ctx context.Context, tx *Tx) error {
		u, err := tx.lockSignedIn(ctx, s)
		switch {
		case err != nil:
			return err
		case u.Email == addr.Canonical:
			return InvalidField("email", codeUnchanged)
		}
		if err := tx.endMailed(ctx, u.ID, string(mail.ChangeEmail)); err != nil {
			return err
		}
		l, err := tx.letter(mail.ChangeEmail, addr.Canonical, u.ID, c)
		if err != nil {
			return err
		}
		other, err := tx.byEmail(ctx, addr.Canonical)
		if err != nil {
			return err
		}
		reserved, err := tx.reserved(ctx, addr.Canonical, u.ID)
		switch {
		case err != nil:
			return err
		case other != nil || reserved:
			l = l.toNobody()
		}
		if err := tx.enqueue(ctx, l.boundTo(sessionBond(s))); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventEmailChangeAsked, UserID: u.ID, SessionID: s.ID})
	})
}

// lockSignedIn locks the user of a session, who may have been disabled or deleted since
// it was looked up.
func (tx *Tx) lockSignedIn(ctx context.Context, s sessions.Session) (*ent.User, error) {
	u, err := tx.Lock(ctx, s.UserID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, ErrUnauthenticated
	case err == nil && u.DisabledAt != nil:
		return nil, ErrUnauthenticated
	}
	return u, err
}

// ConfirmEmailChange gives an account the address that the link was mailed to, in the
// session that asked for it, whose token is renewed. The address is proven by that. A
// proven old one is told, with a link that undoes the change for seven days; as long it is
// kept for the account. Mailed secrets end, but for undos. ErrInvalidToken is a link that
// is used, too old, of another session, or to an address that has an account by now.
func (a *Auth) ConfirmEmailChange(ctx context.Context, s sessions.Session, secret string, c Client) (Result, error) {
	hash := token.HashOf(sessionBond(s))
	m := Mailed{Kind: mail.ChangeEmail, Secret: secret, known: hash[:]}
	var (
		res Result
		w   answered
	)
	use := func(ctx context.Context, tx *Tx) (err error) {
		w, err = tx.redeem(ctx, m, c)
		if err == nil && w.user.ID != s.UserID {
			err = ErrInvalidToken
		}
		return err
	}
	failure := Event{Kind: EventOperationRefused, UserID: s.UserID, SessionID: s.ID}
	err := a.afterUsing(ctx, c, failure, use, func(ctx context.Context, tx *Tx) error {
		res = Result{}
		old := *w.user
		u, err := tx.changeEmail(ctx, w.user, w.row.Email)
		if err != nil {
			return err
		}
		if err := tx.endMailed(ctx, u.ID); err != nil {
			return err
		}
		if err := tx.endPending(ctx, u.ID); err != nil {
			return err
		}
		// What was never proven may be a stranger's: told, but nothing to undo it with.
		told := mail.EmailReplaced
		if old.EmailVerifiedAt != nil {
			told = mail.EmailChanged
			if err := tx.reserve(ctx, old.Email, u.ID, w.row.CreatedAt); err != nil {
				return err
			}
		}
		l, err := tx.letter(told, old.Email, u.ID, c)
		if err != nil {
			return err
		}
		if err := tx.enqueue(ctx, l); err != nil {
			return err
		}
		res.User = u
		if err := tx.renew(ctx, s, &res); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventEmailChanged, UserID: u.ID, SessionID: s.ID})
	})
	if err != nil {
		return Result{}, err
	}
	a.client.User.Rebind(res.User)
	return res, nil
}

// changeEmail gives a locked user another address, proven just now. One that somebody
// else has, or that is kept for somebody else, is ErrInvalidToken: whoever has read its
// mail once is told no more.
func (tx *Tx) changeEmail(ctx context.Context, u *ent.User, canonical string) (*ent.User, error) {
	if err := tx.lockAddress(ctx, canonical); err != nil {
		return nil, err
	}
	err := tx.step(ctx, func() error {
		return tx.client.User.Update().Where(user.ID(u.ID)).
			SetEmail(canonical).SetEmailEntered(canonical).SetEmailVerifiedAt(tx.now).SetUpdatedAt(tx.now).
			Exec(ctx)
	})
	if sqlgraph.IsConstraintError(err) {
		return nil, ErrInvalidToken
	}
	if err != nil {
		return nil, err
	}
	u, err = tx.client.User.Get(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if err := tx.settle(ctx, u); errors.Is(err, errReserved) {
		return nil, ErrInvalidToken
	} else if err != nil {
		return nil, err
	}
	return u, nil
}
