package passkey

import (
	"context"
	"encoding/base64"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
)

// Signals are what a browser passes on to authenticators, so that they offer no passkey
// that does not sign in any more (WebAuthn Level 3, section 5.1.10): arguments of the
// methods of PublicKeyCredential that are called so, with "signal" in front.
type Signals struct {
	// AllAcceptedCredentials is for after a passkey was added or deleted.
	AllAcceptedCredentials *AllAcceptedCredentials `json:"allAcceptedCredentials,omitempty"`
	// CurrentUserDetails is for after the user's address or name has changed.
	CurrentUserDetails *CurrentUserDetails `json:"currentUserDetails,omitempty"`
	// UnknownCredential is for a passkey that was offered and that no account has.
	UnknownCredential *UnknownCredential `json:"unknownCredential,omitempty"`
}

// AllAcceptedCredentials are the passkeys of a user. UserID is the user's handle; it and the
// ids are base64url.
type AllAcceptedCredentials struct {
	RPID   string   `json:"rpId"`
	UserID string   `json:"userId"`
	IDs    []string `json:"allAcceptedCredentialIds"`
}

// CurrentUserDetails are what authenticators show of a user: the address, and a name.
type CurrentUserDetails struct {
	RPID        string `json:"rpId"`
	UserID      string `json:"userId"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// UnknownCredential is a passkey that signs nobody in.
type UnknownCredential struct {
	RPID         string `json:"rpId"`
	CredentialID string `json:"credentialId"`
}

// Signals are what browsers may be told of a user's passkeys: in the user's own sessions
// only. Over HTTP they come with GET /passkeys. Nobody's are auth.ErrUnauthenticated.
func (p *Provider) Signals(ctx context.Context, u *ent.User) (Signals, error) {
	switch {
	case !p.mounted():
		return Signals{}, auth.ErrNotMounted
	case u == nil: // auth.UserFrom, of nobody
		return Signals{}, auth.ErrUnauthenticated
	}
	owner, err := p.party(ctx, u)
	if err != nil {
		return Signals{}, err
	}
	rp, id := p.rp.Config.RPID, base64.RawURLEncoding.EncodeToString(owner.handle)
	all := AllAcceptedCredentials{RPID: rp, UserID: id, IDs: []string{}}
	for _, row := range owner.rows {
		all.IDs = append(all.IDs, row.Identifier)
	}
	return Signals{
		AllAcceptedCredentials: &all,
		CurrentUserDetails:     &CurrentUserDetails{RPID: rp, UserID: id, Name: owner.name, DisplayName: owner.display},
	}, nil
}

// unknown is the refusal of a passkey that no account has. Who holds it learns that it is
// not there, and nothing of anybody's address.
func (p *Provider) unknown(r response) error {
	id, err := decode(r.ID)
	if err != nil || len(id) == 0 || len(id) > maxID {
		return auth.ErrInvalidCredentials
	}
	return &auth.DetailError{Err: auth.ErrInvalidCredentials, Member: "signals", Value: Signals{
		UnknownCredential: &UnknownCredential{RPID: p.rp.Config.RPID, CredentialID: r.ID},
	}}
}
