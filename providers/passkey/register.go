package passkey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// maxID is how long the id of a credential may be, in bytes (section 7.1, step 25).
const maxID = 1023

// BeginRegistration returns options to make a passkey for the user of a session. The
// caller makes sure that the session is recent; over HTTP the route does. A user who has
// 64 is ErrTooMany. Too many ceremonies from one address are an *auth.RetryError.
func (p *Provider) BeginRegistration(ctx context.Context, s sessions.Session, c auth.Client) (Options, error) {
	u, err := p.kit.User(ctx, s.UserID)
	if err != nil {
		return Options{}, unauthenticated(err)
	}
	owner, err := p.party(ctx, u)
	switch {
	case err != nil:
		return Options{}, err
	case len(owner.rows) >= maxPasskeys:
		return Options{}, ErrTooMany
	}
	return p.beginCreate(ctx, c, ceremonyRegister, owner, ceremony{UserID: s.UserID, SessionID: s.ID})
}

func (p *Provider) beginCreate(ctx context.Context, c auth.Client, name string, owner party, s ceremony) (Options, error) {
	made, data, err := p.rp.BeginRegistration(owner,
		webauthn.WithCredentialParameters(parameters()), webauthn.WithExclusions(owner.descriptors()))
	if err != nil {
		return Options{}, err
	}
	s.WebAuthn = *data
	return p.begin(ctx, c, name, s, made.Response)
}

// FinishRegistration verifies what the browser made of the options, a
// RegistrationResponseJSON, and adds the passkey to the account of the session that began
// it: auth.ErrInvalidToken if that was another, or the challenge is not there any more;
// auth.ErrInvalidRequest for what cannot be verified; auth.ErrCredentialTaken for a passkey
// that signs in already. name is what its owner calls it, at most 200 bytes; without one it
// gets that of its maker, or "Passkey". The owner is told by mail.
func (p *Provider) FinishRegistration(ctx context.Context, s sessions.Session, answer []byte, name string, c auth.Client) (Passkey, error) {
	r, err := parseResponse(answer)
	if err != nil {
		return Passkey{}, auth.ErrInvalidRequest
	}
	return p.finishRegistration(ctx, s, r, name, c)
}

func (p *Provider) finishRegistration(ctx context.Context, s sessions.Session, r response, name string, c auth.Client) (Passkey, error) {
	if !p.mounted() {
		return Passkey{}, auth.ErrNotMounted
	}
	name, err := cleanName(name)
	if err != nil {
		return Passkey{}, err
	}
	began, _, err := p.take(ctx, c, ceremonyRegister, r)
	if err == nil && (began.UserID != s.UserID || began.SessionID != s.ID) {
		err = auth.ErrInvalidToken
	}
	if err != nil {
		return Passkey{}, err
	}
	made, _, err := p.verifyCreated(ctx, began, r, name)
	if err != nil {
		return Passkey{}, p.kit.Failed(ctx, c, s.UserID, auth.EventOperationRefused, err)
	}
	var row *ent.Credential
	err = p.kit.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		rows, err := p.rows(ctx, tx.Client().Credential, u.ID)
		switch {
		case err != nil:
			return err
		case len(rows) >= maxPasskeys:
			return ErrTooMany
		}
		if err := p.kit.AddCredential(ctx, tx, u.ID, made); err != nil {
			return err
		}
		row, err = tx.Client().Credential.Query().
			Where(credential.UserID(u.ID), credential.Kind(Kind), credential.Identifier(made.Identifier)).
			Only(ctx)
		if err != nil {
			return err
		}
		if err := p.kit.Notify(ctx, tx, u, mail.PasskeyAdded, c); err != nil {
			return err
		}
		if !p.cfg.EndSessionsOnAdd {
			return nil
		}
		return p.kit.SecretChanged(ctx, tx, u, s.ID)
	})
	if err != nil {
		return Passkey{}, err
	}
	return p.passkey(row), nil
}

// verifyCreated verifies a new passkey, and returns it as it is to be stored, with what its
// authenticator proved of its owner. Whatever is wrong is auth.ErrInvalidRequest, and in the
// log.
func (p *Provider) verifyCreated(ctx context.Context, began ceremony, r response, name string) (auth.NewCredential, []sessions.Factor, error) {
	c, err := p.created(began, r)
	if err != nil {
		p.kit.Log().InfoContext(ctx, "passkey: registration refused", "error", explain(err))
		return auth.NewCredential{}, nil, auth.ErrInvalidRequest
	}
	model := modelOf(c.Authenticator.AAGUID)
	if name == "" {
		name = nameOf(model, p.cfg.Names)
	}
	if name == "" {
		name = "Passkey"
	}
	flags := c.Flags.ProtocolValue()
	made := auth.NewCredential{
		Kind: Kind, Identifier: identifier(c.ID), PublicKey: c.PublicKey, Name: name,
		Authenticator: &auth.Authenticator{
			Sighting: sighting(c.Authenticator.SignCount, flags),
			AAGUID:   model, Transports: transports(c.Transport), UserHandle: began.WebAuthn.UserID,
		},
	}
	return made, p.factors(flags), nil
}

func (p *Provider) created(began ceremony, r response) (*webauthn.Credential, error) {
	raw, err := r.encoded(p.origins, typeCreate)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(raw)
	if err != nil {
		return nil, err
	}
	c, err := p.rp.CreateCredential(party{handle: began.WebAuthn.UserID}, began.WebAuthn, parsed)
	if err != nil {
		return nil, err
	}
	if len(c.ID) > maxID || string(c.ID) != string(parsed.RawID) {
		return nil, errors.New("passkey: the credential's id is too long, or another")
	}
	return c, checkKey(c.PublicKey)
}

// told are the flags that are kept: user present, user verified, backup eligible, backed up.
const told = protocol.FlagUserPresent | protocol.FlagUserVerified | protocol.FlagBackupEligible | protocol.FlagBackupState

func sighting(count uint32, flags protocol.AuthenticatorFlags) auth.Sighting {
	return auth.Sighting{Count: count, Flags: uint8(flags & told)}
}

// modelOf is an AAGUID as a lower-case UUID; "" if it says nothing.
func modelOf(id []byte) string {
	if len(id) != 16 || [16]byte(id) == [16]byte{} {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// factors are what a use of a passkey proves.
func (p *Provider) factors(flags protocol.AuthenticatorFlags) []sessions.Factor {
	now := p.kit.Now()
	list := []sessions.Factor{{Kind: Kind, At: now}}
	if flags.HasUserVerified() {
		list = append(list, sessions.Factor{Kind: FactorVerified, At: now})
	}
	return list
}

// known are the transports there are (section 5.8.4); of others nothing is kept.
var known = []protocol.AuthenticatorTransport{
	protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
}

func transports(of []protocol.AuthenticatorTransport) string {
	var list []string
	for _, t := range known {
		if slices.Contains(of, t) {
			list = append(list, string(t))
		}
	}
	return strings.Join(list, " ")
}

// explain is what an error of the library's says to those who read logs.
func explain(err error) string {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return e.Details + ": " + e.DevInfo
	}
	return err.Error()
}

func unauthenticated(err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return auth.ErrUnauthenticated
	}
	return err
}
