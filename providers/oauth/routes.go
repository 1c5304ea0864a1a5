package oauth

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
)

type (
	providersBody struct {
		Providers []providerBody `json:"providers"`
	}
	providerBody struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	startBody struct {
		ReturnTo string `json:"return_to"`
		Link     flag   `json:"link"`
		Fresh    flag   `json:"fresh"`
	}
	startReply struct {
		URL  string `json:"url"`
		Flow string `json:"flow,omitempty"`
	}
	callbackBody struct {
		State string `json:"state"`
		Code  string `json:"code"`
		Iss   string `json:"iss"`
		Error string `json:"error"`
		User  string `json:"user"`
	}
	nonceReply struct {
		Nonce string `json:"nonce"`
		Flow  string `json:"flow,omitempty"`
	}
	idTokenBody struct {
		IDToken *string `json:"id_token"`
	}
	accountsBody struct {
		Accounts []accountBody `json:"accounts"`
	}
	accountBody struct {
		ID         string     `json:"id"`
		Provider   string     `json:"provider"`
		Name       string     `json:"name"`
		Email      *string    `json:"email"`
		CreatedAt  time.Time  `json:"created_at"`
		LastUsedAt *time.Time `json:"last_used_at"`
	}
)

// flag is a boolean, which a form can only write as "true".
type flag bool

// UnmarshalJSON reads true, and a form's "true".
func (f *flag) UnmarshalJSON(b []byte) error {
	if string(b) == `"true"` {
		*f = true
		return nil
	}
	return json.Unmarshal(b, (*bool)(f))
}

func (p *Provider) routes() []auth.Route {
	started := []*auth.Error{ErrUnknownProvider, ErrFailed, auth.ErrUnauthenticated, auth.ErrStepUpRequired, auth.ErrTooManyAttempts}
	entered := []*auth.Error{
		ErrUnknownProvider, ErrFlowMissing, ErrExpired, ErrDenied, ErrFailed, auth.ErrEmailTaken, auth.ErrIdentityTaken,
		auth.ErrUnauthenticated, auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrProfileRequired, auth.ErrTooManyAttempts,
	}
	return []auth.Route{
		{Method: http.MethodGet, Path: "/oauth", Handle: p.handleProviders, Doc: auth.Doc{
			Summary: "The providers of identities", Status: http.StatusOK, Reply: providersBody{},
		}},
		{Method: http.MethodPost, Path: "/oauth/{provider}", Access: auth.Known, Form: true, Handle: p.handleStart, Doc: auth.Doc{
			Summary: "Begin to sign in, or to link an identity", Body: startBody{}, Status: http.StatusOK, Reply: startReply{}, Errors: started,
		}},
		{Method: http.MethodGet, Path: "/oauth/{provider}", Access: auth.Known, Handle: p.handleStartPage, Doc: auth.Doc{
			Summary: "Go to the provider, from a page of this site; a page with a button from elsewhere", Status: http.StatusOK, Page: true, Errors: started,
		}},
		{Method: http.MethodGet, Path: "/oauth/{provider}/callback", Access: auth.Known, Handle: p.handleCallback, Doc: auth.Doc{
			Summary: "Where a provider sends the browser back to", Status: http.StatusOK, Page: true, Waits: p.kit.ProvesFirst(), Reply: auth.OpenedReply{}, Errors: entered,
		}},
		{Method: http.MethodPost, Path: "/oauth/{provider}/callback", CrossSite: true, Handle: p.handleFormPost, Doc: auth.Doc{
			Summary: "The same for providers that post a form; reads no cookie and opens nothing", Status: http.StatusSeeOther,
			Errors: []*auth.Error{ErrUnknownProvider},
		}},
		{Method: http.MethodPost, Path: "/oauth/{provider}/native/begin", Handle: p.handleNativeBegin, Doc: auth.Doc{
			Summary: "A nonce for an app that gets an ID token by itself", Status: http.StatusOK, Reply: nonceReply{},
			Errors: []*auth.Error{ErrUnknownProvider, auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/oauth/{provider}/native/finish", Access: auth.SignIn, Handle: p.handleNativeFinish, Doc: auth.Doc{
			Summary: "Sign in with an ID token for that nonce", Body: idTokenBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{}, Waits: p.kit.ProvesFirst(),
			Errors: []*auth.Error{
				ErrUnknownProvider, auth.ErrEmailTaken, auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrProfileRequired, auth.ErrTooManyAttempts,
			},
		}},
		{Method: http.MethodGet, Path: "/oauth/accounts", Access: auth.SignedIn, Handle: p.handleAccounts, Doc: auth.Doc{
			Summary: "The identities that are linked to the signed-in user", Status: http.StatusOK, Reply: accountsBody{},
		}},
		{Method: http.MethodDelete, Path: "/oauth/accounts/{id}", Access: auth.Recent, Handle: p.handleUnlink, Doc: auth.Doc{
			Summary: "Remove an identity", Status: http.StatusNoContent, Errors: []*auth.Error{auth.ErrNotFound, auth.ErrLastSignInMethod},
		}},
	}
}

func (p *Provider) handleProviders(c *auth.Call) error {
	body := providersBody{Providers: []providerBody{}}
	for _, r := range p.remotes {
		body.Providers = append(body.Providers, providerBody{ID: r.idp.ID, Name: r.idp.Name})
	}
	return c.JSON(http.StatusOK, body)
}

func (p *Provider) handleAccounts(c *auth.Call) error {
	list, err := p.Accounts(c.Context(), c.User().ID)
	if err != nil {
		return err
	}
	body := accountsBody{Accounts: []accountBody{}}
	for _, a := range list {
		row := accountBody{ID: a.ID, Provider: a.Provider, Name: a.Name, CreatedAt: a.CreatedAt}
		if a.Email != "" {
			row.Email = &a.Email
		}
		if !a.LastUsedAt.IsZero() {
			row.LastUsedAt = &a.LastUsedAt
		}
		body.Accounts = append(body.Accounts, row)
	}
	return c.JSON(http.StatusOK, body)
}

func (p *Provider) handleUnlink(c *auth.Call) error {
	if err := p.Unlink(c.Context(), c.Session(), c.PathValue("id"), c.Client()); err != nil {
		return err
	}
	return c.NoContent()
}
