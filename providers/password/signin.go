package password

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/address"
	"github.com/torii-go/torii/sessions"
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string
	Password string
	// NewPassword replaces a password that must be changed; it is looked at only then.
	NewPassword string
}

// SignIn signs a user in. Whatever is wrong with the credentials is
// auth.ErrInvalidCredentials, after the same work. Too many tries are an
// *auth.RetryError; a user with a second factor is an *auth.SecondFactorError; a
// password that is right but must be replaced is auth.ErrPasswordChangeRequired.
func (p *Provider) SignIn(ctx context.Context, in Credentials, c auth.Client) (auth.Result, error) {
	done, err := p.turns.wait(ctx, identifier(in.Email))
	if err != nil {
		return auth.Result{}, err
	}
	defer done()
	leave, err := p.kit.Admit(ctx)
	if err != nil {
		return auth.Result{}, err
	}
	defer leave()
	u, row, err := p.lookup(ctx, in.Email)
	if err != nil {
		return auth.Result{}, err
	}
	try, err := p.kit.Attempt(ctx, c, auth.Subject{Factor: Kind, User: u, Identifier: identifier(in.Email)})
	if err != nil {
		return auth.Result{}, err
	}
	for retries := 3; ; retries-- {
		res, err := p.verify(ctx, in, u, row, try, c)
		if !errors.Is(err, auth.ErrStaleProof) || retries == 0 {
			return res, err
		}
		// Replaced between the look-up and the door: what counts is what is there now.
		if u, row, err = p.lookup(ctx, in.Email); err != nil {
			return auth.Result{}, err
		}
	}
}

func (p *Provider) verify(ctx context.Context, in Credentials, u *ent.User, row *ent.Credential, try auth.Attempt, c auth.Client) (auth.Result, error) {
	refuse := func(err error) (auth.Result, error) {
		return auth.Result{}, p.kit.Refuse(ctx, c, try, auth.EventSignInFailed, err)
	}
	match, weak, err := p.match(ctx, row, in.Password)
	switch {
	case err != nil:
		return refuse(err)
	case !match, !p.kit.MayEnter(u): // before anything could tell that a password is right
		return refuse(auth.ErrInvalidCredentials)
	}
	proof := auth.Proof{
		Factors:  []sessions.Factor{{Kind: Kind, At: p.kit.Now()}},
		UserID:   u.ID,
		Uses:     []auth.Use{auth.UseOf(row.ID, row.Secret)},
		Attempts: []auth.Attempt{try},
	}
	if row.ChangeRequiredAt != nil {
		replacement, err := p.replace(ctx, in, u, row)
		if err != nil {
			return refuse(err)
		}
		proof.Replace = []auth.Replacement{replacement}
	}
	res, err := p.kit.Finish(ctx, proof, c)
	if (err == nil || errors.Is(err, auth.ErrSecondFactorRequired)) && weak && proof.Replace == nil {
		p.rehash(ctx, row, in.Password)
	}
	return res, err
}

// lookup finds the user of an address and the password, asking as much for an address
// without an account.
func (p *Provider) lookup(ctx context.Context, email string) (*ent.User, *ent.Credential, error) {
	var u *ent.User
	id := ""
	addr, err := address.Parse(email)
	if err == nil {
		found, err := p.kit.Users().Query().Where(user.Email(addr.Canonical)).Only(ctx)
		switch {
		case err == nil:
			u, id = found, found.ID
		case !ent.IsNotFound(err):
			return nil, nil, err
		}
	}
	row, err := p.find(ctx, id)
	return u, row, err
}

// identifier is what an address is counted as: however it is spelled, it is one.
func identifier(email string) string {
	if addr, err := address.Parse(email); err == nil {
		return addr.Canonical
	}
	return email
}

