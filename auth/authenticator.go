package auth

import (
	"context"
	"crypto/sha512"
	"errors"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/internal/token"
)

// Authenticator is what a device says of itself when it makes a credential.
type Authenticator struct {
	Sighting
	// AAGUID is its model, as a lower-case UUID.
	AAGUID string `json:"aaguid,omitempty"`
	// Transports are the ways to reach it, joined by spaces: "internal hybrid".
	Transports string `json:"transports,omitempty"`
	// UserHandle is what it knows the user as; see Kit.UserHandle.
	UserHandle []byte `json:"user_handle,omitempty"`
}

// Sighting is what a device says of itself each time it signs.
type Sighting struct {
	// Count is how often it has signed, or 0 always.
	Count uint32 `json:"count,omitempty"`
	// Flags are those of its data (WebAuthn Level 3, section 6.1).
	Flags uint8 `json:"flags,omitempty"`
}

// follows tells whether a counter has gone on since: one that is 0 stays.
func (s Sighting) follows(stored int64) bool {
	return int64(s.Count) > stored || s.Count == 0 && stored == 0
}

// backupEligible is the flag of a credential that may leave its device.
const backupEligible = 1 << 3

// describe writes what made a credential. One that is there already is another's, or the
// same one again: ErrCredentialTaken.
func (tx *Tx) describe(ctx context.Context, create *ent.CredentialCreate, n NewCredential) error {
	there, err := tx.client.Credential.Query().Where(credential.IdentifierHash(identifierHash(n.Kind, n.Identifier))).Exist(ctx)
	switch {
	case err != nil:
		return err
	case there:
		return ErrCredentialTaken
	}
	by := n.Authenticator
	create.SetSignCount(int64(by.Count)).SetFlags(int64(by.Flags)).SetAaguid(by.AAGUID).SetTransports(by.Transports)
	if by.UserHandle != nil {
		create.SetUserHandle(by.UserHandle)
	}
	return nil
}

// CredentialOf returns the provider's credential with an identifier, or ErrNotFound.
func (k Kit) CredentialOf(ctx context.Context, identifier string) (*ent.Credential, error) {
	if k.a == nil {
		return nil, ErrNotMounted
	}
	row, err := k.a.client.Credential.Query().Where(credential.IdentifierHash(identifierHash(k.provider, identifier))).Only(ctx)
	if ent.IsNotFound(err) {
		err = ErrNotFound
	}
	return row, err
}

// UserHandle is what authenticators know a user as: 64 bytes that say nothing of the user
// and cannot be told from the id. They are the same each time, as long as Config.Secrets
// begins with the same secret.
func (k Kit) UserHandle(userID string) []byte {
	sum := sha512.Sum512(k.a.keys.MAC(token.PurposeHandle, []byte(userID)))
	return sum[:]
}

// Sight keeps what a device said of itself when it signed with a credential, and tells
// whether its counter has gone backwards, or stood still: what a copy of the device does,
// and one that was reset. That is an event; so is a change of whether the credential may
// leave its device. With strict, a counter that has gone backwards on a device that keeps
// its keys is not kept: the next one is measured against the same.
func (k Kit) Sight(ctx context.Context, c Client, row *ent.Credential, s Sighting, strict bool) (backwards bool, err error) {
	if k.a == nil {
		return false, ErrNotMounted
	}
	if s.Count == 0 && row.SignCount == 0 && row.Flags == int64(s.Flags) {
		return false, nil // as nearly always: synced credentials do not count
	}
	err = k.a.atomically(ctx, c, Event{Kind: EventOperationRefused, UserID: row.UserID, Provider: k.provider}, func(ctx context.Context, tx *Tx) error {
		backwards = false
		if _, err := tx.Lock(ctx, row.UserID); err != nil {
			return err
		}
		now, err := tx.client.Credential.Get(ctx, row.ID)
		if ent.IsNotFound(err) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		backwards = !s.follows(now.SignCount)
		if backwards {
			if err := tx.record(ctx, Event{Kind: EventCounterBackwards, UserID: row.UserID, Provider: k.provider}); err != nil {
				return err
			}
			if strict && now.Flags&backupEligible == 0 {
				return nil
			}
		}
		if (now.Flags^int64(s.Flags))&backupEligible != 0 {
			if err := tx.record(ctx, Event{Kind: EventBackupChanged, UserID: row.UserID, Provider: k.provider}); err != nil {
				return err
			}
		}
		return tx.client.Credential.Update().Where(credential.ID(row.ID)).
			SetSignCount(int64(s.Count)).SetFlags(int64(s.Flags)).Exec(ctx)
	})
	if errors.Is(err, ErrNotFound) {
		err = ErrInvalidCredentials // removed, or its user was, a moment ago
	}
	return backwards, err
}

// Used notes that a credential has proven its user outside of a sign-in, whose door does it.
func (k Kit) Used(ctx context.Context, row *ent.Credential) error {
	return k.a.client.Credential.Update().Where(credential.ID(row.ID)).SetLastUsedAt(k.a.now()).Exec(ctx)
}
