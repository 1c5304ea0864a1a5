package auth

import (
	"context"
	"maps"
	"net/http"
)

// CompleteSignUp continues a sign-up that a [ProfileError] has stopped, with values for
// the fields that were missing, of the fields' own Go types, and "email" where a provider
// told no address; that one is proven by mail next, where it has to be. c carries the error's flow.
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
	if email, ok := fields[fieldEmail].(string); ok && p.Claims.Email == "" {
		if _, err := parseEmail(email); err != nil {
			return Result{}, err
		}
		p.Claims.Email = email
		fields = maps.Clone(fields)
		delete(fields, fieldEmail)
	}
	if p.Claims.Fields == nil {
		p.Claims.Fields = map[string]any{}
	}
	maps.Copy(p.Claims.Fields, fields)
	p.Claims.Asked = true
	return a.finish(ctx, p, c)
}

// fieldEmail is what a sign-up lacks whose provider told no address.
const fieldEmail = "email"

type completeBody struct {
	Email *string `json:"email"`
}

func (a *Auth) handleCompleteSignUp(c *Call) error {
	var body completeBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	fields, err := c.SignUpFields()
	if err != nil {
		return err
	}
	if body.Email != nil {
		if fields == nil {
			fields = map[string]any{}
		}
		fields[fieldEmail] = *body.Email
	}
	res, err := a.CompleteSignUp(c.Context(), fields, c.client)
	if err != nil {
		return err
	}
	return c.Opened(http.StatusCreated, res)
}
