package oauth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/token"
)

const (
	ceremonyState = "state"
	// lifetime is how long somebody may take at the provider.
	lifetime = 10 * time.Minute
)

// Start is what a browser wants of a provider.
type Start struct {
	// ReturnTo is where it goes afterwards: a path of the site; anything else is dropped.
	ReturnTo string
	// Link links the identity to the account of the session in the context, which must be
	// recent, in place of signing in. The same session has to come back.
	Link bool
	// Fresh has the person prove themselves at the provider again, so that the session is
	// recent (see auth.Config.StepUpWithin). Only OpenID providers can, and not all do.
	Fresh bool
}

// attempt is what waits for a callback, sealed.
type attempt struct {
	Provider string    `json:"provider"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	ReturnTo string    `json:"return_to,omitempty"`
	Fresh    bool      `json:"fresh,omitempty"`
	Began    time.Time `json:"began"`
	// Session and User are whose account is to be linked; "" signs in.
	Session string `json:"session,omitempty"`
	User    string `json:"user,omitempty"`
}

// AuthorizationURL returns where to send a browser that wants to sign in by a provider.
// The flow belongs to that browser: put it into its cookie by auth.Auth.AddFlow, or keep
// it for Client.Flows; without it the callback is refused. It lives ten minutes.
// An unknown id is ErrUnknownProvider, a provider that does not answer ErrFailed; linking
// without a recent session is auth.ErrUnauthenticated or auth.ErrStepUpRequired, too many
// from one address an *auth.RetryError.
func (p *Provider) AuthorizationURL(ctx context.Context, id string, s Start, c auth.Client) (url, flow string, err error) {
	r, err := p.remote(id)
	if err != nil {
		return "", "", err
	}
	a := attempt{
		Provider: id, State: token.New().Reveal(), Nonce: token.New().Reveal(), Verifier: oauth2.GenerateVerifier(),
		ReturnTo: auth.ReturnTo(s.ReturnTo, ""), Fresh: s.Fresh, Began: p.kit.Now(),
	}
	if s.Fresh && !r.isOpenID() {
		return "", "", auth.ErrInvalidRequest
	}
	if s.Link {
		if err := p.kit.RequireRecent(ctx); err != nil {
			return "", "", err
		}
		session, _ := auth.SessionFrom(ctx)
		a.Session, a.User = session.ID, session.UserID
	}
	m, err := r.describe(ctx)
	if err != nil {
		return "", "", p.failed(ctx, r, err)
	}
	conf, err := r.config(m, p.redirectURI(id))
	if err != nil {
		return "", "", p.failed(ctx, r, err)
	}
	if flow, err = p.kit.Begin(ctx, c, ceremonyState, a, lifetime); err != nil {
		return "", "", err
	}
	return conf.AuthCodeURL(a.State, r.options(a)...), flow, nil
}

// options are the parameters of an authorization URL beside those of every OAuth client.
func (r *remote) options(a attempt) []oauth2.AuthCodeOption {
	var list []oauth2.AuthCodeOption
	for name, values := range r.idp.AuthParams {
		if len(values) > 0 {
			list = append(list, oauth2.SetAuthURLParam(name, values[0]))
		}
	}
	if r.isOpenID() {
		list = append(list, oauth2.SetAuthURLParam("nonce", a.Nonce))
	}
	if a.Fresh {
		list = append(list, oauth2.SetAuthURLParam("max_age", "0"))
	}
	if r.idp.FormPost {
		list = append(list, oauth2.SetAuthURLParam("response_mode", "form_post"))
	}
	if !r.idp.InsecureNoPKCE {
		list = append(list, oauth2.S256ChallengeOption(a.Verifier))
	}
	return list
}

// redirectURI is what the provider has to know.
func (p *Provider) redirectURI(id string) string { return p.kit.URL("/oauth/" + id + "/callback") }

// take uses up the attempt that a callback answers: in this browser, at this provider.
func (p *Provider) take(ctx context.Context, provider, state string, c auth.Client) (a attempt, flow string, err error) {
	flow, err = p.kit.Take(ctx, c, ceremonyState, func(data json.RawMessage) bool {
		var stored attempt
		if json.Unmarshal(data, &stored) != nil || stored.Provider != provider || state == "" ||
			subtle.ConstantTimeCompare([]byte(stored.State), []byte(state)) != 1 {
			return false
		}
		a = stored
		return true
	})
	switch {
	case !errors.Is(err, auth.ErrInvalidToken):
	case !slices.ContainsFunc(c.Flows, func(f string) bool { return f != "" }):
		err = ErrFlowMissing
	default:
		err = ErrExpired
	}
	return a, flow, err
}
