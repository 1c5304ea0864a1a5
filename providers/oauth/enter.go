package oauth

import (
	"context"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// enter goes to the door with somebody whom a provider has named.
func (p *Provider) enter(ctx context.Context, r *remote, returnTo string, who identity, c auth.Client) (auth.Result, error) {
	at := who.at
	if at.IsZero() {
		at = time.Unix(0, 0).UTC() // known to nobody, so never recent
	}
	return p.kit.Finish(ctx, auth.Proof{
		Factors:  []sessions.Factor{{Kind: Factor, At: at}},
		Identity: r.identity(who),
		Claims: &auth.Claims{
			Email: who.Email, EmailProven: r.proves(who.Profile), Name: who.Name, Picture: who.Picture,
		},
		Unguessable: true, // signed by the provider, or asked of it
		ReturnTo:    returnTo,
	}, c)
}

// link adds somebody whom a provider has named to the account that is signed in.
func (p *Provider) link(ctx context.Context, r *remote, a attempt, who identity, c auth.Client) (auth.Result, error) {
	res := auth.Result{}
	err := p.kit.Transact(ctx, c, a.User, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		res.User = u
		return p.kit.Link(ctx, tx, u, *r.identity(who))
	})
	if err != nil {
		return auth.Result{}, err
	}
	if res.User, err = p.kit.User(ctx, a.User); err != nil {
		return auth.Result{}, err
	}
	res.Session, _ = auth.SessionFrom(ctx)
	return res, nil
}
