package password

import (
	"context"
	"slices"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// Rejoin implements [auth.Rejoiner]: whoever knows the password that a sign-up was begun
// with may go on with it in another browser. Tries are counted for the address.
func (p *Provider) Rejoin(ctx context.Context, c auth.Client, email string, credentials []auth.NewCredential, decode func(any) error) (sessions.Factor, error) {
	var body struct {
		Password *string `json:"password"`
	}
	if err := decode(&body); err != nil {
		return sessions.Factor{}, err
	}
	i := slices.IndexFunc(credentials, func(n auth.NewCredential) bool { return n.Kind == Kind })
	if body.Password == nil || i < 0 {
		return sessions.Factor{}, auth.ErrNotMine
	}
	leave, err := p.kit.Admit(ctx)
	if err != nil {
		return sessions.Factor{}, err
	}
	defer leave()
	try, err := p.kit.Attempt(ctx, c, auth.Subject{Factor: Kind, Identifier: email})
	if err != nil {
		return sessions.Factor{}, err
	}
	match, _, err := p.match(ctx, &ent.Credential{Secret: credentials[i].Secret}, *body.Password)
	if err == nil && !match {
		err = auth.ErrWrongPassword
	}
	if err != nil {
		return sessions.Factor{}, p.kit.Refuse(ctx, c, try, auth.EventSignInFailed, err)
	}
	p.kit.Succeed(ctx, try)
	return sessions.Factor{Kind: Kind, At: p.kit.Now()}, nil
}
