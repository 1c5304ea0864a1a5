package auth

import (
	"context"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/mail"
)

// NewUser describes a user to be made.
type NewUser struct {
	// Email is one address (RFC 5322 addr-spec). It is stored in its canonical form.
	Email string
	// EmailVerified says that the host has seen the address proven.
	EmailVerified bool
	// Name is optional, at most 100 characters.
	Name string
	// Picture is optional: an https URL of at most 2,048 bytes, stored and never fetched.
	Picture string
	// Fields are values for fields of the host's User, by the names in its schema, of the
	// fields' own Go types. See Config.Host.
	Fields map[string]any
}

// UserUpdate is what to change: nil leaves a field, a pointer to "" empties it.
type UserUpdate struct {
	Name    *string
	Picture *string
	// EmailVerified says that the host has seen the address proven, or that it is not any
	// more. What was set up in the account before stays.
	EmailVerified *bool
	// Fields are new values of fields of the host's User; nil empties one.
	Fields map[string]any
}

// User returns a user by id, or ErrNotFound.
func (a *Auth) User(ctx context.Context, id string) (*ent.User, error) {
	if !isID(id) {
		return nil, ErrNotFound
	}
	u, err := a.client.User.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	return u, err
}

// UserByEmail returns the user with an address, however it is written, or ErrNotFound.
func (a *Auth) UserByEmail(ctx context.Context, email string) (*ent.User, error) {
	addr, err := address.Parse(email)
	if err != nil {
		return nil, ErrNotFound
	}
	u, err := a.client.User.Query().Where(user.Email(addr.Canonical)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	return u, err
}

// CreateUser makes a user who cannot sign in yet: an import, an invitation. A taken
// address is ErrEmailTaken; a bad field is a [FieldsError].
func (a *Auth) CreateUser(ctx context.Context, n NewUser) (*ent.User, error) {
	return a.changeUser(ctx, "", func(ctx context.Context, tx *Tx) (*ent.User, error) { return tx.CreateUser(ctx, n) })
}

// UpdateUser changes a user's name, picture and fields, and whether the address is proven. An unknown user is ErrNotFound.
func (a *Auth) UpdateUser(ctx context.Context, id string, up UserUpdate) (*ent.User, error) {
	return a.changeUser(ctx, id, func(ctx context.Context, tx *Tx) (*ent.User, error) { return tx.UpdateUser(ctx, id, up) })
}

// DisableUser keeps a user out: every session, pending sign-in and mailed secret ends
// now, and no way in works until EnableUser. To disable twice changes nothing.
func (a *Auth) DisableUser(ctx context.Context, id string) error {
	_, err := a.changeUser(ctx, id, func(ctx context.Context, tx *Tx) (*ent.User, error) { return nil, tx.DisableUser(ctx, id) })
	return err
}

// EnableUser lets a disabled user sign in again. What DisableUser ended stays ended.
func (a *Auth) EnableUser(ctx context.Context, id string) error {
	_, err := a.changeUser(ctx, id, func(ctx context.Context, tx *Tx) (*ent.User, error) { return nil, tx.EnableUser(ctx, id) })
	return err
}

// DeleteUser deletes a user with everything that opens the account, and frees the
// address. Events remain.
func (a *Auth) DeleteUser(ctx context.Context, id string) error {
	_, err := a.changeUser(ctx, id, func(ctx context.Context, tx *Tx) (*ent.User, error) { return nil, tx.DeleteUser(ctx, id) })
	return err
}

func (a *Auth) changeUser(ctx context.Context, id string, f func(context.Context, *Tx) (*ent.User, error)) (*ent.User, error) {
	var u *ent.User
	err := a.atomically(ctx, clientFrom(ctx), Event{Kind: EventOperationRefused, UserID: id}, func(ctx context.Context, tx *Tx) (err error) {
		u, err = f(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// CreateUser is [Auth.CreateUser] in this transaction. The entity's edges are queried
// outside of it.
func (tx *Tx) CreateUser(ctx context.Context, n NewUser) (u *ent.User, err error) {
	err = tx.Step(ctx, "", func() error {
		u, err = tx.createUser(ctx, n)
		return err
	})
	return tx.auth.client.User.Rebind(u), err
}

func (tx *Tx) createUser(ctx context.Context, n NewUser) (*ent.User, error) {
	if err := tx.lockAddress(ctx, canonicalOf(n.Email)); err != nil {
		return nil, err
	}
	u, err := tx.insertUser(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := tx.settle(ctx, u); err != nil {
		return nil, err
	}
	return u, tx.record(ctx, Event{Kind: EventUserCreated, UserID: u.ID})
}

// insertUser checks what a user is to be and writes the row.
func (tx *Tx) insertUser(ctx context.Context, n NewUser) (*ent.User, error) {
	addr, err := parseEmail(n.Email)
	if err != nil {
		return nil, err
	}
	name, err := cleanName(n.Name)
	if err != nil {
		return nil, err
	}
	picture, err := cleanPicture(n.Picture)
	if err != nil {
		return nil, err
	}
	row := HostUser{
		New: n, ID: schema.NewID("usr"), Email: addr.Canonical, EmailEntered: addr.Entered,
		Name: name, Picture: picture, At: tx.now,
	}
	if n.EmailVerified {
		row.EmailVerifiedAt = &row.At
	}
	var u *ent.User
	err = tx.step(ctx, func() (err error) {
		u, err = tx.insert(ctx, row)
		return err
	})
	if sqlgraph.IsConstraintError(err) {
		// The unique index is the judge, whatever was looked up before. Which one it was is
		// asked, not read from the error: a host may have others on this table.
		taken, lookErr := tx.client.User.Query().Where(user.Email(addr.Canonical)).Exist(ctx)
		if lookErr == nil && taken {
			return nil, ErrEmailTaken
		}
		err = tx.taken(ctx, row.ID, n.Fields, err)
	}
	return u, err
}

// UpdateUser is [Auth.UpdateUser] in this transaction.
func (tx *Tx) UpdateUser(ctx context.Context, id string, up UserUpdate) (u *ent.User, err error) {
	err = tx.Step(ctx, id, func() error {
		if u, err = tx.Lock(ctx, id); err != nil {
			return err
		}
		if err := tx.updateHost(ctx, id, up.Fields); err != nil {
			return err
		}
		change := tx.client.User.UpdateOne(u).SetUpdatedAt(tx.now)
		if up.Name != nil {
			name, err := cleanName(*up.Name)
			if err != nil {
				return err
			}
			setName(change.Mutation(), name)
		}
		if up.EmailVerified != nil {
			setVerified(change.Mutation(), *up.EmailVerified, tx.now)
		}
		if up.Picture != nil {
			picture, err := cleanPicture(*up.Picture)
			if err != nil {
				return err
			}
			setPicture(change.Mutation(), picture)
		}
		if u, err = change.Save(ctx); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventUserUpdated, UserID: id})
	})
	return tx.auth.client.User.Rebind(u), err
}

// DisableUser is [Auth.DisableUser] in this transaction.
func (tx *Tx) DisableUser(ctx context.Context, id string) error {
	return tx.Step(ctx, id, func() error {
		u, err := tx.Lock(ctx, id)
		if err != nil || u.DisabledAt != nil {
			return err
		}
		if err := tx.client.User.Update().Where(user.ID(id)).
			SetDisabledAt(tx.now).SetSessionsValidAfter(tx.now).SetUpdatedAt(tx.now).Exec(ctx); err != nil {
			return err
		}
		if err := tx.endEverything(ctx, id); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventUserDisabled, UserID: id})
	})
}

// EnableUser is [Auth.EnableUser] in this transaction.
func (tx *Tx) EnableUser(ctx context.Context, id string) error {
	return tx.Step(ctx, id, func() error {
		u, err := tx.Lock(ctx, id)
		if err != nil || u.DisabledAt == nil {
			return err
		}
		if err := tx.client.User.Update().Where(user.ID(id)).ClearDisabledAt().SetUpdatedAt(tx.now).Exec(ctx); err != nil {
			return err
		}
		return tx.record(ctx, Event{Kind: EventUserEnabled, UserID: id})
	})
}

// DeleteUser is [Auth.DeleteUser] in this transaction.
func (tx *Tx) DeleteUser(ctx context.Context, id string) error {
	return tx.Step(ctx, id, func() error {
		if _, err := tx.Lock(ctx, id); err != nil {
			return err
		}
		// Hooks are told first, while the user's rows are there for them.
		if err := tx.record(ctx, Event{Kind: EventUserDeleted, UserID: id}); err != nil {
			return err
		}
		if err := tx.endEverything(ctx, id); err != nil {
			return err
		}
		_, err := tx.client.User.Delete().Where(user.ID(id)).Exec(ctx)
		return err
	})
}

// endEverything ends what could still let a user in: sessions, unfinished flows,
// mailed secrets and mails that wait.
func (tx *Tx) endEverything(ctx context.Context, userID string) error {
	if _, err := tx.revokeAll(ctx, userID); err != nil {
		return err
	}
	if _, err := tx.client.Challenge.Delete().Where(challenge.UserID(userID)).Exec(ctx); err != nil {
		return err
	}
	// An address that is kept for the account stays kept: with a deleted user it is freed.
	if _, err := tx.client.MagicToken.Delete().
		Where(magictoken.UserID(userID), magictoken.PurposeNEQ(purposeReserved)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.client.Outbox.Delete().Where(outbox.UserID(userID)).Exec(ctx)
	return err
}

// reclaim hands an account to the first person who proves its address: whatever
// somebody put there before, who never proved it, is gone.
func (tx *Tx) reclaim(ctx context.Context, u *ent.User, n NewUser, tell bool) (*ent.User, error) {
	name, err := cleanName(n.Name)
	if err != nil {
		return nil, err
	}
	picture, err := cleanPicture(n.Picture)
	if err != nil {
		return nil, err
	}
	if err := tx.endEverything(ctx, u.ID); err != nil {
		return nil, err
	}
	credentials, err := tx.client.Credential.Delete().Where(credential.UserID(u.ID)).Exec(ctx)
	if err != nil {
		return nil, err
	}
	identities, err := tx.client.OAuthAccount.Delete().Where(oauthaccount.UserID(u.ID)).Exec(ctx)
	if err != nil {
		return nil, err
	}
	// The person has just proven to be this user, whom the host's policies want to see.
	self := withIdentity(ctx, &identity{user: u, client: tx.who})
	if err := tx.updateHost(self, u.ID, n.Fields); err != nil {
		return nil, err
	}
	change := tx.client.User.UpdateOne(u).
		SetEmailVerifiedAt(tx.now).SetSessionsValidAfter(tx.now).SetUpdatedAt(tx.now)
	setName(change.Mutation(), name)
	setPicture(change.Mutation(), picture)
	if u, err = change.Save(ctx); err != nil {
		return nil, err
	}
	if tell && credentials+identities > 0 {
		if err := tx.notify(ctx, u, mail.AccountReclaimed, tx.who); err != nil {
			return nil, err
		}
	}
	return u, tx.record(ctx, Event{Kind: EventAccountReclaimed, UserID: u.ID})
}
