package passkey

import (
	"context"
	"errors"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// BeginStepUp returns options for the user of a session to prove again who that is, with
// one of the passkeys that the account has. A user who has none is auth.ErrNotFound.
func (p *Provider) BeginStepUp(ctx context.Context, s sessions.Session, c auth.Client) (Options, error) {
	u, err := p.kit.User(ctx, s.UserID)
	if err != nil {
		return Options{}, unauthenticated(err)
	}
	return p.beginGet(ctx, c, ceremonyStepUp, u, ceremony{UserID: u.ID, SessionID: s.ID})
}

// FinishStepUp is POST /step-up with a passkey: it verifies what the browser made of the
// options, makes the session recent and gives it a new token. Everything about the answer
// that is not right is ErrWrong.
func (p *Provider) FinishStepUp(ctx context.Context, s sessions.Session, answer []byte, c auth.Client) (auth.Result, error) {
	if !p.mounted() {
		return auth.Result{}, auth.ErrNotMounted
	}
	r, err := parseResponse(answer)
	if err != nil {
		return auth.Result{}, auth.ErrInvalidRequest
	}
	factor, err := p.prove(ctx, s.UserID, s.ID, r, c)
	if err != nil {
		return auth.Result{}, err
	}
	return p.kit.StepUp(ctx, c, s, factor)
}

// StepUp implements [auth.StepUpper]: the member "passkey" of POST /step-up.
func (p *Provider) StepUp(ctx context.Context, c auth.Client, u *ent.User, decode func(any) error) (sessions.Factor, error) {
	var body struct {
		Passkey *response `json:"passkey"`
	}
	if err := decode(&body); err != nil {
		return sessions.Factor{}, err
	}
	if body.Passkey == nil {
		return sessions.Factor{}, auth.ErrNotMine
	}
	s, _ := auth.SessionFrom(ctx)
	return p.prove(ctx, u.ID, s.ID, *body.Passkey, c)
}

// prove verifies a passkey of somebody who is signed in.
func (p *Provider) prove(ctx context.Context, userID, sessionID string, r response, c auth.Client) (sessions.Factor, error) {
	began, _, err := p.take(ctx, c, ceremonyStepUp, r)
	switch {
	case errors.Is(err, auth.ErrInvalidToken):
		return sessions.Factor{}, ErrWrong
	case err != nil:
		return sessions.Factor{}, err
	case began.UserID != userID || began.SessionID != sessionID || sessionID == "":
		return sessions.Factor{}, p.kit.Failed(ctx, c, userID, auth.EventStepUpFailed, ErrWrong)
	}
	row, factors, err := p.verifyUsed(ctx, began, r, c)
	if err != nil {
		return sessions.Factor{}, p.refuse(ctx, c, userID, auth.EventStepUpFailed, err, ErrWrong)
	}
	return factors[0], p.kit.Used(ctx, row)
}
