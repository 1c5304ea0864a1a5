package magiclink

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
)

type (
	sendBody struct {
		Email    *string `json:"email"`
		ReturnTo string  `json:"return_to"`
	}
	verifyBody struct {
		Token *string `json:"token"`
		Code  *string `json:"code"`
	}
)

func (p *Provider) routes() []auth.Route {
	return []auth.Route{
		{Method: http.MethodPost, Path: "/magic-link", Handle: p.handleSend, Doc: auth.Doc{
			Summary: "Mail a link and a code to sign in with", Body: sendBody{}, Status: http.StatusAccepted, Reply: auth.MailedReply{},
			Errors: []*auth.Error{auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/magic-link/verify", Access: auth.Known, Form: true, Handle: p.handleVerify, Doc: auth.Doc{
			Summary: "Sign in by a mailed link or code, in the flow that asked for it", Body: verifyBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{
				auth.ErrInvalidToken, auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrProfileRequired, auth.ErrTooManyAttempts,
			},
		}},
		{Method: http.MethodGet, Path: "/magic-link/verify", Handle: p.handlePage, Doc: auth.Doc{
			Summary: "The page behind the mailed link; uses nothing up", Status: http.StatusOK, Page: true,
		}},
	}
}

func (p *Provider) handleSend(c *auth.Call) error {
	var body sendBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Email == nil {
		return auth.ErrInvalidRequest
	}
	flow, err := p.Send(c.Context(), *body.Email, body.ReturnTo, c.Client())
	if err != nil {
		return err
	}
	return c.CheckEmail(flow)
}

func (p *Provider) handleVerify(c *auth.Call) error {
	var body verifyBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	m, err := auth.MailedFrom(body.Token, body.Code)
	if err != nil {
		return err
	}
	res, err := p.Verify(c.Context(), m, c.Client())
	if err != nil {
		return err
	}
	return c.Entered(res)
}

// handlePage has a button for the browser that asked, and tells every other one where the
// code is to be typed.
func (p *Provider) handlePage(c *auth.Call) error {
	page := auth.Page{Kind: mail.SignIn, Secret: c.Query("token")}
	l, err := p.kit.Letter(c.Context(), auth.Mailed{Kind: mail.SignIn, Secret: page.Secret}, c.Client())
	switch {
	case errors.Is(err, auth.ErrInvalidToken):
		page.Secret, page.Name = "", "invalid"
		return c.Page(page)
	case err != nil:
		return err
	}
	page.Name, page.Account = "sign_in_elsewhere", l.Email
	if l.Here {
		page.Name, page.Action = "sign_in", "/magic-link/verify"
	}
	return c.Page(page)
}
