package password

import (
	"context"
	"errors"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// Change replaces the password of the user of a session. The current one is verified
// and counted like a try to sign in: auth.ErrWrongPassword. The session gets a new
// token, all others end, and its owner is told by mail. A new password that is not
// acceptable is an *auth.FieldsError.
// A user without a password is auth.ErrNotFound; see SetFirst.
func (p *Provider) Change(ctx context.Context, s sessions.Session, current, replacement string, c auth.Client) (auth.Result, error) {
	u, hash, err := p.prepare(ctx, s.UserID, "new_password", replacement)
	if err != nil {
		return auth.Result{}, err
	}
	row, err := p.confirm(ctx, c, u, current, auth.EventOperationRefused)
	if err != nil {
		return auth.Result{}, err
	}
	secret, err := hash()
	if err != nil {
		return auth.Result{}, err
	}
	var res auth.Result
	err = p.kit.Transact(ctx, c, u.ID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		if err := p.kit.ReplaceSecret(ctx, tx, u.ID, auth.Replacement{ID: row.ID, Old: row.Secret, New: secret}); err != nil {
			return err
		}
		if err := p.kit.Notify(ctx, tx, u, mail.PasswordChanged, c); err != nil {
			return err
		}
		return p.kit.SecretRenewed(ctx, tx, u, s, c, sessions.Factor{Kind: Kind, At: tx.Now()}, &res)
	})
	if errors.Is(err, auth.ErrStaleProof) {
		return auth.Result{}, auth.ErrWrongPassword // changed by somebody else a moment ago
	}
	return res, err
}

// SetFirst gives a user who has no password one, on the word of a session: the caller
// makes sure that it is recent. The session gets a new token, all others end. A user
// who has a password is auth.ErrWrongPassword: that one is needed to change it.
func (p *Provider) SetFirst(ctx context.Context, s sessions.Session, password string, c auth.Client) (auth.Result, error) {
	u, hash, err := p.prepare(ctx, s.UserID, "new_password", password)
	if err != nil {
		return auth.Result{}, err
	}
	secret, err := hash()
	if err != nil {
		return auth.Result{}, err
	}
	var res auth.Result
	err = p.kit.Transact(ctx, c, u.ID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		has, err := p.In(tx).find(ctx, u.ID)
		switch {
		case err != nil:
			return err
		case has != nil:
			return auth.ErrWrongPassword
		}
		if err := p.kit.AddCredential(ctx, tx, u.ID, auth.NewCredential{Kind: Kind, Secret: secret}); err != nil {
			return err
		}
		return p.kit.SecretRenewed(ctx, tx, u, s, c, sessions.Factor{Kind: Kind, At: tx.Now()}, &res)
	})
	return res, err
}

// Set gives a user a password on the host's own word, whatever there was before, and
// ends all sessions: for an administrator's tool. An unknown user is auth.ErrNotFound.
func (p *Provider) Set(ctx context.Context, userID, password string) error {
	_, hash, err := p.prepare(ctx, userID, "password", password)
	if err != nil {
		return err
	}
	secret, err := hash()
	if err != nil {
		return err
	}
	return p.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return p.In(tx).set(ctx, u, secret)
	})
}

// Set is [Provider.Set] in this transaction. The hash is made while it is open.
func (t Tx) Set(ctx context.Context, userID, password string) error {
	return t.tx.Step(ctx, userID, func() error {
		// The lock first: a sign-in with the old password waits, and then sees the new one.
		u, err := t.tx.Lock(ctx, userID)
		if err != nil {
			return err
		}
		if code := t.p.judge(password, contextOfUser(u)...); code != "" {
			return auth.InvalidField("password", code)
		}
		secret, err := t.p.kit.Hash(ctx, normalize(password))
		if err != nil {
			return err
		}
		return t.set(ctx, u, secret)
	})
}

func (t Tx) set(ctx context.Context, u *ent.User, secret string) error {
	row, err := t.find(ctx, u.ID)
	switch {
	case err != nil:
		return err
	case row == nil:
		err = t.p.kit.AddCredential(ctx, t.tx, u.ID, auth.NewCredential{Kind: Kind, Secret: secret})
	default:
		err = t.p.kit.ReplaceSecret(ctx, t.tx, u.ID, auth.Replacement{ID: row.ID, Old: row.Secret, New: secret})
	}
	if err != nil {
		return err
	}
	return t.p.kit.SecretChanged(ctx, t.tx, u)
}

// Remove takes a user's password away, on the word of a session: the caller makes sure
// that it is recent. Other sessions end. The last way to sign in stays:
// auth.ErrLastSignInMethod. A user without a password is auth.ErrNotFound.
func (p *Provider) Remove(ctx context.Context, s sessions.Session, c auth.Client) error {
	return p.kit.Transact(ctx, c, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		row, err := p.In(tx).find(ctx, u.ID)
		switch {
		case err != nil:
			return err
		case row == nil:
			return auth.ErrNotFound
		}
		if err := p.kit.RemoveCredential(ctx, tx, u.ID, row.ID); err != nil {
			return err
		}
		return p.kit.SecretChanged(ctx, tx, u, s.ID)
	})
}

// RequireChange says that a user's password is known to be compromised: all sessions
// end, and the password signs in only together with its replacement. A user without
// one is auth.ErrNotFound. There is no other way in which a password expires.
func (p *Provider) RequireChange(ctx context.Context, userID string) error {
	return p.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return p.kit.RequireChange(ctx, tx, u)
	})
}

// prepare loads a user and judges a new password, which a refusal calls field. The hash
// is made by the function it returns, after whatever else could refuse.
func (p *Provider) prepare(ctx context.Context, userID, field, password string) (*ent.User, func() (string, error), error) {
	u, err := p.kit.User(ctx, userID)
	if err != nil {
		return nil, nil, err
	}
	if code := p.judge(password, contextOfUser(u)...); code != "" {
		return nil, nil, auth.InvalidField(field, code)
	}
	return u, func() (string, error) { return p.kit.Hash(ctx, normalize(password)) }, nil
}

// find is Provider.find in this transaction.
func (t Tx) find(ctx context.Context, userID string) (*ent.Credential, error) {
	return findIn(ctx, t.tx.Client().Credential, userID)
}

func contextOfUser(u *ent.User) []string {
	name := ""
	if u.Name != nil {
		name = *u.Name
	}
	return append(contextOf(u.Email, name), u.EmailEntered)
}
