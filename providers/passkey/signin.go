package passkey

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/sessions"
)

var (
	errUnknown = errors.New("passkey: no account has this passkey")
	errOther   = errors.New("passkey: it is of another user")
	// Only a registration may bring a credential's data (section 6.1).
	errAttested = errors.New("passkey: an assertion with attested credential data")
	errCounter  = errors.New("passkey: its counter has not grown")
)

// BeginSignIn returns options to sign in with any passkey of this site: they name none, so
// that they are the same for everybody. email is not looked at, unless
// Config.InsecureListCredentials is set. Too many ceremonies from one address are an
// *auth.RetryError.
func (p *Provider) BeginSignIn(ctx context.Context, email string, c auth.Client) (Options, error) {
	if !p.mounted() {
		return Options{}, auth.ErrNotMounted
	}
	if p.cfg.InsecureListCredentials {
		if u, err := p.named(ctx, email); err != nil {
			return Options{}, err
		} else if u != nil {
			return p.beginGet(ctx, c, ceremonySignIn, u, ceremony{UserID: u.ID})
		}
	}
	asked, data, err := p.rp.BeginDiscoverableLogin(webauthn.WithUserVerification(p.cfg.verification()))
	if err != nil {
		return Options{}, err
	}
	return p.begin(ctx, c, ceremonySignIn, ceremony{WebAuthn: *data}, asked.Response)
}

