package auth

import (
	"context"
	"maps"
	"net/http"
)

// CompleteSignUp continues a sign-up that a [ProfileError] has stopped, with values for
// the fields that were missing, of the fields' own Go types. c carries the error's flow.
// What is missing still, or not acceptable, is a [FieldsError], and the sign-up goes on
// waiting; without one that waits the answer is ErrInvalidToken.
func (a *Auth) CompleteSignUp(ctx context.Context, fields map[string]any, c Client) (Result, error) {
	p, err := a.findProof(ctx, purposeSignUp, c)
	if err != nil {
		return Result{}, err
	}
	if err := a.restore(p.Claims.Fields); err != nil {
		return Result{}, err
	}
	if p.Claims.Fields == nil {
		p.Claims.Fields = map[string]any{}
	}
	maps.Copy(p.Claims.Fields, fields)
	p.Claims.Asked = true
	return a.finish(ctx, p, c)
}

func (a *Auth) handleCompleteSignUp(c *Call) error {
	if err := c.Decode(&struct{}{}); err != nil {
		return err
	}
	fields, err := c.SignUpFields()
	if err != nil {
		return err
	}
	res, err := a.CompleteSignUp(c.Context(), fields, c.client)
	if err != nil {
		return err
	}
	return c.Opened(http.StatusCreated, res)
}