// match verifies a password against a row that may not be there, at the same cost.
func (p *Provider) match(ctx context.Context, row *ent.Credential, password string) (match, weak bool, err error) {
	stored := ""
	if row != nil {
		stored = row.Secret
	}
	// What is longer than any password here, however it is spelled, matches nothing: a
	// megabyte is neither normalised nor hashed.
	if utf8.RuneCountInString(password) <= 4*maxLength {
		password = normalize(password)
	}
	if utf8.RuneCountInString(password) > maxLength {
		password = ""
	}
	match, weak, err = p.kit.Verify(ctx, stored, password)
	return match && password != "", weak, err
}

// replace prepares the new secret of a password that must be changed.
func (p *Provider) replace(ctx context.Context, in Credentials, u *ent.User, row *ent.Credential) (auth.Replacement, error) {
	if in.NewPassword == "" {
		return auth.Replacement{}, auth.ErrPasswordChangeRequired
	}
	code := p.judge(in.NewPassword, contextOfUser(u)...)
	if code == "" && normalize(in.NewPassword) == normalize(in.Password) {
		code = CodeGuessable // the compromised one again
	}
	if code != "" {
		return auth.Replacement{}, auth.InvalidField("new_password", code)
	}
	hash, err := p.kit.Hash(ctx, normalize(in.NewPassword))
	return auth.Replacement{ID: row.ID, Old: row.Secret, New: hash}, err
}

func (p *Provider) rehash(ctx context.Context, row *ent.Credential, password string) {
	if hash, err := p.kit.Hash(ctx, normalize(password)); err == nil {
		p.kit.Rehash(ctx, auth.Replacement{ID: row.ID, Old: row.Secret, New: hash})
	}
}

// StepUp implements [auth.StepUpper]: the member "password" of POST /step-up.
func (p *Provider) StepUp(ctx context.Context, c auth.Client, u *ent.User, decode func(any) error) (sessions.Factor, error) {
	var body struct {
		Password *string `json:"password"`
	}
	if err := decode(&body); err != nil {
		return sessions.Factor{}, err
	}
	if body.Password == nil {
		return sessions.Factor{}, auth.ErrNotMine
	}
	return p.reauthenticate(ctx, c, u, *body.Password)
}

// reauthenticate is confirm for a factor: a password that must be changed proves
// nothing any more.
func (p *Provider) reauthenticate(ctx context.Context, c auth.Client, u *ent.User, password string) (sessions.Factor, error) {
	row, err := p.confirm(ctx, c, u, password, auth.EventStepUpFailed)
	switch {
	case err != nil:
		return sessions.Factor{}, err
	case row.ChangeRequiredAt != nil:
		return sessions.Factor{}, auth.ErrPasswordChangeRequired
	}
	return sessions.Factor{Kind: Kind, At: p.kit.Now()}, nil
}

// Reauthenticate is POST /step-up with a password: it verifies the password of a
// session's user, makes the session recent and gives it a new token. A wrong one is
// auth.ErrWrongPassword, counted like a try to sign in.
func (p *Provider) Reauthenticate(ctx context.Context, s sessions.Session, password string, c auth.Client) (auth.Result, error) {
	u, err := p.kit.User(ctx, s.UserID)
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return auth.Result{}, auth.ErrUnauthenticated
	case err != nil:
		return auth.Result{}, err
	}
	factor, err := p.reauthenticate(ctx, c, u, password)
	if err != nil {
		return auth.Result{}, err
	}
	return p.kit.StepUp(ctx, c, s, factor)
}

// confirm verifies the password of somebody who is signed in, and counts the try like
// one to sign in. It returns the row that matched.
func (p *Provider) confirm(ctx context.Context, c auth.Client, u *ent.User, password, failure string) (*ent.Credential, error) {
	leave, err := p.kit.Admit(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	row, err := p.find(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	try, err := p.kit.Attempt(ctx, c, auth.Subject{Factor: Kind, User: u})
	if err != nil {
		return nil, err
	}
	match, _, err := p.match(ctx, row, password)
	switch {
	case err != nil:
		return nil, p.kit.Refuse(ctx, c, try, failure, err)
	case !match:
		return nil, p.kit.Refuse(ctx, c, try, failure, auth.ErrWrongPassword)
	}
	p.kit.Succeed(ctx, try)
	return row, nil
}
