package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// coreRoutes are the routes that do not depend on how people sign in.
func (a *Auth) coreRoutes() []Route {
	routes := []Route{
		{Method: http.MethodPost, Path: "/logout", Handle: a.handleLogout, Doc: Doc{
			Summary: "End every session that the request presents", Status: http.StatusNoContent,
		}},
		{Method: http.MethodDelete, Path: "/session", Handle: a.handleLogout, Doc: Doc{
			Summary: "End every session that the request presents", Status: http.StatusNoContent,
		}},
		{Method: http.MethodPost, Path: "/register/complete", Access: SignIn, Handle: a.handleCompleteSignUp, Doc: Doc{
			Summary: "Say what a sign-up that waits has still to know", Body: completeBody{}, SignUp: true, Waits: a.provesFirst(), Status: http.StatusCreated, Reply: openedBody{},
			Errors: []*Error{ErrInvalidToken, ErrInvalidFields, ErrInvalidCredentials, ErrSecondFactorRequired, ErrEmailTaken, ErrCredentialTaken},
		}},
		{Method: http.MethodGet, Path: "/session", Access: SignedIn, Handle: handleSession, Doc: Doc{
			Summary: "The current session and its user", Status: http.StatusOK, Reply: openedBody{},
		}},
		{Method: http.MethodGet, Path: "/user", Access: SignedIn, Handle: handleUser, Doc: Doc{
			Summary: "The signed-in user", Status: http.StatusOK, Reply: userReply{},
		}},
		{Method: http.MethodPatch, Path: "/user", Access: SignedIn, Handle: a.handleUpdateUser, Doc: Doc{
			Summary: "Change the signed-in user", Body: userPatch{}, edit: true, Status: http.StatusOK, Reply: userReply{},
			Errors: []*Error{ErrInvalidFields, ErrRefused},
		}},
		{Method: http.MethodDelete, Path: "/user", Access: Recent, Handle: a.handleDeleteUser, Doc: Doc{
			Summary: "Delete the signed-in user", Status: http.StatusNoContent,
		}},
		{Method: http.MethodPost, Path: "/step-up", Access: SignedIn, Handle: a.handleStepUp, Doc: Doc{
			Summary: "Prove again who is signed in; the token is renewed", Body: stepUpBody{}, Status: http.StatusOK, Reply: renewedBody{},
			Errors: []*Error{ErrWrongPassword, ErrTooManyAttempts, ErrOverloaded},
		}},
		{Method: http.MethodGet, Path: "/sessions", Access: SignedIn, Handle: a.handleSessions, Doc: Doc{
			Summary: "The user's sessions, the one used last first", Status: http.StatusOK, Reply: sessionsBody{},
		}},
		{Method: http.MethodDelete, Path: "/sessions", Access: SignedIn, Handle: a.handleEndOthers, Doc: Doc{
			Summary: "End every session but the current one", Status: http.StatusOK, Reply: revokedBody{},
			Errors: []*Error{ErrNotRevocable},
		}},
		{Method: http.MethodDelete, Path: "/sessions/{id}", Access: SignedIn, Handle: a.handleEndSession, Doc: Doc{
			Summary: "End one session", Status: http.StatusNoContent, Errors: []*Error{ErrNotFound, ErrNotRevocable},
		}},
		{Method: http.MethodGet, Path: "/error", Handle: a.handleError, Doc: Doc{
			Summary: "A page that explains a code, for people who come back from another site", Status: http.StatusOK,
		}},
		{Method: http.MethodGet, Path: "/jwks.json", Handle: a.handleJWKS, Doc: Doc{
			Summary: "The public keys of JWT sessions (RFC 7517)", Status: http.StatusOK,
		}},
		{Method: http.MethodGet, Path: "/health", Handle: a.handleHealth, Doc: Doc{
			Summary: "Whether the database answers", Status: http.StatusOK, Reply: healthBody{}, Errors: []*Error{ErrUnavailable},
		}},
	}
	if a.cfg.Mail.Sender == nil {
		return routes
	}
	return slices.Concat(routes, a.verifyRoutes(), a.emailRoutes())
}

