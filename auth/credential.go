package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/mail"
)

// NewCredential is a credential to be written.
type NewCredential struct {
	Kind string `json:"kind"`
	// Identifier is unique within Kind. Empty means the user's id: one for each user.
	Identifier string `json:"identifier,omitempty"`
	// Secret is a hash or sealed data, never clear.
	Secret       string `json:"secret,omitempty"`
	PublicKey    []byte `json:"public_key,omitempty"`
	Name         string `json:"name,omitempty"`
	SecondFactor bool   `json:"second_factor,omitempty"`
	// Authenticator is what made the credential, if something did.
	Authenticator *Authenticator `json:"authenticator,omitempty"`
}

// Replacement is a new secret for a credential that still has the old one.
type Replacement struct {
	ID  string `json:"id"`
	Old string `json:"old"`
	New string `json:"new"`
}

// AddCredential writes a credential of a user and records it. For use inside Transact.
func (k Kit) AddCredential(ctx context.Context, tx *Tx, userID string, n NewCredential) error {
	return tx.addCredential(ctx, userID, n)
}

// ReplaceSecret gives a credential a new secret if it still has the old one, and is
// ErrStaleProof if not. For use inside Transact.
func (k Kit) ReplaceSecret(ctx context.Context, tx *Tx, userID string, r Replacement) error {
	return tx.replaceSecret(ctx, userID, k.provider, r)
}

// RemoveCredential deletes a credential, unless the user could not sign in without it:
// ErrLastSignInMethod. For use inside Transact, whose lock on the user makes two
// removals at once take turns.
func (k Kit) RemoveCredential(ctx context.Context, tx *Tx, userID, id string) error {
	return tx.removeCredential(ctx, userID, k.provider, id)
}

// RenameCredential gives a credential of a user another name. It stays as old as it was: an
// undone change of address takes away what is newer, and a name lets nobody in. For use
// inside Transact.
func (k Kit) RenameCredential(ctx context.Context, tx *Tx, userID, id, name string) error {
	n, err := tx.client.Credential.Update().
		Where(credential.ID(id), credential.UserID(userID)).
		SetName(name).
		Save(ctx)
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	}
	return tx.record(ctx, Event{Kind: EventCredentialRenamed, UserID: userID, Provider: k.provider})
}

// Rehash stores a stronger hash of a secret that has just been verified, if nobody
// replaced the secret meanwhile. The secret is as old as it was. It is a favour to the
// future: an error is logged and changes nothing now.
func (k Kit) Rehash(ctx context.Context, r Replacement) {
	err := k.a.client.Credential.Update().
		Where(credential.ID(r.ID), credential.Secret(r.Old)).
		SetSecret(r.New).
		Exec(ctx)
	if err != nil {
		k.a.log.WarnContext(ctx, "auth: hash not renewed", "credential", r.ID, "error", err)
	}
}

// addCredential writes a credential. One that is there already is a provider's
// mistake, or the loser of a race: the caller's transaction ends.
func (tx *Tx) addCredential(ctx context.Context, userID string, n NewCredential) error {
	if n.Identifier == "" {
		n.Identifier = userID
	}
	if n.SecondFactor {
		if err := tx.firstSecondFactor(ctx, userID); err != nil {
			return err
		}
	}
	create := tx.client.Credential.Create().
		SetUserID(userID).
		SetKind(n.Kind).
		SetIdentifier(n.Identifier).
		SetIdentifierHash(identifierHash(n.Kind, n.Identifier)).
		SetSecret(n.Secret).
		SetName(n.Name).
		SetSecondFactor(n.SecondFactor).
		SetCreatedAt(tx.now).
		SetUpdatedAt(tx.now)
	if n.PublicKey != nil {
		create.SetPublicKey(n.PublicKey)
	}
	if n.Authenticator != nil {
		if err := tx.describe(ctx, create, n); err != nil {
			return err
		}
	}
	if err := create.Exec(ctx); err != nil {
		if n.Authenticator != nil && ent.IsConstraintError(err) {
			return errRaced // registered by another request at the same moment: look again
		}
		return fmt.Errorf("add a credential of kind %s: %w", n.Kind, err)
	}
	return tx.record(ctx, Event{Kind: EventCredentialAdded, UserID: userID, Provider: n.Kind})
}

// firstSecondFactor ends the sessions that were opened with one factor, when the
// account asks for two from now on. The one that adds it stays.
func (tx *Tx) firstSecondFactor(ctx context.Context, userID string) error {
	has, err := tx.client.Credential.Query().Where(credential.UserID(userID), credential.SecondFactor(true)).Exist(ctx)
	if err != nil || has {
		return err
	}
	s, _ := SessionFrom(ctx)
	_, err = tx.endSessions(ctx, userID, s.ID)
	return err
}

