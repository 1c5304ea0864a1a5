package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
)

// Callback is what a browser brings back from a provider.
type Callback struct {
	// Provider is the id in the path.
	Provider string
	// State, Code, Issuer and Error are the parameters "state", "code", "iss" and "error".
	State, Code, Issuer, Error string
	// User is the parameter "user", in which Apple tells a name, once; nobody vouches for it.
	User string

	doubtful bool // a parameter was there twice
}

// CallbackOf reads the query of a callback. One with a parameter that is there twice is
// refused by Exchange.
func CallbackOf(provider string, query url.Values) Callback {
	cb := Callback{
		Provider: provider,
		State:    query.Get("state"), Code: query.Get("code"), Issuer: query.Get("iss"), Error: query.Get("error"), User: query.Get("user"),
	}
	for _, name := range callbackParams {
		cb.doubtful = cb.doubtful || len(query[name]) > 1
	}
	return cb
}

// callbackParams are all that is read of a callback.
var callbackParams = []string{"state", "code", "iss", "error", "user"}

// Exchange answers a callback: it uses up the state, which must be of this provider and of
// one of the client's flows, sends the code, once, checks what comes for it, and signs in
// or, if that was asked for, links the identity. The result of a link has the session of
// the context, without a token.
//
// A state that is not there is ErrFlowMissing or ErrExpired, and the provider is not
// asked; ErrDenied and ErrFailed say what became of the rest. auth.ErrEmailTaken and
// auth.ErrIdentityTaken open and link nothing. Where addresses are proven first a new
// account may be an *auth.CheckEmailError; a second factor is an *auth.SecondFactorError,
// an address or field that is missing an *auth.ProfileError.
func (p *Provider) Exchange(ctx context.Context, cb Callback, c auth.Client) (auth.Result, error) {
	r, err := p.remote(cb.Provider)
	if err != nil {
		return auth.Result{}, err
	}
	a, flow, err := p.take(ctx, cb.Provider, cb.State, c)
	if err != nil {
		return auth.Result{}, err
	}
	res, err := p.answer(ctx, r, a, cb, c)
	if err != nil {
		return auth.Result{}, err
	}
	res.Flow, res.ReturnTo = flow, a.ReturnTo
	return res, nil
}

// answer goes on when the attempt is used up.
func (p *Provider) answer(ctx context.Context, r *remote, a attempt, cb Callback, c auth.Client) (auth.Result, error) {
	if a.User != "" {
		// Before the code is sent: the account is linked for who began, or not at all.
		if s, ok := auth.SessionFrom(ctx); !ok || s.ID != a.Session || s.UserID != a.User {
			return auth.Result{}, auth.ErrUnauthenticated
		}
	}
	who, err := p.ask(ctx, r, a, cb)
	if err != nil {
		if errors.Is(err, ErrDenied) {
			return auth.Result{}, p.kit.Refuse(ctx, c, auth.Attempt{}, auth.EventSignInFailed, ErrDenied)
		}
		return auth.Result{}, p.kit.Refuse(ctx, c, auth.Attempt{}, auth.EventSignInFailed, p.failed(ctx, r, err))
	}
	if a.User != "" {
		return p.link(ctx, r, a, who, c)
	}
	return p.enter(ctx, r, a.ReturnTo, who, c)
}

// ask finds out at the provider who has come back.
func (p *Provider) ask(ctx context.Context, r *remote, a attempt, cb Callback) (identity, error) {
	m, err := r.describe(ctx)
	if err != nil {
		return identity{}, err
	}
	if err := r.checkCallback(m, cb); err != nil {
		return identity{}, err
	}
	conf, err := r.config(m, p.redirectURI(r.idp.ID))
	if err != nil {
		return identity{}, err
	}
	var proof []oauth2.AuthCodeOption
	if !r.idp.InsecureNoPKCE {
		proof = append(proof, oauth2.VerifierOption(a.Verifier))
	}
	tok, err := conf.Exchange(context.WithValue(ctx, oauth2.HTTPClient, r.client), cb.Code, proof...)
	if err != nil {
		return identity{}, quiet(err)
	}
	if kind := tok.TokenType; kind != "" && !strings.EqualFold(kind, "Bearer") {
		return identity{}, errors.New("the access token is no bearer token")
	}
	if !r.isOpenID() {
		return r.profileOf(ctx, tok)
	}
	raw, ok := tok.Extra("id_token").(string)
	if !ok || raw == "" {
		return identity{}, errors.New("there is no ID token")
	}
	t, err := r.verify(ctx, raw, expected{clients: []string{r.idp.ClientID}, nonce: a.Nonce, access: tok.AccessToken, fresh: a.Fresh, began: a.Began})
	if err != nil {
		return identity{}, err
	}
	if cb.Issuer != "" && cb.Issuer != t.issuer {
		return identity{}, errors.New("the callback names another issuer than the ID token")
	}
	if r.idp.FormPost && t.claims["name"] == nil {
		t.claims["name"] = nameIn(cb.User)
	}
	return r.personOf(ctx, m, t, tok)
}

// checkCallback is what has to be true before a code is sent. A callback of another issuer
// carries another's code (RFC 9207, RFC 9700 section 4.4).
func (r *remote) checkCallback(m metadata, cb Callback) error {
	switch {
	case cb.doubtful:
		return errors.New("a parameter of the callback is there twice")
	case cb.Issuer == "" && m.SendsIss:
		return errors.New("the callback names no issuer, though the metadata say that it does")
	case cb.Issuer != "" && r.isOpenID() && r.idp.IssuerOf == nil && cb.Issuer != r.idp.Issuer:
		return errors.New("the callback names another issuer")
	case cb.Error == "access_denied":
		return ErrDenied
	case cb.Error != "":
		return fmt.Errorf("the callback says error=%.50q", cb.Error)
	case cb.Code == "":
		return errors.New("the callback has no code")
	}
	return nil
}

// failed logs what went wrong with a provider, and returns what may be said of it.
func (p *Provider) failed(ctx context.Context, r *remote, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.kit.Log().LogAttrs(ctx, slog.LevelWarn, "oauth: the provider failed", slog.String("provider", r.idp.ID), slog.String("error", fmt.Sprintf("%.500s", err.Error())))
	return ErrFailed
}

// quiet leaves out of an error of x/oauth2 the provider's answer, which may hold anything.
func quiet(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return err
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	return fmt.Errorf("the token endpoint answers %d, error=%.50q", status, refused.ErrorCode)
}

// nameIn is the name in Apple's parameter "user".
func nameIn(user string) any {
	var told struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
	}
	if json.Unmarshal([]byte(user), &told) != nil {
		return nil
	}
	if name := strings.TrimSpace(told.Name.First + " " + told.Name.Last); name != "" {
		return name
	}
	return nil
}
