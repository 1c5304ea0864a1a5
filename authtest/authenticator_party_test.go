package authtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/authtest"
)

// account is a user of a relying party.
type account struct {
	id   []byte
	name string
	keys []webauthn.Credential
}

func (u *account) WebAuthnID() []byte                         { return u.id }
func (u *account) WebAuthnName() string                       { return u.name }
func (u *account) WebAuthnDisplayName() string                { return u.name }
func (u *account) WebAuthnCredentials() []webauthn.Credential { return u.keys }

// party is a relying party that asks go-webauthn and nothing else.
type party struct {
	web          *webauthn.WebAuthn
	user         *account
	offered      []protocol.CredentialParameter
	verification protocol.UserVerificationRequirement
	resident     protocol.ResidentKeyRequirement
	exclude      bool
	answer       []byte // the authenticator's last
}

func newParty(t *testing.T) *party {
	t.Helper()
	web, err := webauthn.New(&webauthn.Config{RPID: "app.example", RPDisplayName: "App", RPOrigins: []string{authtest.Origin}})
	if err != nil {
		t.Fatal(err)
	}
	return &party{
		web: web, user: &account{id: bytes.Repeat([]byte{7}, 64), name: "ann@example.com"}, offered: offer(-7, -8, -257),
		verification: protocol.VerificationRequired, resident: protocol.ResidentKeyRequirementRequired,
	}
}

func offer(algorithms ...int) []protocol.CredentialParameter {
	var list []protocol.CredentialParameter
	for _, n := range algorithms {
		p := protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType}
		if err := json.Unmarshal(fmt.Append(nil, n), &p.Algorithm); err != nil {
			panic(err)
		}
		list = append(list, p)
	}
	return list
}

// marshal is what a begin route answers, with a member of its own.
func marshal(t *testing.T, options any) []byte {
	t.Helper()
	raw, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(`{"flow":"f",`), raw[1:]...)
}

// failure is everything that go-webauthn says, its reasons' reasons too.
func failure(err error) error {
	var said []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		said = append(said, e.Error())
		if e, ok := e.(*protocol.Error); ok {
			said = append(said, e.DevInfo)
		}
	}
	if err == nil {
		return nil
	}
	return errors.New(strings.Join(said, ": "))
}

// unparsed is failure for what cannot be parsed: of that the library keeps the reason to
// itself.
func unparsed(answer []byte, err error) error {
	var r protocol.CredentialCreationResponse
	if json.Unmarshal(answer, &r) == nil && len(r.AttestationResponse.AttestationObject) > 0 {
		if _, reason := r.AttestationResponse.Parse(); reason != nil {
			err = reason
		}
	}
	return failure(err)
}

// register makes a passkey and keeps it. The first error is the authenticator's.
func (p *party) register(t *testing.T, a *authtest.Authenticator) (c *webauthn.Credential, refused, failed error) {
	t.Helper()
	options := []webauthn.RegistrationOption{
		webauthn.WithCredentialParameters(p.offered),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: p.resident, UserVerification: p.verification}),
		webauthn.WithExtensions(webauthn.WithExtensionCredProps()),
	}
	if p.exclude {
		options = append(options, webauthn.WithExclusions(webauthn.Credentials(p.user.keys).CredentialDescriptors()))
	}
	begun, session, err := p.web.BeginRegistration(p.user, options...)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Create(marshal(t, begun))
	if err != nil {
		return nil, err, nil
	}
	p.answer = answer
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, nil, unparsed(answer, err)
	}
	if c, err = p.web.CreateCredential(p.user, *session, parsed); err != nil {
		return nil, nil, failure(err)
	}
	p.user.keys = append(p.user.keys, *c)
	return c, nil, nil
}

// signIn signs in, without saying who unless the keys are listed.
func (p *party) signIn(t *testing.T, a *authtest.Authenticator, listed bool) (c *webauthn.Credential, refused, failed error) {
	t.Helper()
	begin := func() (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
		if listed {
			return p.web.BeginLogin(p.user, webauthn.WithUserVerification(p.verification))
		}
		return p.web.BeginDiscoverableLogin(webauthn.WithUserVerification(p.verification))
	}
	begun, session, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Get(marshal(t, begun))
	if err != nil {
		return nil, err, nil
	}
	p.answer = answer
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, nil, failure(err)
	}
	if listed {
		c, err = p.web.ValidateLogin(p.user, *session, parsed)
		return c, nil, failure(err)
	}
	_, c, err = p.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(handle, p.user.id) {
			return nil, errors.New("nobody has this user handle")
		}
		return p.user, nil
	}, *session, parsed)
	return c, nil, failure(err)
}
