package auth

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/torii-go/torii/mail"
)

type (
	verifyRequestBody struct {
		Email *string `json:"email"`
	}
	verifyBody struct {
		Token    *string `json:"token"`
		Code     *string `json:"code"`
		Password string  `json:"password"`
	}
)

func (a *Auth) verifyRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/email/verify/request", Access: Known, Handle: a.handleVerifyRequest, Doc: Doc{
			Summary: "Mail a link and a code that prove an address", Body: verifyRequestBody{}, Status: http.StatusAccepted, Reply: MailedReply{},
			Errors: []*Error{ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/email/verify", Access: Known, Form: true, Handle: a.handleVerify, Doc: Doc{
			Summary: "Prove an address by a mailed link or code", Body: verifyBody{}, Status: http.StatusOK, Reply: openedBody{},
			Errors: []*Error{
				ErrInvalidToken, ErrInvalidCredentials, ErrSecondFactorRequired, ErrProfileRequired,
				ErrWrongPassword, ErrInvalidFields, ErrEmailTaken, ErrCredentialTaken, ErrTooManyAttempts, ErrOverloaded,
			},
		}},
		{Method: http.MethodGet, Path: "/email/verify", Access: Known, Handle: a.handleVerifyPage, Doc: Doc{
			Summary: "The page behind the mailed link; uses nothing up", Status: http.StatusOK, Page: true,
		}},
		{Method: http.MethodGet, Path: sentPath, Handle: handleSentPage, Doc: Doc{
			Summary: "The page that says a mail is on its way, and takes its code", Status: http.StatusOK,
		}},
	}
}

// sentPath is where a browser goes whose sign-up by a form waits for a mail.
const sentPath = "/email/verify/sent"

func handleSentPage(c *Call) error {
	return c.Page(Page{
		Kind: mail.Verify, Name: "sent", Action: "/email/verify",
		Fields: []PageField{{Name: "code", Autocomplete: "one-time-code"}},
	})
}

func (a *Auth) handleVerifyRequest(c *Call) error {
	var body verifyRequestBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	email := ""
	switch {
	case body.Email != nil:
		email = *body.Email
	case c.User() != nil:
		email = c.User().Email
	default:
		flows, err := a.flowsOf(c.Context(), a.client, mail.Verify, c.client)
		switch {
		case err != nil:
			return err
		case len(flows) == 0:
			return ErrInvalidRequest
		}
		email = flows[0].Email
	}
	flow, err := a.RequestVerification(c.Context(), email, c.client)
	if err != nil {
		return err
	}
	return c.CheckEmail(flow)
}

func (a *Auth) handleVerify(c *Call) error {
	var body verifyBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	m, err := MailedFrom(body.Token, body.Code)
	if err != nil {
		return err
	}
	m.Password = body.Password
	res, err := a.VerifyEmail(c.Context(), m, c.client)
	switch {
	case c.form && body.Token != nil && errors.Is(err, ErrWrongPassword):
		return c.See(c.Route("/email/verify") + "?token=" + url.QueryEscape(*body.Token) + "&problem=" + ErrWrongPassword.Code)
	case err != nil:
		return err
	}
	return c.Entered(res)
}

// handleVerifyPage shows what a link would do here, and to which account.
func (a *Auth) handleVerifyPage(c *Call) error {
	page := Page{Kind: mail.Verify, Action: "/email/verify", Secret: c.Query("token")}
	l, err := a.letter(c.Context(), Mailed{Kind: mail.Verify, Secret: page.Secret}, c.client)
	switch {
	case errors.Is(err, ErrInvalidToken):
		return c.Page(Page{Kind: mail.Verify, Name: "invalid"})
	case err != nil:
		return err
	}
	page.Account = l.Email
	asks, err := a.rejoins(c.Context(), l)
	switch {
	case err != nil:
		return err
	case l.User != nil && c.User() != nil && c.User().ID == l.User.ID:
		page.Name = "verify_account"
	case l.Here && (l.User == nil || l.owners):
		page.Name = "verify"
	case l.User != nil && !asks:
		page.Name = "verify_reclaim"
	case asks:
		page.Name, page.Problem = "verify_password", c.Query("problem")
		page.Fields = []PageField{{Name: "password", Type: "password", Autocomplete: "current-password"}}
	default:
		page.Name, page.Action = "verify_elsewhere", ""
	}
	return c.Page(page)
}
