package auth

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"unicode/utf8"
)

// formType is how a page without JavaScript sends what was typed into it.
const formType = "application/x-www-form-urlencoded"

// isForm tells whether the body is a form's.
func isForm(header []string) bool {
	if len(header) != 1 {
		return false
	}
	kind, _, err := mime.ParseMediaType(header[0])
	return err == nil && kind == formType
}

// readForm makes of a form's body the JSON that a route reads: each member a string. A
// form is taken from a page of this very site alone, and only where Torii has put one.
func (c *Call) readForm(body []byte) error {
	if !c.a.origins.isOwn(c.r) {
		return ErrForbiddenOrigin
	}
	return c.parseForm(body)
}

// readCrossSite reads the form that another site has a browser post.
func (c *Call) readCrossSite() error {
	body, err := c.readAll()
	switch {
	case err != nil:
		return err
	case !isForm(c.r.Header["Content-Type"]):
		return ErrUnsupportedMediaType
	}
	err = c.parseForm(body)
	c.form = false // it is no page of ours, to be answered as one
	return err
}

func (c *Call) parseForm(body []byte) error {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return ErrInvalidRequest
	}
	members := map[string]string{}
	for name, list := range values {
		if len(list) != 1 || !utf8.ValidString(name) || !utf8.ValidString(list[0]) {
			return ErrInvalidRequest
		}
		members[name] = list[0]
	}
	c.body, err = json.Marshal(members)
	c.form = true
	return err
}

// IsForm tells whether the request came from a page without JavaScript: the answer to it
// is See.
func (c *Call) IsForm() bool { return c.form }

// See answers a form: 303 to a path of this site.
func (c *Call) See(path string) error {
	c.answered = true
	c.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(c.w, c.r, path, http.StatusSeeOther)
	return nil
}

// failForm sends a person to the page that explains what went wrong.
func (a *Auth) failForm(c *Call, err error) {
	if waits, ok := errors.AsType[*CheckEmailError](err); ok {
		a.addFlow(c.w, c.r, waits.Flow)
		_ = c.See(c.Route(sentPath)) // a redirect cannot fail
		return
	}
	e := a.disclose(c.w, c.r, err)
	if pending, ok := errors.AsType[*SecondFactorError](err); ok {
		a.addFlow(c.w, c.r, pending.Flow, pending.ended)
	}
	if pending, ok := errors.AsType[*ProfileError](err); ok {
		a.addFlow(c.w, c.r, pending.Flow, pending.ended)
	}
	_ = c.See(a.cfg.Path + "/error?code=" + url.QueryEscape(e.Code)) // a redirect cannot fail
}
