package passkey

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// maxName is how long a passkey's name may be, in bytes.
const maxName = 200

// Passkey is a passkey of somebody's, as its owner sees it.
type Passkey struct {
	// ID is Torii's, for Rename and Delete.
	ID string
	// CredentialID is what browsers and authenticators call it, in base64url.
	CredentialID string
	// Name is what its owner calls it.
	Name string
	// Provider is who made it, as "iCloud Keychain", as far as that is known.
	Provider string
	// AAGUID is the model of its authenticator, a lower-case UUID, or "". Nobody vouches for
	// it.
	AAGUID string
	// Transports are the ways to reach it: "internal", "hybrid", "usb".
	Transports []string
	// Synced is true if it may be on several devices; BackedUp if it is, as of its last use.
	Synced, BackedUp bool
	CreatedAt        time.Time
	// LastUsedAt is zero for a passkey that has not signed in yet.
	LastUsedAt time.Time
}

func (p *Provider) passkey(row *ent.Credential) Passkey {
	flags := protocol.AuthenticatorFlags(row.Flags) // #nosec G115 -- one byte, widened
	k := Passkey{
		ID: row.ID, CredentialID: row.Identifier, Name: row.Name,
		Provider: nameOf(row.Aaguid, p.cfg.Names), AAGUID: row.Aaguid, Transports: strings.Fields(row.Transports),
		Synced: flags.HasBackupEligible(), BackedUp: flags.HasBackupState(), CreatedAt: row.CreatedAt,
	}
	if row.LastUsedAt != nil {
		k.LastUsedAt = *row.LastUsedAt
	}
	return k
}

// Passkeys lists those of a user, the newest first.
func (p *Provider) Passkeys(ctx context.Context, userID string) ([]Passkey, error) {
	if !p.mounted() {
		return nil, auth.ErrNotMounted
	}
	rows, err := p.rows(ctx, p.kit.Credentials(), userID)
	if err != nil {
		return nil, err
	}
	list := make([]Passkey, 0, len(rows))
	for _, row := range rows {
		list = append(list, p.passkey(row))
	}
	return list, nil
}

// Rename gives a passkey of the user of a session another name, at most 200 bytes and not
// empty. One that is not there, or another user's, is auth.ErrNotFound. The caller makes
// sure that the session is recent.
func (p *Provider) Rename(ctx context.Context, s sessions.Session, id, name string, c auth.Client) (Passkey, error) {
	if !p.mounted() {
		return Passkey{}, auth.ErrNotMounted
	}
	name, err := cleanName(name)
	if err == nil && name == "" {
		err = auth.InvalidField("name", "invalid_name")
	}
	if err != nil {
		return Passkey{}, err
	}
	var row *ent.Credential
	err = p.kit.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		row, err = p.find(ctx, tx, u.ID, id)
		if err != nil {
			return err
		}
		row.Name = name
		return p.kit.RenameCredential(ctx, tx, u.ID, row.ID, name)
	})
	if err != nil {
		return Passkey{}, err
	}
	return p.passkey(row), nil
}

// Delete takes a passkey of the user of a session away, and the user's other sessions with
// it, unless Config.KeepSessionsOnDelete is set; where sessions are stateless, or in a store
// of their own, that is this one, too. The last way to sign in stays:
// auth.ErrLastSignInMethod. One that is not there, or another user's, is auth.ErrNotFound.
// The owner is told by mail. The caller makes sure that the session is recent. A device goes
// on offering the passkey until the browser is told; see Signals.
func (p *Provider) Delete(ctx context.Context, s sessions.Session, id string, c auth.Client) error {
	if !p.mounted() {
		return auth.ErrNotMounted
	}
	return p.kit.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		row, err := p.find(ctx, tx, u.ID, id)
		if err != nil {
			return err
		}
		if err := p.kit.RemoveCredential(ctx, tx, u.ID, row.ID); err != nil {
			return err
		}
		if err := p.kit.Notify(ctx, tx, u, mail.PasskeyRemoved, c); err != nil {
			return err
		}
		if p.cfg.KeepSessionsOnDelete {
			return nil
		}
		return p.kit.SecretChanged(ctx, tx, u, s.ID)
	})
}

// find returns a passkey of a user by its id, or auth.ErrNotFound.
func (p *Provider) find(ctx context.Context, tx *auth.Tx, userID, id string) (*ent.Credential, error) {
	if !strings.HasPrefix(id, "crd_") || len(id) > 40 {
		return nil, auth.ErrNotFound
	}
	row, err := tx.Client().Credential.Query().
		Where(credential.ID(id), credential.UserID(userID), credential.Kind(Kind)).
		Only(ctx)
	if ent.IsNotFound(err) {
		err = auth.ErrNotFound
	}
	return row, err
}

// cleanName is a name as it is stored: at most 200 bytes of UTF-8, without control and
// format characters and spaces around it.
func cleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", auth.InvalidField("name", "invalid_name")
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name))
	if len(name) > maxName {
		return "", auth.InvalidField("name", "invalid_name")
	}
	return name, nil
}
