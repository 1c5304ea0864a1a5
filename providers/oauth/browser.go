package oauth

import (
	"net/http"
	"net/url"

	"github.com/torii-go/torii/auth"
)

// handleStart answers a program with the URL, and sends a form's browser there.
func (p *Provider) handleStart(c *auth.Call) error {
	var body startBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	if c.IsForm() && body.ReturnTo == "" {
		body.ReturnTo = c.Query("return_to") // of the page below
	}
	to, flow, err := p.AuthorizationURL(c.Context(), c.PathValue("provider"), Start{
		ReturnTo: body.ReturnTo, Link: bool(body.Link), Fresh: bool(body.Fresh),
	}, c.Client())
	if err != nil {
		return err
	}
	if c.IsForm() {
		c.Began(flow)
		return c.Leave(to)
	}
	return c.JSON(http.StatusOK, startReply{URL: to, Flow: c.Began(flow)})
}

// handleStartPage goes on by itself only where the browser says that a link of this site
// was followed, by somebody who is not signed in. Else a person has to press a button:
// any page could sign its visitors in to an account of its choice, and a link to the form
// of sign-in could, by its return_to, right after they have signed in to their own.
func (p *Provider) handleStartPage(c *auth.Call) error {
	r, err := p.remote(c.PathValue("provider"))
	switch {
	case err != nil:
		return err
	case c.Query("link") != "":
		return auth.ErrInvalidRequest
	}
	back := auth.ReturnTo(c.Query("return_to"), "")
	if !c.IsNavigation() || c.User() != nil {
		return c.Page(auth.Page{
			Name: "oauth", Provider: r.idp.Name, Leaves: true,
			Action: "/oauth/" + r.idp.ID + "?" + url.Values{"return_to": {back}}.Encode(),
		})
	}
	c.AsForm()
	to, flow, err := p.AuthorizationURL(c.Context(), r.idp.ID, Start{ReturnTo: back}, c.Client())
	if err != nil {
		return err
	}
	c.Began(flow)
	return c.Leave(to)
}

// handleCallback signs in, or links, and sends the browser on.
func (p *Provider) handleCallback(c *auth.Call) error {
	if c.IsHead() {
		return auth.ErrMethodNotAllowed // it would use the state up, and nobody would be there
	}
	if !c.WantsJSON() {
		c.AsForm()
	}
	query := url.Values{}
	for _, name := range callbackParams {
		query[name] = c.Queries(name)
	}
	res, err := p.Exchange(c.Context(), CallbackOf(c.PathValue("provider"), query), c.Client())
	if err != nil {
		return err
	}
	return c.Entered(res)
}

// maxForm is how much of a form fits into the address that it is sent on to.
const maxForm = 4096

// handleFormPost takes the form of a provider. The browser brings it from another site,
// and so without cookies; it brings them when it is sent on.
func (p *Provider) handleFormPost(c *auth.Call) error {
	r, err := p.remote(c.PathValue("provider"))
	if err != nil {
		return err
	}
	if !r.idp.FormPost {
		return auth.ErrNotFound
	}
	var body callbackBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	query := url.Values{}
	for name, value := range map[string]string{"state": body.State, "code": body.Code, "iss": body.Iss, "error": body.Error, "user": body.User} {
		if value != "" {
			query.Set(name, value)
		}
	}
	text := query.Encode()
	if len(text) > maxForm {
		return auth.ErrBodyTooLarge
	}
	return c.See(c.Route("/oauth/"+r.idp.ID+"/callback") + "?" + text)
}
