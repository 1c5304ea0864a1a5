package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/strictjson"
	"github.com/torii-go/torii/sessions"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 64 << 10

// Call is one request to a route, after the checks that every route shares.
type Call struct {
	a        *Auth
	w        http.ResponseWriter
	r        *http.Request
	id       *identity // nil on public routes
	client   Client
	body     []byte
	answered bool
	form     bool // the body was a form's
}

// Context is the request's; it holds who is asking.
func (c *Call) Context() context.Context { return c.r.Context() }

// Client is who is asking, as Kit.Finish takes it.
func (c *Call) Client() Client { return c.client }

// User is the signed-in user; nil on routes that need none.
func (c *Call) User() *ent.User {
	if c.id == nil {
		return nil
	}
	return c.id.user
}

// Session is the signed-in user's session; zero on routes that need none.
func (c *Call) Session() sessions.Session {
	if c.id == nil {
		return sessions.Session{}
	}
	return c.id.session
}

// Route is the path of a route, as a link needs it.
func (c *Call) Route(path string) string { return c.a.cfg.Path + path }

// PathValue is a wildcard of the route's path.
func (c *Call) PathValue(name string) string { return c.r.PathValue(name) }

// Decode reads the body into v, a pointer to a struct: member names exact, unknown
// ones ignored, everything ambiguous ErrInvalidRequest.
func (c *Call) Decode(v any) error {
	switch err := strictjson.Decode(bytes.NewReader(c.body), maxBody, v); {
	case errors.Is(err, strictjson.ErrTooLarge):
		return ErrBodyTooLarge
	case errors.Is(err, strictjson.ErrInvalid):
		return ErrInvalidRequest
	default:
		return err
	}
}

// RequireRecent is ErrStepUpRequired unless the session holds a proof as recent as a
// Recent route demands. It is for routes on which that depends on the body.
func (c *Call) RequireRecent() error {
	return c.a.requireRecent(c.Context(), c.Session(), c.a.cfg.StepUpWithin)
}

// JSON answers with v.
func (c *Call) JSON(status int, v any) error {
	c.answered = true
	return writeJSON(c.w, status, v)
}

// NoContent answers 204.
func (c *Call) NoContent() error {
	c.answered = true
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// Opened answers a sign-in: {user, session}, and the token as the client asked for it.
func (c *Call) Opened(status int, res Result) error {
	// The host's policies see who has just come in.
	u, err := c.userBody(withIdentity(c.Context(), &identity{user: res.User, session: res.Session, client: c.client}), res.User)
	if err != nil {
		return err
	}
	body := openedBody{User: u, Session: newSessionBody(res.Session, res.Session.ID), ReturnTo: res.ReturnTo}
	if c.client.Transport == sessions.Bearer {
		body.Token = res.Token.Reveal()
	} else {
		c.a.setCookies(c.w, c.r, res)
	}
	return c.JSON(status, body)
}

// Renewed answers a proof given again: {session}, and the new token the way the old
// one came. What came by cookie is never shown in a body.
func (c *Call) Renewed(status int, res Result) error {
	return c.JSON(status, c.renewed(res))
}

// renewed sends the new token the way the old one came.
func (c *Call) renewed(res Result) renewedBody {
	body := renewedBody{Session: newSessionBody(res.Session, res.Session.ID)}
	if c.id.bearer && res.Session.Transport == sessions.Bearer {
		body.Token = res.Token.Reveal()
	} else {
		c.a.setCookies(c.w, c.r, res)
	}
	return body
}

// SetCookies sends what a sign-in leaves in a browser: the session, and that the
// browser is known. Handlers that call a provider's methods themselves end with it. A
// session that was opened for the Authorization header is not put into a cookie: the
// handler shows res.Token to its client.
func (a *Auth) SetCookies(w http.ResponseWriter, r *http.Request, res Result) {
	w.Header().Set("Cache-Control", "no-store")
	if res.Session.Transport != sessions.Bearer {
		a.setCookies(w, r, res)
	}
}

func (a *Auth) setCookies(w http.ResponseWriter, r *http.Request, res Result) {
	if res.Token.Reveal() != "" { // or the session that was there goes on
		a.cookies.SetSession(w, res.Token, res.Session)
	}
	if res.Device != "" {
		a.cookies.SetDevice(w, res.Device, a.now().Add(deviceLifetime))
	}
	if res.Flow != "" {
		a.cookies.DropFlow(w, r, res.Flow)
	}
}

// ClearCookies deletes the session cookie in the browser.
func (a *Auth) ClearCookies(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	a.cookies.ClearSession(w)
}

// readBody reads a body that must be JSON, or a form where the route takes one. A
// request without one has none to check.
func (c *Call) readBody(forms bool) error {
	body, err := c.readAll()
	if err != nil {
		return err
	}
	if forms && isForm(c.r.Header["Content-Type"]) {
		return c.readForm(body)
	}
	if len(body) > 0 && !isJSON(c.r.Header["Content-Type"]) {
		return ErrUnsupportedMediaType
	}
	c.body = body
	return nil
}

// readAll reads a body up to maxBody; a request that has none, nothing.
func (c *Call) readAll() ([]byte, error) {
	if isSafe(c.r.Method) || c.r.Body == nil || c.r.Body == http.NoBody {
		return nil, nil
	}
	if c.r.ContentLength > maxBody {
		return nil, ErrBodyTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err == nil {
		return body, nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, ErrBodyTooLarge
	}
	return nil, ErrInvalidRequest // cut off, or a broken encoding
}

// isJSON accepts application/json, in UTF-8 if it names a charset (RFC 8259, section
// 8.1). What a form can send from another site is something else.
func isJSON(header []string) bool {
	if len(header) != 1 {
		return false
	}
	kind, params, err := mime.ParseMediaType(header[0])
	if err != nil || kind != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append(body, '\n'))
	return err
}

// AddFlow puts the flow of a CheckEmailError, of RequestVerification or of a provider's
// method into the browser's cookie, for handlers that call the methods themselves: what
// was mailed can then be answered in this browser.
func (a *Auth) AddFlow(w http.ResponseWriter, r *http.Request, flow string) {
	w.Header().Set("Cache-Control", "no-store")
	a.addFlow(w, r, flow)
}
