package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/mail"
)

// Identity is an account elsewhere. Who it is of is told by provider, issuer and subject,
// byte for byte; the rest is kept as told and decides nothing.
type Identity struct {
	// Provider is the id under which the provider is configured: "google".
	Provider string `json:"provider"`
	// Name is what people call the provider: "Google".
	Name    string `json:"name"`
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject"`
	Email   string `json:"email,omitempty"`
	// Profile is what the provider told of the person, as JSON.
	Profile string `json:"profile,omitempty"`
	// Tokens are kept, sealed, if they are there.
	Tokens *ProviderTokens `json:"tokens,omitempty"`
}

// hash is what makes an identity unique to the byte.
func (i Identity) hash() []byte {
	h := sha256.New()
	for _, part := range []string{i.Provider, i.Issuer, i.Subject} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)
}

// identified returns the user whom an identity is linked to, locked, or nil.
func (tx *Tx) identified(ctx context.Context, i Identity) (*ent.User, error) {
	row, err := tx.client.OAuthAccount.Query().Where(oauthaccount.SubjectHash(i.hash())).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	u, err := tx.Lock(ctx, row.UserID)
	if errors.Is(err, ErrNotFound) {
		return nil, errRaced
	}
	if err != nil {
		return nil, err
	}
	// Linked still, now that nobody can change it.
	there, err := tx.client.OAuthAccount.Query().Where(oauthaccount.ID(row.ID), oauthaccount.UserID(u.ID)).Exist(ctx)
	if err == nil && !there {
		err = errRaced
	}
	return u, err
}

// keepIdentity links an identity to a locked user, or brings one up to date that is
// linked already. An identity of another user's is not moved: ErrIdentityTaken.
func (tx *Tx) keepIdentity(ctx context.Context, u *ent.User, i Identity, tell bool) error {
	row, err := tx.client.OAuthAccount.Query().Where(oauthaccount.SubjectHash(i.hash())).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return tx.link(ctx, u, i, tell)
	case err != nil:
		return err
	case row.UserID != u.ID:
		return ErrIdentityTaken
	}
	change := tx.client.OAuthAccount.Update().Where(oauthaccount.ID(row.ID)).
		SetProfile(i.Profile).SetLastUsedAt(tx.now).SetUpdatedAt(tx.now)
	if i.Email != "" {
		change.SetEmail(i.Email)
	}
	if i.Tokens != nil {
		access, refresh, err := tx.auth.sealTokens(row.ID, *i.Tokens)
		if err != nil {
			return err
		}
		change.SetAccessToken(access).SetNillableTokenExpiresAt(i.Tokens.expiry())
		if i.Tokens.Refresh != "" {
			change.SetRefreshToken(refresh)
		}
	}
	return change.Exec(ctx)
}

func (tx *Tx) link(ctx context.Context, u *ent.User, i Identity, tell bool) error {
	id := schema.NewID("oac")
	create := tx.client.OAuthAccount.Create().
		SetID(id).SetUserID(u.ID).SetProvider(i.Provider).SetIssuer(i.Issuer).SetSubject(i.Subject).SetSubjectHash(i.hash()).
		SetEmail(i.Email).SetProfile(i.Profile).
		SetLastUsedAt(tx.now).SetCreatedAt(tx.now).SetUpdatedAt(tx.now)
	if i.Tokens != nil {
		access, refresh, err := tx.auth.sealTokens(id, *i.Tokens)
		if err != nil {
			return err
		}
		create.SetAccessToken(access).SetRefreshToken(refresh).SetNillableTokenExpiresAt(i.Tokens.expiry())
	}
	err := create.Exec(ctx)
	if ent.IsConstraintError(err) {
		return errRaced // linked by another request at the same moment: look again
	}
	if err != nil {
		return err
	}
	if tell {
		if err := tx.notifyOf(ctx, u, mail.IdentityLinked, i.Name, tx.who); err != nil {
			return err
		}
	}
	return tx.record(ctx, Event{Kind: EventIdentityLinked, UserID: u.ID, Provider: i.Provider})
}

// Link links an identity to a user who is signed in and has just proven it, or brings it
// up to date. One that is another user's is ErrIdentityTaken. For use inside Transact.
func (k Kit) Link(ctx context.Context, tx *Tx, u *ent.User, i Identity) error {
	return tx.keepIdentity(ctx, u, i, true)
}

// Unlink removes an identity of a user, unless the user could not sign in without it:
// ErrLastSignInMethod. One that is not there, or another's, is ErrNotFound. For use inside
// Transact, whose lock makes two removals at once take turns.
func (k Kit) Unlink(ctx context.Context, tx *Tx, u *ent.User, id, name string) error {
	if !isID(id) {
		return ErrNotFound
	}
	row, err := tx.client.OAuthAccount.Query().Where(oauthaccount.ID(id), oauthaccount.UserID(u.ID)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return ErrNotFound
	case err != nil:
		return err
	}
	if _, err := tx.client.OAuthAccount.Delete().Where(oauthaccount.ID(id), oauthaccount.UserID(u.ID)).Exec(ctx); err != nil {
		return err
	}
	if err := tx.stillGetsIn(ctx, u.ID); err != nil {
		return err // and what was just deleted comes back
	}
	if err := tx.notifyOf(ctx, u, mail.IdentityUnlinked, name, tx.who); err != nil {
		return err
	}
	return tx.record(ctx, Event{Kind: EventIdentityUnlinked, UserID: u.ID, Provider: row.Provider})
}

// Identities is the client for reading linked identities.
func (k Kit) Identities() *ent.OAuthAccountClient { return k.a.client.OAuthAccount }
