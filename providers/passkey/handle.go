package passkey

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
)

func (p *Provider) handleRegisterBegin(c *auth.Call) error {
	var body registerBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if c.User() != nil {
		if err := c.RequireRecent(); err != nil {
			return err
		}
		o, err := p.BeginRegistration(c.Context(), c.Session(), c.Client())
		return answer(c, o, err)
	}
	if body.Email == nil {
		return auth.ErrUnauthenticated
	}
	fields, err := c.SignUpFields()
	if err != nil {
		return err
	}
	o, err := p.BeginSignUp(c.Context(), SignUp{Email: *body.Email, Name: body.Name, Fields: fields, ReturnTo: body.ReturnTo}, c.Client())
	return answer(c, o, err)
}

// answer gives the browser its options, and the flow.
func answer(c *auth.Call, o Options, err error) error {
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, optionsReply{PublicKey: o.PublicKey, Flow: c.Began(o.Flow)})
}

// handleRegisterFinish goes on with what the browser's challenge has begun: a session that
// somebody opened meanwhile does not turn a sign-up into another user's passkey.
func (p *Provider) handleRegisterFinish(c *auth.Call) error {
	var body createdBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	r := response{ID: body.ID, RawID: body.RawID, Type: body.Type, Attachment: body.Attachment, Response: body.Response}
	if r.Response.ClientDataJSON == "" {
		return auth.ErrInvalidRequest
	}
	res, err := p.finishSignUp(c.Context(), r, body.Name, c.Client())
	if err == nil {
		return c.Opened(http.StatusCreated, res)
	}
	if !errors.Is(err, auth.ErrInvalidToken) {
		return err
	}
	if c.User() == nil {
		return auth.ErrInvalidToken
	}
	k, err := p.finishRegistration(c.Context(), c.Session(), r, body.Name, c.Client())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, createdReply{Passkey: k.body()})
}

func (p *Provider) handleSignInBegin(c *auth.Call) error {
	var body signInBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	o, err := p.BeginSignIn(c.Context(), body.Email, c.Client())
	return answer(c, o, err)
}

func (p *Provider) handleSignInFinish(c *auth.Call) error {
	var body response
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Response.ClientDataJSON == "" {
		return auth.ErrInvalidRequest
	}
	res, err := p.finishSignIn(c.Context(), body, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}

func (p *Provider) handleStepUpBegin(c *auth.Call) error {
	o, err := p.BeginStepUp(c.Context(), c.Session(), c.Client())
	return answer(c, o, err)
}

func (p *Provider) handlePasskeys(c *auth.Call) error {
	list, err := p.Passkeys(c.Context(), c.User().ID)
	if err != nil {
		return err
	}
	signals, err := p.Signals(c.Context(), c.User())
	if err != nil {
		return err
	}
	body := passkeysReply{Passkeys: []passkeyBody{}, Signals: signals}
	for _, k := range list {
		body.Passkeys = append(body.Passkeys, k.body())
	}
	return c.JSON(http.StatusOK, body)
}

func (p *Provider) handleRename(c *auth.Call) error {
	var body renameBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	k, err := p.Rename(c.Context(), c.Session(), c.PathValue("id"), body.Name, c.Client())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, createdReply{Passkey: k.body()})
}

func (p *Provider) handleDelete(c *auth.Call) error {
	if err := p.Delete(c.Context(), c.Session(), c.PathValue("id"), c.Client()); err != nil {
		return err
	}
	return c.NoContent()
}
