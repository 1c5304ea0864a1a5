package passkey

import (
	"context"
	"crypto/rand"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/address"
)

// handleLength is that of what authenticators know a user as, in bytes: as long as it may
// be (section 5.4.3).
const handleLength = 64

// SignUp is what somebody signs up with, beside a passkey.
type SignUp struct {
	Email string `json:"email"`
	// Name is optional. Authenticators show it, or else the address.
	Name string `json:"name,omitempty"`
	// Fields are values for fields of the host's User; see auth.NewUser.
	Fields map[string]any `json:"fields,omitempty"`
	// ReturnTo is where the browser goes when the mail of a sign-up that waits has been
	// answered: a path of the site; anything else is dropped.
	ReturnTo string `json:"return_to,omitempty"`
}

// BeginSignUp returns options to make a passkey for a new account. Whether the address has
// an account is not told, and not looked up. Fields that are not acceptable are an
// *auth.FieldsError that names them all.
func (p *Provider) BeginSignUp(ctx context.Context, in SignUp, c auth.Client) (Options, error) {
	if !p.mounted() {
		return Options{}, auth.ErrNotMounted
	}
	fields := map[string]string{}
	addr, err := address.Parse(in.Email)
	if err != nil {
		fields["email"] = "invalid_email"
	}
	if !auth.ValidName(in.Name) {
		fields["name"] = "invalid_name"
	}
	if len(fields) > 0 {
		return Options{}, &auth.FieldsError{Fields: fields}
	}
	in.ReturnTo = auth.ReturnTo(in.ReturnTo, "")
	// What the host refuses is told before the device has made a passkey for nothing.
	if err := p.kit.Rehearse(ctx, c, in.claims()); err != nil {
		return Options{}, err
	}
	handle := make([]byte, handleLength)
	rand.Read(handle)
	owner := party{handle: handle, name: addr.Canonical, display: addr.Canonical}
	if in.Name != "" {
		owner.display = in.Name
	}
	return p.beginCreate(ctx, c, ceremonySignUp, owner, ceremony{SignUp: &in})
}

func (in SignUp) claims() auth.Claims {
	return auth.Claims{Email: in.Email, Name: in.Name, Fields: in.Fields, Asked: true}
}

// FinishSignUp verifies what the browser made of the options, a RegistrationResponseJSON,
// and makes the account with its passkey: user, passkey, session and event in one
// transaction. It ends as Register of providers/password does: where addresses are proven
// first in auth.ErrCheckEmail, whoever has the address; elsewhere an address that has an
// account is auth.ErrInvalidCredentials. The other errors are those of FinishRegistration.
func (p *Provider) FinishSignUp(ctx context.Context, answer []byte, c auth.Client) (auth.Result, error) {
	r, err := parseResponse(answer)
	if err != nil {
		return auth.Result{}, auth.ErrInvalidRequest
	}
	return p.finishSignUp(ctx, r, "", c)
}

func (p *Provider) finishSignUp(ctx context.Context, r response, name string, c auth.Client) (auth.Result, error) {
	if !p.mounted() {
		return auth.Result{}, auth.ErrNotMounted
	}
	name, err := cleanName(name)
	if err != nil {
		return auth.Result{}, err
	}
	began, flow, err := p.take(ctx, c, ceremonySignUp, r)
	if err == nil && began.SignUp == nil {
		err = auth.ErrInvalidToken
	}
	if err != nil {
		return auth.Result{}, err
	}
	made, factors, err := p.verifyCreated(ctx, began, r, name)
	if err != nil {
		return auth.Result{}, p.kit.Failed(ctx, c, "", auth.EventSignInFailed, err)
	}
	try, err := p.kit.Attempt(ctx, c, auth.Subject{Factor: Kind, NewAccount: true})
	if err != nil {
		return auth.Result{}, err
	}
	if _, err := p.kit.CredentialOf(ctx, made.Identifier); err == nil {
		return auth.Result{}, p.kit.Refuse(ctx, c, try, auth.EventOperationRefused, auth.ErrCredentialTaken)
	}
	if err := p.kit.RestoreFields(began.SignUp.Fields); err != nil {
		return auth.Result{}, err
	}
	claims := began.SignUp.claims()
	res, err := p.kit.Finish(ctx, auth.Proof{
		Factors: factors, Claims: &claims, Credentials: []auth.NewCredential{made},
		Attempts: []auth.Attempt{try}, ReturnTo: began.SignUp.ReturnTo,
	}, c)
	if err != nil {
		return auth.Result{}, uniform(err)
	}
	res.Flow = flow
	return res, nil
}
