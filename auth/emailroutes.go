package auth

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/mail"
)

type (
	changeEmailBody struct {
		Email *string `json:"email"`
	}
	mailedTokenBody struct {
		Token *string `json:"token"`
	}
)

func (a *Auth) emailRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/email/change", Access: Recent, Handle: a.handleChangeEmail, Doc: Doc{
			Summary: "Mail a link to a new address, which confirms it", Body: changeEmailBody{}, Status: http.StatusAccepted, Reply: MailedReply{},
			Errors: []*Error{ErrInvalidFields, ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/email/change/confirm", Access: SignedIn, Form: true, Handle: a.handleConfirmEmail, Doc: Doc{
			Summary: "Take the new address, in the session that asked for it; its token is renewed", Body: mailedTokenBody{}, Status: http.StatusOK, Reply: openedBody{},
			Errors: []*Error{ErrInvalidToken},
		}},
		{Method: http.MethodGet, Path: "/email/change/confirm", Access: Known, Handle: a.handleConfirmEmailPage, Doc: Doc{
			Summary: "The page behind the mailed link; uses nothing up", Status: http.StatusOK, Page: true,
		}},
		{Method: http.MethodPost, Path: "/email/change/undo", Form: true, Handle: a.handleUndoEmail, Doc: Doc{
			Summary: "Give the account its old address back", Body: mailedTokenBody{}, Status: http.StatusNoContent,
			Errors: []*Error{ErrInvalidToken},
		}},
		{Method: http.MethodGet, Path: "/email/change/undo", Handle: a.handleUndoEmailPage, Doc: Doc{
			Summary: "The page behind the mailed link; uses nothing up", Status: http.StatusOK, Page: true,
		}},
	}
}

func (a *Auth) handleChangeEmail(c *Call) error {
	var body changeEmailBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Email == nil {
		return ErrInvalidRequest
	}
	if err := a.RequestEmailChange(c.Context(), c.Session(), *body.Email, c.client); err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, MailedReply{Status: "check_email"})
}

// secretFromBody is the token of a body that has nothing else.
func (c *Call) secretFromBody() (string, error) {
	var body mailedTokenBody
	if err := c.Decode(&body); err != nil {
		return "", err
	}
	m, err := MailedFrom(body.Token, nil)
	return m.Secret, err
}

func (a *Auth) handleConfirmEmail(c *Call) error {
	secret, err := c.secretFromBody()
	if err != nil {
		return err
	}
	res, err := a.ConfirmEmailChange(c.Context(), c.Session(), secret, c.client)
	if err != nil {
		return err
	}
	if c.form {
		a.setCookies(c.w, c.r, res)
		return c.See(c.Route("/email/change/confirm") + "?done=1")
	}
	u, err := c.userBody(c.Context(), res.User)
	if err != nil {
		return err
	}
	body := openedBody{User: u}
	renewed := c.renewed(res)
	body.Session, body.Token = renewed.Session, renewed.Token
	return c.JSON(http.StatusOK, body)
}

func (a *Auth) handleConfirmEmailPage(c *Call) error {
	page := Page{Kind: mail.ChangeEmail, Secret: c.Query("token")}
	if page.Secret == "" && c.Query("done") != "" {
		return c.Page(Page{Name: "change_email_done"})
	}
	l, err := a.letter(c.Context(), Mailed{Kind: mail.ChangeEmail, Secret: page.Secret}, c.client)
	switch {
	case errors.Is(err, ErrInvalidToken):
		return c.Page(Page{Name: "invalid"})
	case err != nil:
		return err
	}
	here := token.HashOf(sessionBond(c.Session()))
	if c.User() == nil || c.User().ID != l.User.ID || string(here[:]) != string(l.bound) {
		page.Name, page.Address = "change_email_elsewhere", l.Email
		return c.Page(page)
	}
	page.Name, page.Account, page.Address, page.Action = "change_email", l.User.Email, l.Email, "/email/change/confirm"
	return c.Page(page)
}

func (a *Auth) handleUndoEmail(c *Call) error {
	secret, err := c.secretFromBody()
	if err != nil {
		return err
	}
	if err := a.UndoEmailChange(c.Context(), secret, c.client); err != nil {
		return err
	}
	if c.form {
		return c.See(c.Route("/email/change/undo") + "?done=1")
	}
	return c.NoContent()
}

func (a *Auth) handleUndoEmailPage(c *Call) error {
	page := Page{Kind: mail.EmailChanged, Secret: c.Query("token")}
	if page.Secret == "" && c.Query("done") != "" {
		return c.Page(Page{Name: "undo_done"})
	}
	l, err := a.letter(c.Context(), Mailed{Kind: mail.EmailChanged, Secret: page.Secret}, c.client)
	switch {
	case errors.Is(err, ErrInvalidToken):
		return c.Page(Page{Name: "invalid"})
	case err != nil:
		return err
	}
	// The address that the account has now is not told: it may be a stranger's.
	page.Name, page.Address, page.Action = "undo", l.Email, "/email/change/undo"
	return c.Page(page)
}
