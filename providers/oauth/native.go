package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/token"
)

const ceremonyNative = "native"

// nativeAttempt is what waits for an app's ID token, sealed.
type nativeAttempt struct {
	Provider string    `json:"provider"`
	Nonce    string    `json:"nonce"`
	Began    time.Time `json:"began"`
}

// Nonce begins a sign-in by an app that gets an ID token from the system it runs on. The
// app passes the nonce on as it is, and keeps the flow; both live ten minutes and serve
// once. Only an OpenID provider can: any other is ErrUnknownProvider.
func (p *Provider) Nonce(ctx context.Context, id string, c auth.Client) (nonce, flow string, err error) {
	r, err := p.remote(id)
	if err != nil {
		return "", "", err
	}
	if !r.isOpenID() {
		return "", "", ErrUnknownProvider
	}
	a := nativeAttempt{Provider: id, Nonce: token.New().Reveal(), Began: p.kit.Now()}
	flow, err = p.kit.Begin(ctx, c, ceremonyNative, a, lifetime)
	return a.Nonce, flow, err
}

// SignInWith signs in with an ID token that an app has got: for ClientID or one of
// NativeClientIDs, with the nonce of the client's flow, which it uses up. Everything about
// it that is not right is auth.ErrInvalidCredentials; else it ends as Exchange does.
func (p *Provider) SignInWith(ctx context.Context, id, idToken string, c auth.Client) (auth.Result, error) {
	r, err := p.remote(id)
	if err != nil {
		return auth.Result{}, err
	}
	var a nativeAttempt
	flow, err := p.kit.Take(ctx, c, ceremonyNative, func(data json.RawMessage) bool {
		var stored nativeAttempt
		if json.Unmarshal(data, &stored) != nil || stored.Provider != id {
			return false
		}
		a = stored
		return true
	})
	if errors.Is(err, auth.ErrInvalidToken) {
		err = auth.ErrInvalidCredentials
	}
	if err != nil {
		return auth.Result{}, err
	}
	who, err := p.named(ctx, r, a, idToken)
	if err != nil {
		if err := p.failed(ctx, r, err); !errors.Is(err, ErrFailed) {
			return auth.Result{}, err
		}
		return auth.Result{}, p.kit.Refuse(ctx, c, auth.Attempt{}, auth.EventSignInFailed, auth.ErrInvalidCredentials)
	}
	res, err := p.enter(ctx, r, "", who, c)
	if err == nil {
		res.Flow = flow
	}
	return res, err
}

// named is whom an app's ID token names.
func (p *Provider) named(ctx context.Context, r *remote, a nativeAttempt, raw string) (identity, error) {
	t, err := r.verify(ctx, raw, expected{clients: slices.Concat([]string{r.idp.ClientID}, r.idp.NativeClientIDs), nonce: a.Nonce})
	if err != nil {
		return identity{}, err
	}
	told, err := r.told(t)
	return identity{Profile: clean(told), issuer: t.issuer, at: t.at}, err
}

func (p *Provider) handleNativeBegin(c *auth.Call) error {
	nonce, flow, err := p.Nonce(c.Context(), c.PathValue("provider"), c.Client())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, nonceReply{Nonce: nonce, Flow: c.Began(flow)})
}

func (p *Provider) handleNativeFinish(c *auth.Call) error {
	var body idTokenBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.IDToken == nil {
		return auth.ErrInvalidRequest
	}
	res, err := p.SignInWith(c.Context(), c.PathValue("provider"), *body.IDToken, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}
