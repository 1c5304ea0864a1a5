package auth

import (
	"context"
	"errors"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

// FactorEmail is the kind of factor of who has proven to read an address. It is a single
// weak one: never a second factor, and never a step-up for who has a password or a
// passkey.
const FactorEmail = "email"

// Mailed is a secret from a mail.
type Mailed struct {
	Kind   mail.Kind `json:"kind"`
	Secret string    `json:"-"`
}

// mailSecret is Kit.Mail.
func (a *Auth) mailSecret(ctx context.Context, c Client, kind mail.Kind, email string) error {
	m, err := a.mailing(kind)
	if err != nil {
		return err
	}
	counted, canonical := email, "" // which is nobody's
	if addr, err := address.Parse(email); err == nil {
		counted, canonical = addr.Canonical, addr.Canonical
	}
	if err := a.limits.mail(ctx, c, string(kind), counted); err != nil {
		return err
	}
	return a.atomically(ctx, c, Event{Kind: EventOperationRefused}, func(ctx context.Context, tx *Tx) error {
		purpose, to, id := purposeNone, nobody, ""
		u, err := tx.client.User.Query().Where(user.Email(canonical)).Only(ctx)
		switch {
		case err == nil && u.DisabledAt == nil:
			purpose, to, id = string(kind), u.Email, u.ID
		case err != nil && !ent.IsNotFound(err):
			return err
		}
		return tx.enqueue(ctx, m, purpose, to, id, a.cfg.Mail.Catalogue.MatchLocale(c.Language))
	})
}

// storeSecret writes the hash of a secret that is about to be mailed, unless what ends
// secrets has come in between: then there is nobody to send it to. It locks the user, as
// that does.
func (a *Auth) storeSecret(ctx context.Context, row *ent.Outbox, m Mailing, secret token.Secret) (stored bool, err error) {
	err = a.atomically(ctx, Client{}, Event{}, func(ctx context.Context, tx *Tx) error {
		stored = false // of an earlier try
		u, err := tx.Lock(ctx, row.UserID)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		case u.DisabledAt != nil:
			return nil
		}
		waits, err := tx.client.Outbox.Query().Where(outbox.ID(row.ID), outbox.Attempts(row.Attempts+1)).Exist(ctx)
		if err != nil || !waits {
			return err
		}
		hash := token.HashOf(secret.Reveal())
		stored = true
		return tx.client.MagicToken.Create().
			SetUserID(row.UserID).
			SetPurpose(row.Purpose).
			SetEmail(row.Email).
			SetTokenHash(hash[:]).
			SetExpiresAt(tx.now.Add(m.Lifetime)).
			SetCreatedAt(tx.now).
			Exec(ctx)
	})
	return stored && err == nil, err
}

// MailedTo returns the user whom a mailed secret belongs to, or ErrInvalidToken. It uses
// nothing up: a page may ask as often as it is loaded.
func (k Kit) MailedTo(ctx context.Context, m Mailed) (*ent.User, error) {
	if k.a == nil {
		return nil, ErrNotMounted
	}
	row, err := k.a.findMailed(ctx, k.a.client, m, k.a.now())
	if err != nil {
		return nil, err
	}
	u, err := k.a.client.User.Get(ctx, *row.UserID)
	switch {
	case ent.IsNotFound(err):
		return nil, ErrInvalidToken
	case err != nil:
		return nil, err
	case u.DisabledAt != nil || u.Email != row.Email:
		return nil, ErrInvalidToken
	}
	return u, nil
}

// findMailed returns the row of a secret that has not been used and has not expired.
func (a *Auth) findMailed(ctx context.Context, c *ent.Client, m Mailed, now time.Time) (*ent.MagicToken, error) {
	hash, ok := token.Parse(m.Secret)
	if !ok {
		return nil, ErrInvalidToken
	}
	row, err := c.MagicToken.Query().Where(magictoken.TokenHash(hash[:])).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, ErrInvalidToken
	case err != nil:
		return nil, err
	case [32]byte(row.TokenHash) != hash, row.Purpose != string(m.Kind), row.UserID == nil,
		row.UsedAt != nil, !now.Before(row.ExpiresAt):
		return nil, ErrInvalidToken
	}
	return row, nil
}