// named returns the user with an address who has a passkey, or nil.
func (p *Provider) named(ctx context.Context, email string) (*ent.User, error) {
	addr, err := address.Parse(email)
	if err != nil {
		return nil, nil
	}
	u, err := p.kit.Users().Query().Where(user.Email(addr.Canonical)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := p.rows(ctx, p.kit.Credentials(), u.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return u, nil
}

// beginGet returns options that name the passkeys of a user.
func (p *Provider) beginGet(ctx context.Context, c auth.Client, name string, u *ent.User, s ceremony) (Options, error) {
	owner, err := p.party(ctx, u)
	if err != nil {
		return Options{}, err
	}
	if len(owner.rows) == 0 {
		return Options{}, auth.ErrNotFound
	}
	asked, data, err := p.rp.BeginLogin(owner, webauthn.WithUserVerification(p.cfg.verification()))
	if err != nil {
		return Options{}, err
	}
	// Which passkey it is gets compared with the user's at the end: that one was added or
	// removed meanwhile is no reason to refuse another.
	data.UserID, data.AllowedCredentialIDs = nil, nil
	s.WebAuthn = *data
	return p.begin(ctx, c, name, s, asked.Response)
}

// FinishSignIn verifies what the browser made of the options, an
// AuthenticationResponseJSON, and signs its owner in. Everything about it that is not right
// is auth.ErrInvalidCredentials, and so is a user who may not be here; a passkey that no
// account has comes with an *auth.DetailError, which tells the browser to forget it. A user
// with a second factor gets an *auth.SecondFactorError.
func (p *Provider) FinishSignIn(ctx context.Context, answer []byte, c auth.Client) (auth.Result, error) {
	r, err := parseResponse(answer)
	if err != nil {
		return auth.Result{}, auth.ErrInvalidRequest
	}
	return p.finishSignIn(ctx, r, c)
}

func (p *Provider) finishSignIn(ctx context.Context, r response, c auth.Client) (auth.Result, error) {
	if !p.mounted() {
		return auth.Result{}, auth.ErrNotMounted
	}
	began, flow, err := p.take(ctx, c, ceremonySignIn, r)
	if err != nil {
		return auth.Result{}, uniform(err)
	}
	row, factors, err := p.verifyUsed(ctx, began, r, c)
	if err != nil {
		owner, refusal := "", error(auth.ErrInvalidCredentials)
		if row != nil {
			owner = row.UserID
		}
		if errors.Is(err, errUnknown) {
			refusal = p.unknown(r)
		}
		return auth.Result{}, uniform(p.refuse(ctx, c, owner, auth.EventSignInFailed, err, refusal))
	}
	res, err := p.kit.Finish(ctx, auth.Proof{
		UserID: row.UserID, Factors: factors, Uses: []auth.Use{auth.UseOf(row.ID, row.Secret)}, Unguessable: true,
	}, c)
	if err != nil {
		return auth.Result{}, uniform(err)
	}
	res.Flow = flow
	return res, nil
}

// uniform makes one refusal of those that would tell something.
func uniform(err error) error {
	for _, told := range []error{auth.ErrInvalidToken, auth.ErrStaleProof, auth.ErrEmailTaken, auth.ErrNotFound} {
		if errors.Is(err, told) {
			return auth.ErrInvalidCredentials
		}
	}
	return err
}

// refuse records a passkey that was not right, and returns the refusal; an error that is
// none of the browser's making goes through.
func (p *Provider) refuse(ctx context.Context, c auth.Client, userID, kind string, err, refusal error) error {
	wrong, ok := errors.AsType[*wrongError](err)
	if !ok {
		return err
	}
	p.kit.Log().InfoContext(ctx, "passkey: refused", "error", explain(wrong.err))
	return p.kit.Failed(ctx, c, userID, kind, refusal)
}

// wrongError is what is wrong with a browser's answer.
type wrongError struct{ err error }

func (e *wrongError) Error() string { return e.err.Error() }
func (e *wrongError) Unwrap() error { return e.err }

// verifyUsed verifies that a passkey has signed a challenge, and returns it with what that
// proves. What is wrong with the answer is a *wrongError; the passkey comes with it if it is
// known.
func (p *Provider) verifyUsed(ctx context.Context, began ceremony, r response, c auth.Client) (*ent.Credential, []sessions.Factor, error) {
	row, err := p.kit.CredentialOf(ctx, r.ID)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return nil, nil, &wrongError{errUnknown}
	case err != nil:
		return nil, nil, err
	}
	data, err := p.used(began, r, row)
	if err != nil {
		return row, nil, &wrongError{err}
	}
	backwards, err := p.kit.Sight(ctx, c, row, sighting(data.Counter, data.Flags), p.cfg.RefuseBackwardsCounter)
	switch {
	case err != nil:
		return row, nil, err
	case backwards && p.cfg.RefuseBackwardsCounter && !stored(row).Flags.BackupEligible: // as Sight sees it
		return row, nil, &wrongError{errCounter}
	}
	return row, p.factors(data.Flags), nil
}

func (p *Provider) used(began ceremony, r response, row *ent.Credential) (protocol.AuthenticatorData, error) {
	var none protocol.AuthenticatorData
	if began.UserID != "" && row.UserID != began.UserID {
		return none, errOther
	}
	raw, err := r.encoded(p.origins, typeGet)
	if err != nil {
		return none, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(raw)
	if err != nil {
		return none, err
	}
	data := parsed.Response.AuthenticatorData
	if data.Flags.HasAttestedCredentialData() {
		return none, errAttested
	}
	known := *row
	// That it may leave its device, and could not before, is recorded and refuses nobody; see
	// Kit.Sight.
	known.Flags = known.Flags&^int64(protocol.FlagBackupEligible) | int64(data.Flags&protocol.FlagBackupEligible)
	owner := party{rows: []*ent.Credential{&known}}
	if row.UserHandle != nil {
		owner.handle = *row.UserHandle
	}
	// Who was found by the passkey has to be named by it, too.
	handle := parsed.Response.UserHandle
	if len(handle) == 0 && began.UserID == "" || len(handle) > 0 && subtle.ConstantTimeCompare(handle, owner.handle) != 1 {
		return none, errOther
	}
	session := began.WebAuthn
	session.UserID = owner.handle
	if _, err := p.rp.ValidateLogin(owner, session, parsed); err != nil {
		return none, err
	}
	return data, nil
}
