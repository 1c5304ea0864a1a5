package oauth

import (
	"context"
	"regexp"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/sessions"
)

// Account is an identity that is linked to a user.
type Account struct {
	ID string
	// Provider is the IDP's id, Name what people call it: the id, if it is not configured
	// any more.
	Provider, Name string
	// Email is the address that the provider told last, "" for none. It proves nothing.
	Email string
	// CreatedAt is when it was linked, LastUsedAt when it last signed in.
	CreatedAt, LastUsedAt time.Time
}

// Accounts lists the identities of a user, the oldest first.
func (p *Provider) Accounts(ctx context.Context, userID string) ([]Account, error) {
	if p.kit == (auth.Kit{}) {
		return nil, auth.ErrNotMounted
	}
	rows, err := p.kit.Identities().Query().
		Where(oauthaccount.UserID(userID)).
		Order(ent.Asc(oauthaccount.FieldCreatedAt), ent.Asc(oauthaccount.FieldID)).
		All(ctx)
	if err != nil {
		return nil, err
	}
	var list []Account
	for _, row := range rows {
		a := Account{ID: row.ID, Provider: row.Provider, Name: p.nameOf(row.Provider), Email: row.Email, CreatedAt: row.CreatedAt}
		if row.LastUsedAt != nil {
			a.LastUsedAt = *row.LastUsedAt
		}
		list = append(list, a)
	}
	return list, nil
}

// Unlink removes an identity from the account of a session, on the word of that session:
// the caller makes sure that it is recent. The account's other sessions end, and its owner
// is told by mail. The last way to sign in stays: auth.ErrLastSignInMethod. One that is
// not there, or another's, is auth.ErrNotFound.
func (p *Provider) Unlink(ctx context.Context, s sessions.Session, id string, c auth.Client) error {
	if !isRowID(id) {
		return auth.ErrNotFound
	}
	return p.kit.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		row, err := tx.Client().OAuthAccount.Query().Where(oauthaccount.ID(id), oauthaccount.UserID(u.ID)).Only(ctx)
		switch {
		case ent.IsNotFound(err):
			return auth.ErrNotFound
		case err != nil:
			return err
		}
		if err := p.kit.Unlink(ctx, tx, u, row.ID, p.nameOf(row.Provider)); err != nil {
			return err
		}
		return p.kit.SecretChanged(ctx, tx, u, s.ID)
	})
}

// isRowID tells whether it could be one: what a path holds may be anything, and PostgreSQL
// answers a NUL with an error.
var isRowID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`).MatchString

// nameOf is what people call a provider.
func (p *Provider) nameOf(id string) string {
	if r, err := p.remote(id); err == nil {
		return r.idp.Name
	}
	return id
}
