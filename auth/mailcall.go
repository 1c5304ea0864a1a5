package auth

import (
	"net/http"
	"slices"

	"github.com/torii-go/torii/sessions"
)

// MailedFrom is the link or the code of a body: one of them, or it is ErrInvalidRequest.
func MailedFrom(secret, code *string) (Mailed, error) {
	switch {
	case (secret == nil) == (code == nil):
		return Mailed{}, ErrInvalidRequest
	case code != nil && *code == "", secret != nil && *secret == "":
		return Mailed{}, ErrInvalidToken
	case code != nil:
		return Mailed{Code: *code}, nil
	}
	return Mailed{Secret: *secret}, nil
}

// CheckEmail answers that a mail is on its way, and gives the client the flow in which
// its code and link work: as a cookie, or as "flow" to who asked for a token in the body.
func (c *Call) CheckEmail(flow string) error {
	reply := MailedReply{Status: "check_email"}
	switch {
	case flow == "":
	case c.client.Transport == sessions.Bearer && slices.Contains(c.client.Flows, flow) && c.r.Header.Get(sessions.FlowHeader) == "":
		// It came by cookie, where no script can read it.
	case c.client.Transport == sessions.Bearer:
		reply.Flow = flow
	default:
		c.a.addFlow(c.w, c.r, flow)
	}
	return c.JSON(http.StatusAccepted, reply)
}

// Entered answers what a mail was answered with, and sends a form's browser on to where
// it wanted to go.
func (c *Call) Entered(res Result) error {
	switch {
	case c.form:
		c.a.setCookies(c.w, c.r, res)
		return c.See(ReturnTo(res.ReturnTo, "/"))
	case res.Token.Reveal() == "":
		return c.known(http.StatusOK, res)
	}
	return c.Opened(http.StatusOK, res)
}

// known answers with a session that the client has already.
func (c *Call) known(status int, res Result) error {
	u, err := c.userBody(c.Context(), res.User)
	if err != nil {
		return err
	}
	if c.client.Transport != sessions.Bearer {
		c.a.setCookies(c.w, c.r, res)
	}
	return c.JSON(status, openedBody{User: u, Session: newSessionBody(res.Session, res.Session.ID), ReturnTo: res.ReturnTo})
}