// redeem uses a secret up: one conditional statement, so that of any number at once one
// succeeds. It locks the user first, as everything does that ends mailed secrets. What
// it returns is the user as the address proves it.
func (tx *Tx) redeem(ctx context.Context, m Mailed) (*ent.User, error) {
	row, err := tx.auth.findMailed(ctx, tx.client, m, tx.now)
	if err != nil {
		return nil, err
	}
	u, err := tx.Lock(ctx, *row.UserID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, ErrInvalidToken // deleted meanwhile
	case err != nil:
		return nil, err
	}
	n, err := tx.client.MagicToken.Update().
		Where(magictoken.ID(row.ID), magictoken.UsedAtIsNil(), magictoken.ExpiresAtGT(tx.now)).
		SetUsedAt(tx.now).
		Save(ctx)
	switch {
	case err != nil:
		return nil, err
	case n != 1, u.Email != row.Email, u.DisabledAt != nil:
		return nil, ErrInvalidToken
	}
	return u, tx.endMailed(ctx, u.ID, string(m.Kind))
}

// endMailed ends the secrets of a user that were mailed for the purposes, or wait to be;
// all but an undo if none is named.
func (tx *Tx) endMailed(ctx context.Context, userID string, purposes ...string) error {
	secret, waiting := magictoken.PurposeIn(purposes...), outbox.PurposeIn(purposes...)
	if len(purposes) == 0 {
		secret, waiting = magictoken.PurposeNEQ(string(mail.EmailChanged)), outbox.PurposeIn(tx.auth.secretKinds()...)
	}
	if _, err := tx.client.MagicToken.Delete().
		Where(magictoken.UserID(userID), magictoken.UsedAtIsNil(), secret).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.client.Outbox.Delete().Where(outbox.UserID(userID), waiting).Exec(ctx)
	return err
}

// secretKinds are the kinds of mail with a secret that a changed password voids.
func (a *Auth) secretKinds() []string {
	var list []string
	for kind, m := range a.mailings {
		if m.Lifetime > 0 && kind != mail.EmailChanged {
			list = append(list, string(kind))
		}
	}
	return list
}

// proveEmail records that whoever acts has just read the user's mail. The first proof by
// somebody who is not signed in to the account takes away what others put there.
func (tx *Tx) proveEmail(ctx context.Context, u *ent.User) (*ent.User, error) {
	if u.EmailVerifiedAt != nil {
		return u, nil
	}
	if s, ok := SessionFrom(ctx); !ok || s.UserID != u.ID {
		return tx.reclaim(ctx, u, NewUser{})
	}
	u.EmailVerifiedAt = &tx.now
	return u, tx.client.User.Update().Where(user.ID(u.ID)).SetEmailVerifiedAt(tx.now).SetUpdatedAt(tx.now).Exec(ctx)
}

// Notify tells the owner of an account what has happened to it. For use inside Transact
// and hooks; without a mailer nothing is sent.
func (k Kit) Notify(ctx context.Context, tx *Tx, u *ent.User, kind mail.Kind, c Client) error {
	return tx.notify(ctx, u, kind, c)
}

func (tx *Tx) notify(ctx context.Context, u *ent.User, kind mail.Kind, c Client) error {
	if tx.auth.cfg.Mail.Sender == nil {
		return nil
	}
	m, err := tx.auth.mailing(kind)
	if err != nil {
		return err
	}
	return tx.enqueue(ctx, m, string(kind), u.Email, u.ID, tx.auth.cfg.Mail.Catalogue.MatchLocale(c.Language))
}
