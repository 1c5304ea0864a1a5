package auth

import (
	"context"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/mail"
)

// CanMail tells whether there is a mailer.
func (k Kit) CanMail() bool { return k.a.cfg.Mail.Sender != nil }

// ProvesFirst tells whether Finish answers claims to an unproven address by a mail: then
// nothing may tell whether the address has an account.
func (k Kit) ProvesFirst() bool { return k.a.provesFirst() }

// Mail sends a secret to an address, if it has an account that may be used. Whether it
// has one is told by nothing: neither by the answer nor by its time. Too many for an
// address or from one are a [RetryError].
func (k Kit) Mail(ctx context.Context, c Client, kind mail.Kind, email string) error {
	if k.a == nil {
		return ErrNotMounted
	}
	if !k.CanMail() {
		return ErrNoMailer
	}
	return k.a.mailTo(ctx, c, kind, email)
}

// BeginMail sends a secret, a link and a code, that works only in the flow it returns:
// with the browser that asked. A browser that asks again for one address goes on with its
// flow, and with the count of codes it has tried. Whether the address has an account is
// not told. Too many are a [RetryError].
func (k Kit) BeginMail(ctx context.Context, c Client, ask MailFlow) (flow string, err error) {
	if k.a == nil {
		return "", ErrNotMounted
	}
	if !k.CanMail() {
		return "", ErrNoMailer
	}
	return k.a.beginMail(ctx, c, ask)
}

// MailedTo returns the user whom a mailed secret belongs to, or ErrInvalidToken. It uses
// nothing up: a page may ask as often as it is loaded.
func (k Kit) MailedTo(ctx context.Context, m Mailed) (*ent.User, error) {
	l, err := k.Letter(ctx, m, Client{})
	if err == nil && l.User == nil {
		err = ErrInvalidToken
	}
	return l.User, err
}

// Letter is a mailed secret that has not been used yet, as the page behind its link knows
// it.
type Letter struct {
	// Email is where it was sent.
	Email string
	// User is the account it is for; nil if it makes one.
	User *ent.User
	// Here is true for the browser that asked for the mail.
	Here bool

	waits  *Proof
	bound  []byte
	owners bool // the flow is of who made the account
}

// Letter returns what a mailed secret is for, or ErrInvalidToken. It uses nothing up.
func (k Kit) Letter(ctx context.Context, m Mailed, c Client) (Letter, error) {
	if k.a == nil {
		return Letter{}, ErrNotMounted
	}
	return k.a.letter(ctx, m, c)
}

func (a *Auth) letter(ctx context.Context, m Mailed, c Client) (Letter, error) {
	w, err := a.answer(ctx, a.client, m, c)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Email: w.row.Email, Here: w.here()}
	if w.row.FlowHash != nil {
		l.bound = *w.row.FlowHash
	}
	if w.row.UserID == nil {
		f := w.flow
		if !l.Here {
			if f, err = a.flowOf(ctx, a.client, w.row.Purpose, l.bound); err != nil {
				return Letter{}, err
			}
		}
		if f.row == nil {
			return Letter{}, ErrInvalidToken // its sign-up has ended
		}
		l.waits = f.Proof
		return l, nil
	}
	if f := w.flow; l.bound != nil && m.Kind == mail.Verify {
		if !l.Here {
			if f, err = a.flowOf(ctx, a.client, w.row.Purpose, l.bound); err != nil {
				return Letter{}, err
			}
		}
		l.owners = f.Owner != "" && f.Owner == *w.row.UserID
	}
	l.User, err = a.User(ctx, *w.row.UserID)
	switch {
	case err != nil:
		return Letter{}, invalidIfGone(err)
	case l.User.DisabledAt != nil, w.row.Email != l.User.Email && m.Kind != mail.ChangeEmail && m.Kind != mail.EmailChanged:
		return Letter{}, ErrInvalidToken
	}
	return l, nil
}

// Notify tells the owner of an account what has happened to it. For use inside Transact
// and hooks; without a mailer nothing is sent.
func (k Kit) Notify(ctx context.Context, tx *Tx, u *ent.User, kind mail.Kind, c Client) error {
	return tx.notify(ctx, u, kind, c)
}

func (tx *Tx) notify(ctx context.Context, u *ent.User, kind mail.Kind, c Client) error {
	return tx.notifyOf(ctx, u, kind, "", c)
}

// notifyOf is notify for a mail that names something.
func (tx *Tx) notifyOf(ctx context.Context, u *ent.User, kind mail.Kind, about string, c Client) error {
	if tx.auth.cfg.Mail.Sender == nil {
		return nil
	}
	l, err := tx.letter(kind, u.Email, u.ID, c)
	if err != nil {
		return err
	}
	l.about = about
	return tx.enqueue(ctx, l)
}
