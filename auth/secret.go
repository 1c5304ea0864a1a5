package auth

import (
	"cmp"
	"context"
	"errors"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

// mailSecret is what a mail holds: a link's token, and a code where one can be typed.
type mailSecret struct {
	token token.Secret
	code  string
}

// newSecret makes the secret of a mail that is about to be sent.
func newSecret(m Mailing, row *ent.Outbox) mailSecret {
	s := mailSecret{token: token.New()}
	if hasCode(m.Kind) && row.FlowHash != nil {
		s.code = newCode()
	}
	return s
}

// storeSecret writes the hashes of a secret that is about to be mailed, unless what ends
// secrets has come in between: then there is nobody to send it to. It locks the user, as
// that does.
func (a *Auth) storeSecret(ctx context.Context, row *ent.Outbox, m Mailing, s mailSecret) (stored bool, err error) {
	err = a.atomically(ctx, Client{}, Event{}, func(ctx context.Context, tx *Tx) error {
		stored = false // of an earlier try
		if waits, err := tx.stillWanted(ctx, row); err != nil || !waits {
			return err
		}
		hash := token.HashOf(s.token.Reveal())
		create := tx.client.MagicToken.Create().
			SetPurpose(row.Purpose).
			SetEmail(row.Email).
			SetTokenHash(hash[:]).
			SetExpiresAt(tx.now.Add(m.Lifetime)).
			SetCreatedAt(row.CreatedAt) // when it was asked for: what an undo goes back to
		if m.Kind == mail.EmailChanged {
			create.SetExpiresAt(row.ExpiresAt) // as long as the address is reserved
		}
		if row.UserID != "" {
			create.SetUserID(row.UserID)
		}
		if row.FlowHash != nil {
			create.SetFlowHash(*row.FlowHash)
		}
		if s.code != "" {
			create.SetCodeHash(a.codeHash(s.code, *row.FlowHash))
		}
		stored = true
		return create.Exec(ctx)
	})
	return stored && err == nil, err
}

// stillWanted tells whether somebody waits for a mail that was claimed: a user who may be
// here, or a flow of somebody who is to become one.
func (tx *Tx) stillWanted(ctx context.Context, row *ent.Outbox) (bool, error) {
	if row.UserID == "" {
		if row.FlowHash == nil {
			return false, nil
		}
		waits, err := tx.client.Challenge.Query().
			Where(challenge.FlowHash(*row.FlowHash), challenge.Purpose(row.Purpose), challenge.ExpiresAtGT(tx.now)).
			Exist(ctx)
		if err != nil || !waits {
			return false, err
		}
	} else {
		u, err := tx.Lock(ctx, row.UserID)
		switch {
		case errors.Is(err, ErrNotFound):
			return false, nil
		case err != nil:
			return false, err
		case u.DisabledAt != nil:
			return false, nil
		}
	}
	return tx.client.Outbox.Query().Where(outbox.ID(row.ID), outbox.Attempts(row.Attempts+1)).Exist(ctx)
}

// mailTo is Kit.Mail.
func (a *Auth) mailTo(ctx context.Context, c Client, kind mail.Kind, email string) error {
	if err := a.limits.mail(ctx, c, string(kind), cmp.Or(canonicalOf(email), email)); err != nil {
		return err
	}
	email = canonicalOf(email)
	return a.atomically(ctx, c, Event{Kind: EventOperationRefused}, func(ctx context.Context, tx *Tx) error {
		u, err := tx.byEmail(ctx, email)
		if err != nil {
			return err
		}
		l, err := tx.letter(kind, email, "", c)
		switch {
		case err != nil:
			return err
		case u == nil || u.DisabledAt != nil:
			l = l.toNobody()
		default:
			l.userID = u.ID
		}
		return tx.enqueue(ctx, l)
	})
}
