package auth

import (
	"context"
	"time"

	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/mail"
)

// UndoEmailChange gives an account its old address back, by the link that was mailed
// there when it changed. It removes every credential, second factor and linked identity
// that was added or changed since, or in the minutes before (Config.StepUpWithin), ends
// all sessions and every other mailed secret, later undos among them, and mails a link to
// set a new password if there are passwords. It opens no session. ErrInvalidToken is a link that is used or older than seven days.
func (a *Auth) UndoEmailChange(ctx context.Context, secret string, c Client) error {
	var w answered
	use := func(ctx context.Context, tx *Tx) (err error) {
		w, err = tx.redeem(ctx, Mailed{Kind: mail.EmailChanged, Secret: secret}, c)
		return err
	}
	return a.afterUsing(ctx, c, Event{Kind: EventOperationRefused}, use, func(ctx context.Context, tx *Tx) error {
		since, err := tx.askedFor(ctx, w)
		if err != nil {
			return err
		}
		u, err := tx.changeEmail(ctx, w.user, w.row.Email)
		if err != nil {
			return err
		}
		// Whoever changed the address could add something as long as they had just proven
		// themselves, which they had to have done to ask for the change.
		if err := tx.dropSince(ctx, u.ID, since.Add(-a.cfg.StepUpWithin)); err != nil {
			return err
		}
		if err := tx.endAll(ctx, u); err != nil {
			return err
		}
		if err := tx.endUndos(ctx, u.ID, since); err != nil {
			return err
		}
		if _, ok := a.mailings[mail.Reset]; ok {
			l, err := tx.letter(mail.Reset, u.Email, u.ID, c)
			if err != nil {
				return err
			}
			if err := tx.enqueue(ctx, l); err != nil {
				return err
			}
		}
		return tx.record(ctx, Event{Kind: EventEmailChangeUndone, UserID: u.ID})
	})
}

// dropSince removes what was added to an account or changed in it since a moment.
func (tx *Tx) dropSince(ctx context.Context, userID string, since time.Time) error {
	_, err := tx.client.Credential.Delete().
		Where(credential.UserID(userID), credential.Or(credential.CreatedAtGTE(since), credential.UpdatedAtGTE(since))).
		Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.client.OAuthAccount.Delete().
		Where(oauthaccount.UserID(userID), oauthaccount.CreatedAtGTE(since)). // what changes later are its tokens
		Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.client.Challenge.Delete().Where(challenge.UserID(userID)).Exec(ctx)
	return err
}

// endUndos ends the undos of changes since a moment, and what they kept reserved.
func (tx *Tx) endUndos(ctx context.Context, userID string, since time.Time) error {
	undo := string(mail.EmailChanged)
	_, err := tx.client.MagicToken.Delete().
		Where(magictoken.UserID(userID), magictoken.Purpose(undo), magictoken.UsedAtIsNil(), magictoken.CreatedAtGTE(since)).
		Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.client.Outbox.Delete().
		Where(outbox.UserID(userID), outbox.Purpose(undo), outbox.CreatedAtGTE(since)).
		Exec(ctx)
	if err != nil {
		return err
	}
	return tx.release(ctx, userID, since)
}
