package auth

import (
	"context"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// proveEmail records that whoever acts has just read the user's mail. The first proof by
// somebody who is not the owner, having neither made the account nor a session of it, takes away what others put
// there, and tells so by a mail unless another mail says enough.
func (tx *Tx) proveEmail(ctx context.Context, u *ent.User, owner, tell bool) (*ent.User, error) {
	if u.EmailVerifiedAt != nil {
		return u, nil
	}
	if !owner {
		return tx.reclaim(ctx, u, NewUser{}, tell)
	}
	u.EmailVerifiedAt = &tx.now
	err := tx.client.User.Update().Where(user.ID(u.ID)).SetEmailVerifiedAt(tx.now).SetUpdatedAt(tx.now).Exec(ctx)
	if err != nil {
		return u, err
	}
	return u, tx.record(ctx, Event{Kind: EventEmailVerified, UserID: u.ID})
}
