package passkey

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
)

// party is the other side of a ceremony, as the library knows it.
type party struct {
	handle        []byte
	name, display string
	rows          []*ent.Credential
}

var _ webauthn.User = party{}

func (u party) WebAuthnID() []byte          { return u.handle }
func (u party) WebAuthnName() string        { return u.name }
func (u party) WebAuthnDisplayName() string { return u.display }

// WebAuthnCredentials are the user's passkeys.
func (u party) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, 0, len(u.rows))
	for _, row := range u.rows {
		list = append(list, stored(row))
	}
	return list
}

// descriptors name the passkeys to a browser.
func (u party) descriptors() []protocol.CredentialDescriptor {
	list := make([]protocol.CredentialDescriptor, 0, len(u.rows))
	for _, c := range u.WebAuthnCredentials() {
		list = append(list, c.Descriptor())
	}
	return list
}

// stored is a row as the library knows it.
func stored(row *ent.Credential) webauthn.Credential {
	id, _ := base64.RawURLEncoding.DecodeString(row.Identifier) // as it was encoded
	c := webauthn.Credential{
		ID:            id,
		Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(row.Flags)), // #nosec G115 -- one byte, widened
		Authenticator: webauthn.Authenticator{SignCount: uint32(row.SignCount)},            // #nosec G115 -- 32 bits, widened
	}
	if row.PublicKey != nil {
		c.PublicKey = *row.PublicKey
	}
	for t := range strings.FieldsSeq(row.Transports) {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// identifier is the id of a passkey as it is stored.
func identifier(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// party returns a user with the passkeys there are. Authenticators that know the user
// already go on knowing the same.
func (p *Provider) party(ctx context.Context, u *ent.User) (party, error) {
	rows, err := p.rows(ctx, p.kit.Credentials(), u.ID)
	if err != nil {
		return party{}, err
	}
	party := party{handle: p.kit.UserHandle(u.ID), name: u.Email, display: u.Email, rows: rows}
	if u.Name != nil && *u.Name != "" {
		party.display = *u.Name
	}
	for _, row := range rows {
		if row.UserHandle != nil && len(*row.UserHandle) > 0 {
			party.handle = *row.UserHandle
			break
		}
	}
	return party, nil
}

// rows are the passkeys of a user, the newest first.
func (p *Provider) rows(ctx context.Context, c *ent.CredentialClient, userID string) ([]*ent.Credential, error) {
	if !p.mounted() {
		return nil, auth.ErrNotMounted
	}
	return c.Query().
		Where(credential.UserID(userID), credential.Kind(Kind)).
		Order(ent.Desc(credential.FieldCreatedAt), ent.Desc(credential.FieldID)).
		All(ctx)
}

// algorithms are those a passkey may sign with, the best known first: ES256, EdDSA, RS256.
var algorithms = []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256}

func parameters() []protocol.CredentialParameter {
	list := make([]protocol.CredentialParameter, 0, len(algorithms))
	for _, alg := range algorithms {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: alg})
	}
	return list
}
