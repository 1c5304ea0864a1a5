package password

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

type (
	registerBody struct {
		Email    *string `json:"email"`
		Password *string `json:"password"`
		Name     string  `json:"name"`
		ReturnTo string  `json:"return_to"`
	}
	loginBody struct {
		Email       *string `json:"email"`
		Password    *string `json:"password"`
		NewPassword string  `json:"new_password"`
	}
	changeBody struct {
		CurrentPassword *string `json:"current_password"`
		NewPassword     *string `json:"new_password"`
	}
)

func (p *Provider) routes() []auth.Route {
	return []auth.Route{
		{Method: http.MethodPost, Path: "/register", Access: auth.SignIn, Handle: p.handleRegister, Doc: auth.Doc{
			Summary: "Make an account and sign in", Body: registerBody{}, SignUp: true, Status: http.StatusCreated, Reply: auth.OpenedReply{},
			Waits:  p.kit.ProvesFirst(),
			Errors: []*auth.Error{auth.ErrEmailTaken, auth.ErrInvalidFields, auth.ErrTooManyAttempts, auth.ErrOverloaded},
		}},
		{Method: http.MethodPost, Path: "/login", Access: auth.SignIn, Handle: p.handleLogin, Doc: auth.Doc{
			Summary: "Sign in", Body: loginBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{
				auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrPasswordChangeRequired,
				auth.ErrInvalidFields, auth.ErrTooManyAttempts, auth.ErrOverloaded,
			},
		}},
		{Method: http.MethodPost, Path: "/password", Access: auth.SignedIn, Handle: p.handleChange, Doc: auth.Doc{
			Summary: "Change the password, or set the first one in a recent session", Body: changeBody{}, Status: http.StatusOK, Reply: auth.RenewedReply{},
			Errors: []*auth.Error{auth.ErrWrongPassword, auth.ErrStepUpRequired, auth.ErrInvalidFields, auth.ErrTooManyAttempts, auth.ErrOverloaded},
		}},
		{Method: http.MethodDelete, Path: "/password", Access: auth.Recent, Handle: p.handleRemove, Doc: auth.Doc{
			Summary: "Remove the password", Status: http.StatusNoContent,
			Errors: []*auth.Error{auth.ErrNotFound, auth.ErrLastSignInMethod},
		}},
	}
}

func (p *Provider) handleRegister(c *auth.Call) error {
	var body registerBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	fields, err := c.SignUpFields()
	if err != nil {
		return err
	}
	// A form that was left empty is answered field by field, like one filled in badly.
	res, err := p.Register(c.Context(), Registration{
		Email: orEmpty(body.Email), Password: orEmpty(body.Password), Name: body.Name, Fields: fields, ReturnTo: body.ReturnTo,
	}, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusCreated, res)
}

func (p *Provider) handleLogin(c *auth.Call) error {
	var body loginBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.Email == nil || body.Password == nil {
		return auth.ErrInvalidRequest
	}
	res, err := p.SignIn(c.Context(), Credentials{Email: *body.Email, Password: *body.Password, NewPassword: body.NewPassword}, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}

func (p *Provider) handleChange(c *auth.Call) error {
	var body changeBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if body.NewPassword == nil {
		return auth.ErrInvalidRequest
	}
	has, err := p.find(c.Context(), c.User().ID)
	if err != nil {
		return err
	}
	var res auth.Result
	if has != nil {
		res, err = p.Change(c.Context(), c.Session(), orEmpty(body.CurrentPassword), *body.NewPassword, c.Client())
	} else if err = c.RequireRecent(); err == nil {
		res, err = p.SetFirst(c.Context(), c.Session(), *body.NewPassword, c.Client())
	}
	if err != nil {
		return err
	}
	return c.Renewed(http.StatusOK, res)
}

func (p *Provider) handleRemove(c *auth.Call) error {
	if err := p.Remove(c.Context(), c.Session(), c.Client()); err != nil {
		return err
	}
	return c.NoContent()
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