type (
	userReply struct {
		User userBody `json:"user"`
	}
	sessionsBody struct {
		Sessions []sessionBody `json:"sessions"`
	}
	revokedBody struct {
		Revoked int `json:"revoked"`
	}
	healthBody struct {
		Status string `json:"status"`
	}
	// stepUpBody describes what each StepUpper may find; they decode it themselves.
	stepUpBody struct {
		Password string         `json:"password,omitempty"`
		Passkey  map[string]any `json:"passkey,omitempty"`
	}
	userPatch struct {
		Name patchString `json:"name"`
	}
)

// patchString is a member that may be absent, or null to empty the field.
type patchString struct{ value *string }

// UnmarshalJSON is called for every member that is there.
func (p *patchString) UnmarshalJSON(b []byte) error {
	var s string // stays "" for null
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	p.value = &s
	return nil
}

func (a *Auth) handleLogout(c *Call) error {
	if err := a.SignOut(c.Context(), c.client); err != nil && !errors.Is(err, ErrNotRevocable) {
		return err
	}
	a.cookies.ClearSession(c.w)
	return c.NoContent()
}

func handleUser(c *Call) error {
	u, err := c.userBody(c.Context(), c.User())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, userReply{u})
}

func (a *Auth) handleUpdateUser(c *Call) error {
	var body userPatch
	if err := c.Decode(&body); err != nil {
		return err
	}
	fields, err := c.hostValues(func(f HostField) bool { return f.Edit })
	if err != nil {
		return err
	}
	u, err := a.UpdateUser(c.Context(), c.User().ID, UserUpdate{Name: body.Name.value, Fields: fields})
	if err != nil {
		return err
	}
	out, err := c.userBody(c.Context(), u)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, userReply{out})
}

func handleSession(c *Call) error {
	u, err := c.userBody(c.Context(), c.User())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, openedBody{User: u, Session: newSessionBody(c.Session(), c.Session().ID)})
}

func (a *Auth) handleDeleteUser(c *Call) error {
	if err := a.DeleteUser(c.Context(), c.User().ID); err != nil {
		return err
	}
	a.cookies.ClearSession(c.w)
	return c.NoContent()
}

// handleStepUp asks each provider for a factor that it finds in the body.
func (a *Auth) handleStepUp(c *Call) error {
	if err := c.Decode(&struct{}{}); err != nil {
		return err
	}
	for _, p := range a.steppers {
		factor, err := p.StepUp(c.Context(), c.client, c.User(), c.Decode)
		switch {
		case errors.Is(err, ErrNotMine):
			continue
		case err != nil:
			return err
		}
		res, err := Kit{a: a, provider: p.Name()}.StepUp(c.Context(), c.client, c.Session(), factor)
		if err != nil {
			return err
		}
		return c.Renewed(http.StatusOK, res)
	}
	return ErrInvalidRequest
}

func (a *Auth) handleSessions(c *Call) error {
	list, err := a.Sessions(c.Context(), c.User().ID)
	if err != nil {
		return err
	}
	if c.Session().Stateless { // in no table, but here it is
		list = append([]sessions.Session{c.Session()}, list...)
	}
	body := sessionsBody{Sessions: make([]sessionBody, len(list))}
	for i, s := range list {
		body.Sessions[i] = newSessionBody(s, c.Session().ID)
	}
	return c.JSON(http.StatusOK, body)
}

func (a *Auth) handleEndOthers(c *Call) error {
	if c.Session().Stateless {
		return ErrNotRevocable // there may be others of its kind
	}
	n, err := a.EndSessions(c.Context(), c.User().ID, c.Session().ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, revokedBody{Revoked: n})
}

func (a *Auth) handleEndSession(c *Call) error {
	id := c.PathValue("id")
	if c.Session().Stateless {
		return ErrNotRevocable
	}
	if err := a.EndSession(c.Context(), c.User().ID, id); err != nil {
		return err
	}
	if id == c.Session().ID {
		a.cookies.ClearSession(c.w)
	}
	return c.NoContent()
}

func (a *Auth) handleHealth(c *Call) error {
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	for _, client := range []*ent.Client{a.client, a.cfg.Sessions.Store} {
		if client == nil {
			continue
		}
		if _, err := client.AuthMeta.Query().Limit(1).IDs(ctx); err != nil {
			a.log.ErrorContext(ctx, "auth: the database does not answer", "error", err)
			return ErrUnavailable
		}
	}
	return c.JSON(http.StatusOK, healthBody{Status: "ok"})
}
