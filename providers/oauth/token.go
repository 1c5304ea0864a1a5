package oauth

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/oauthaccount"
)

const (
	// tokenSpare is how long an access token has to be good for to be given out.
	tokenSpare = 30 * time.Second
	// refreshClaim is how long who refreshes has the row to itself: longer than the
	// provider may take. After that whoever did it is taken for dead.
	refreshClaim = timeout + 5*time.Second
	// refreshPoll is how often the others look whether it is done.
	refreshPoll = 50 * time.Millisecond
)

// Token returns an access token of a user's for a provider with KeepTokens, as a secret:
// it is for the server's own requests to the provider, never for a browser. One that has
// expired, or will within 30 seconds, is refreshed first, once however many ask for it, in
// this process or others. Who has none that could be used is ErrNoToken, and signs in by
// the provider again; ErrFailed is a provider in trouble, which is left alone for 15 seconds,
// as long as ctx lets others wait. Of several identities of one provider the one used last
// counts.
func (p *Provider) Token(ctx context.Context, userID, provider string) (string, error) {
	r, err := p.remote(provider)
	switch {
	case err != nil:
		return "", err
	case !r.idp.KeepTokens:
		return "", ErrNoToken
	}
	for {
		row, t, err := p.stored(ctx, userID, provider)
		switch {
		case err != nil:
			return "", err
		case t.Access == "":
			return "", ErrNoToken
		case t.Expires.IsZero() || t.Expires.After(p.kit.Now().Add(tokenSpare)):
			return t.Access, nil
		case t.Refresh == "":
			return "", ErrNoToken
		}
		mine, err := p.claim(ctx, row)
		if err != nil {
			return "", err
		}
		if mine {
			return p.refresh(ctx, r, row, t)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(refreshPoll):
		}
	}
}

func (p *Provider) stored(ctx context.Context, userID, provider string) (*ent.OAuthAccount, auth.ProviderTokens, error) {
	row, err := p.kit.Identities().Query().
		Where(oauthaccount.UserID(userID), oauthaccount.Provider(provider)).
		Order(ent.Desc(oauthaccount.FieldLastUsedAt), ent.Desc(oauthaccount.FieldID)).
		First(ctx)
	if ent.IsNotFound(err) {
		return nil, auth.ProviderTokens{}, ErrNoToken
	}
	if err != nil {
		return nil, auth.ProviderTokens{}, err
	}
	t, err := p.kit.TokensOf(row)
	return row, t, err
}

// claim takes a row for refreshing: one conditional update, so that of all who try one
// does it, and no lock is held while the provider is asked. Who wrote the row last, a
// sign-in or somebody who refreshes, is told apart by the time: a sign-in writes
// last_used_at too.
func (p *Provider) claim(ctx context.Context, row *ent.OAuthAccount) (bool, error) {
	now := p.kit.Now()
	claimed := row.LastUsedAt == nil || row.UpdatedAt.After(*row.LastUsedAt)
	if claimed && now.Sub(row.UpdatedAt) < refreshClaim {
		return false, nil
	}
	n, err := p.kit.Identities().Update().
		Where(oauthaccount.ID(row.ID), oauthaccount.UpdatedAt(row.UpdatedAt)).
		SetUpdatedAt(now).
		Save(ctx)
	return n == 1, err
}

// refresh asks for new tokens and stores them. A provider may end the old ones with that,
// so it is carried through when the caller has gone.
func (p *Provider) refresh(ctx context.Context, r *remote, row *ent.OAuthAccount, old auth.ProviderTokens) (string, error) {
	ctx = context.WithoutCancel(ctx)
	fresh, err := p.askFresh(ctx, r, old)
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode == "invalid_grant" {
			fresh, err = auth.ProviderTokens{}, nil // taken back: nobody need try again
		} else {
			return "", p.failed(ctx, r, quiet(err))
		}
	}
	err = p.kit.Transact(ctx, auth.Client{}, row.UserID, func(ctx context.Context, tx *auth.Tx, _ *ent.User) error {
		now, err := tx.Client().OAuthAccount.Get(ctx, row.ID)
		switch {
		case ent.IsNotFound(err):
			return auth.ErrNotFound
		case err != nil:
			return err
		case now.AccessToken != row.AccessToken:
			return nil // a sign-in has brought newer ones
		}
		return p.kit.StoreTokens(ctx, tx, row, fresh)
	})
	switch {
	case errors.Is(err, auth.ErrNotFound), errors.Is(err, auth.ErrUnauthenticated):
		return "", ErrNoToken // unlinked, deleted or disabled meanwhile
	case err != nil:
		return "", err
	case fresh.Access == "":
		return "", ErrNoToken
	}
	return fresh.Access, nil
}

func (p *Provider) askFresh(ctx context.Context, r *remote, old auth.ProviderTokens) (auth.ProviderTokens, error) {
	m, err := r.describe(ctx)
	if err != nil {
		return auth.ProviderTokens{}, err
	}
	conf, err := r.config(m, "")
	if err != nil {
		return auth.ProviderTokens{}, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, r.client)
	tok, err := conf.TokenSource(ctx, &oauth2.Token{RefreshToken: old.Refresh}).Token()
	if err != nil {
		return auth.ProviderTokens{}, err
	}
	if !fits(tok.AccessToken) || !fits(tok.RefreshToken) {
		return auth.ProviderTokens{}, errors.New("the new tokens are too long to be kept")
	}
	t := auth.ProviderTokens{Access: tok.AccessToken, Refresh: tok.RefreshToken, Expires: r.expiry(tok)}
	if t.Refresh == "" {
		t.Refresh = old.Refresh
	}
	return t, nil
}