// setCredentials writes what a proof sets, over what is there, and ends what the old
// secrets had opened.
func (tx *Tx) setCredentials(ctx context.Context, u *ent.User, p Proof) error {
	for _, n := range p.Set {
		changed, err := tx.client.Credential.Update().
			Where(credential.UserID(u.ID), credential.Kind(n.Kind)).
			SetSecret(n.Secret).ClearChangeRequiredAt().SetUpdatedAt(tx.now).
			Save(ctx)
		switch {
		case err != nil:
			return err
		case changed == 0:
			err = tx.addCredential(ctx, u.ID, n)
		default:
			err = tx.record(ctx, Event{Kind: EventCredentialChanged, UserID: u.ID, Provider: p.Provider})
		}
		if err != nil {
			return err
		}
	}
	if len(p.Set) > 0 {
		if err := tx.endAll(ctx, u); err != nil {
			return err
		}
	}
	if p.Notice == "" {
		return nil
	}
	return tx.notify(ctx, u, p.Notice, tx.who)
}

func (tx *Tx) replaceSecret(ctx context.Context, userID, provider string, r Replacement) error {
	n, err := tx.client.Credential.Update().
		Where(credential.ID(r.ID), credential.UserID(userID), credential.Secret(r.Old)).
		SetSecret(r.New).ClearChangeRequiredAt().SetUpdatedAt(tx.now).
		Save(ctx)
	switch {
	case err != nil:
		return err
	case n != 1:
		return ErrStaleProof
	}
	return tx.record(ctx, Event{Kind: EventCredentialChanged, UserID: userID, Provider: provider})
}

func (tx *Tx) removeCredential(ctx context.Context, userID, provider, id string) error {
	n, err := tx.client.Credential.Delete().Where(credential.ID(id), credential.UserID(userID)).Exec(ctx)
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrNotFound
	}
	if err := tx.stillGetsIn(ctx, userID); err != nil {
		return err // and what was just deleted comes back
	}
	return tx.record(ctx, Event{Kind: EventCredentialRemoved, UserID: userID, Provider: provider})
}

// stillGetsIn is ErrLastSignInMethod for a user who has nothing left to sign in with. The
// caller holds the lock.
func (tx *Tx) stillGetsIn(ctx context.Context, userID string) error {
	has, err := tx.client.Credential.Query().Where(credential.UserID(userID), credential.SecondFactor(false)).Exist(ctx)
	if err != nil || has {
		return err
	}
	if has, err = tx.signsInElsewhere(ctx, userID); err != nil || has {
		return err
	}
	if has, err = tx.signsInByMail(ctx, userID); err != nil || has {
		return err
	}
	return ErrLastSignInMethod
}

// signsInElsewhere tells whether one of the user's identities is of a provider that is
// there: others are kept, in case it comes back, and open nothing until then.
func (tx *Tx) signsInElsewhere(ctx context.Context, userID string) (bool, error) {
	rows, err := tx.client.OAuthAccount.Query().Where(oauthaccount.UserID(userID)).
		Select(oauthaccount.FieldProvider, oauthaccount.FieldIssuer, oauthaccount.FieldSubject).
		All(ctx)
	return slices.ContainsFunc(rows, func(r *ent.OAuthAccount) bool {
		return tx.auth.identifies(Identity{Provider: r.Provider, Issuer: r.Issuer, Subject: r.Subject})
	}), err
}

// signsInByMail tells whether a user could sign in with nothing but a mail.
func (tx *Tx) signsInByMail(ctx context.Context, userID string) (bool, error) {
	if _, ok := tx.auth.mailings[mail.SignIn]; !ok {
		return false, nil
	}
	return tx.client.User.Query().Where(user.ID(userID), user.EmailVerifiedAtNotNil()).Exist(ctx)
}

// requireChange marks a secret as compromised: it opens the account only together
// with its replacement.
func (tx *Tx) requireChange(ctx context.Context, u *ent.User, kind string) error {
	ids, err := tx.client.Credential.Query().Where(credential.UserID(u.ID), credential.Kind(kind)).IDs(ctx)
	switch {
	case err != nil:
		return err
	case len(ids) == 0:
		return ErrNotFound
	}
	if err := tx.client.Credential.Update().Where(credential.IDIn(ids...)).
		SetChangeRequiredAt(tx.now).SetUpdatedAt(tx.now).Exec(ctx); err != nil {
		return err
	}
	if err := tx.endAll(ctx, u); err != nil {
		return err
	}
	return tx.record(ctx, Event{Kind: EventCredentialFlagged, UserID: u.ID, Provider: kind})
}

// RequireChange marks the provider's credentials of a user as compromised and ends the
// user's sessions. For use inside Transact.
func (k Kit) RequireChange(ctx context.Context, tx *Tx, u *ent.User) error {
	return tx.requireChange(ctx, u, k.provider)
}
