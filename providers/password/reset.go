package password

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/sessions"
)

// resetLifetime is how long a mailed link sets a new password.
const resetLifetime = time.Hour

// Mailings implements [auth.Mailer].
func (p *Provider) Mailings() []auth.Mailing {
	return []auth.Mailing{
		{Kind: mail.Reset, Lifetime: resetLifetime, Path: "/password/reset"},
		{Kind: mail.PasswordChanged},
		{Kind: mail.PasswordResetDone},
	}
}

// RequestReset mails a link with which to set a new password, for an hour, to an address
// that has an account, with a password or without. Whether it has one is not told. Too
// many are an *auth.RetryError.
func (p *Provider) RequestReset(ctx context.Context, email string, c auth.Client) error {
	return p.kit.Mail(ctx, c, mail.Reset, email)
}

// ResetValid tells whether a mailed link can still be used, and uses nothing up.
func (p *Provider) ResetValid(ctx context.Context, secret string) (bool, error) {
	_, err := p.kit.MailedTo(ctx, auth.Mailed{Kind: mail.Reset, Secret: secret})
	if errors.Is(err, auth.ErrInvalidToken) {
		return false, nil
	}
	return err == nil, err
}

// ConfirmReset sets a new password by a mailed link. The address is proven by that; all
// sessions end, and every other mailed secret but an undo. It opens no session, but for a
// user with a second factor: the reset then is an *auth.SecondFactorError and takes
// effect with the sign-in that the factor completes. A link that was used, has expired
// or was sent to an address that is not the account's any more is auth.ErrInvalidToken; a
// password that is not acceptable is an *auth.FieldsError and leaves the link as it was.
func (p *Provider) ConfirmReset(ctx context.Context, secret, replacement string, c auth.Client) error {
	mailed := auth.Mailed{Kind: mail.Reset, Secret: secret}
	u, err := p.kit.MailedTo(ctx, mailed)
	if err != nil {
		return err
	}
	if code := p.judge(replacement, contextOfUser(u)...); code != "" {
		return auth.InvalidField("new_password", code)
	}
	leave, err := p.kit.Admit(ctx)
	if err != nil {
		return err
	}
	defer leave()
	hash, err := p.kit.Hash(ctx, normalize(replacement))
	if err != nil {
		return err
	}
	_, err = p.kit.Finish(ctx, auth.Proof{
		Factors:     []sessions.Factor{{Kind: auth.FactorEmail, At: p.kit.Now()}},
		Mailed:      &mailed,
		Set:         []auth.NewCredential{{Kind: Kind, Secret: hash}},
		Notice:      mail.PasswordResetDone,
		NoSession:   true,
		Unguessable: true,
	}, c)
	return err
}

type (
	resetRequestBody struct {
		Email *string `json:"email"`
	}
	resetVerifyBody struct {
		Token *string `json:"token"`
	}
	resetConfirmBody struct {
		Token       *string `json:"token"`
		NewPassword *string `json:"new_password"`
	}
	resetValidReply struct {
		Valid bool `json:"valid"`
	}
)

// resetRoutes are there only if something can be mailed.
func (p *Provider) resetRoutes() []auth.Route {
	if !p.kit.CanMail() {
		return nil
	}
	return []auth.Route{
		{Method: http.MethodPost, Path: "/password/reset/request", Handle: p.handleResetRequest, Doc: auth.Doc{
			Summary: "Mail a link to set a new password", Body: resetRequestBody{}, Status: http.StatusAccepted, Reply: auth.MailedReply{},
			Errors: []*auth.Error{auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/password/reset/verify", Handle: p.handleResetVerify, Doc: auth.Doc{
			Summary: "Whether a mailed link can still be used; uses nothing up", Body: resetVerifyBody{}, Status: http.StatusOK, Reply: resetValidReply{},
		}},
		{Method: http.MethodPost, Path: "/password/reset/confirm", Access: auth.Known, Form: true, Handle: p.handleResetConfirm, Doc: auth.Doc{
			Summary: "Set a new password by a mailed link; all sessions end", Body: resetConfirmBody{}, Status: http.StatusNoContent,
			Errors: []*auth.Error{auth.ErrInvalidToken, auth.ErrInvalidFields, auth.ErrSecondFactorRequired, auth.ErrOverloaded},
		}},
		{Method: http.MethodGet, Path: "/password/reset", Handle: p.handleResetPage, Doc: auth.Doc{
			Summary: "The page behind the mailed link; uses nothing up", Status: http.StatusOK, Page: true,
		}},
	}
}

func (p *Provider) handleResetRequest(c *auth.Call) error {
	var body resetRequestBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Email == nil {
		return auth.ErrInvalidRequest
	}
	if err := p.RequestReset(c.Context(), *body.Email, c.Client()); err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, auth.MailedReply{Status: "check_email"})
}

func (p *Provider) handleResetVerify(c *auth.Call) error {
	var body resetVerifyBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Token == nil {
		return auth.ErrInvalidRequest
	}
	valid, err := p.ResetValid(c.Context(), *body.Token)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, resetValidReply{valid})
}

func (p *Provider) handleResetConfirm(c *auth.Call) error {
	var body resetConfirmBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Token == nil || body.NewPassword == nil {
		return auth.ErrInvalidRequest
	}
	err := p.ConfirmReset(c.Context(), *body.Token, *body.NewPassword, c.Client())
	bad, unfit := errors.AsType[*auth.FieldsError](err)
	switch {
	case unfit && c.IsForm():
		return c.See(c.Route("/password/reset") + "?token=" + url.QueryEscape(*body.Token) + "&problem=" + bad.Fields["new_password"])
	case err != nil:
		return err
	case c.IsForm():
		return c.See(c.Route("/password/reset") + "?done=1")
	}
	return c.NoContent()
}

// handleResetPage shows the form, or that there is nothing to do.
func (p *Provider) handleResetPage(c *auth.Call) error {
	page := auth.Page{Kind: mail.Reset, Name: "reset", Secret: c.Query("token")}
	if page.Secret == "" && c.Query("done") != "" {
		page.Name = "reset_done"
		return c.Page(page)
	}
	u, err := p.kit.MailedTo(c.Context(), auth.Mailed{Kind: mail.Reset, Secret: page.Secret})
	switch {
	case errors.Is(err, auth.ErrInvalidToken):
		return c.Page(auth.Page{Kind: mail.Reset, Name: "invalid"})
	case err != nil:
		return err
	}
	page.Account, page.Action = u.Email, "/password/reset/confirm"
	page.Fields = []auth.PageField{{Name: "new_password", Type: "password", Autocomplete: "new-password"}}
	page.Problem, page.Minimum = c.Query("problem"), p.cfg.MinLength
	return c.Page(page)
}
