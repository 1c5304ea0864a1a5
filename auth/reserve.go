package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/internal/token"
)

const (
	// purposeReserved marks a row that opens nothing: it keeps an address for the account
	// that has just changed away from it.
	purposeReserved = "reserved"
	// undoLifetime is how long a change of address can be undone.
	undoLifetime = 7 * 24 * time.Hour
)

// errReserved is an address that no account has and none can take yet.
var errReserved = fmt.Errorf("reserved: %w", ErrEmailTaken)

// reserve keeps an address for a user as long as a change away from it, which was asked
// for at a moment, can be undone.
func (tx *Tx) reserve(ctx context.Context, email, userID string, asked time.Time) error {
	nobodys := token.HashOf(token.New().Reveal()) // of a secret that nobody has seen
	return tx.client.MagicToken.Create().
		SetUserID(userID).
		SetPurpose(purposeReserved).
		SetEmail(email).
		SetTokenHash(nobodys[:]).
		SetExpiresAt(tx.now.Add(undoLifetime)).
		SetCreatedAt(asked).
		Exec(ctx)
}

// askedFor is when the first change away from an address was asked for that can still be
// undone: what somebody prepares between asking and confirming belongs to the change.
func (tx *Tx) askedFor(ctx context.Context, w answered) (time.Time, error) {
	row, err := tx.client.MagicToken.Query().
		Where(
			magictoken.UserID(w.user.ID), magictoken.Email(w.row.Email), magictoken.Purpose(purposeReserved),
			magictoken.ExpiresAtGT(tx.now), magictoken.CreatedAtLTE(w.row.CreatedAt),
		).
		Order(magictoken.ByCreatedAt()).
		First(ctx)
	if ent.IsNotFound(err) {
		return w.row.CreatedAt, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return row.CreatedAt, nil
}

// reserved tells whether an address is kept for another user than the one with the id.
func (tx *Tx) reserved(ctx context.Context, email, userID string) (bool, error) {
	return tx.client.MagicToken.Query().
		Where(
			magictoken.Email(email), magictoken.Purpose(purposeReserved), magictoken.ExpiresAtGT(tx.now),
			magictoken.UserIDNotNil(), magictoken.UserIDNEQ(userID),
		).
		Exist(ctx)
}

// settle is what follows when an account has got an address. Whether it is kept for
// somebody else is asked when the row is there: who changed away from it meanwhile has
// committed by now, or waits for this. What waited for the proof of it ends, if this is
// one: an account that nobody has proven must not end what proves it.
func (tx *Tx) settle(ctx context.Context, u *ent.User) error {
	if tx.auth.cfg.Mail.Sender == nil {
		return nil // nothing waits, and nothing was ever kept
	}
	reserved, err := tx.reserved(ctx, u.Email, u.ID)
	switch {
	case err != nil:
		return err
	case reserved:
		return errReserved
	case u.EmailVerifiedAt == nil:
		return nil
	}
	return tx.endAddress(ctx, u.Email)
}

// release frees the addresses that were reserved for a user since a moment.
func (tx *Tx) release(ctx context.Context, userID string, since time.Time) error {
	_, err := tx.client.MagicToken.Delete().
		Where(magictoken.UserID(userID), magictoken.Purpose(purposeReserved), magictoken.CreatedAtGTE(since)).
		Exec(ctx)
	return err
}
