package authtest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
)

// SecretBasic and SecretPost are the ways in which a client shows its secret.
const (
	SecretBasic = "client_secret_basic"
	SecretPost  = "client_secret_post"
)

// IDPClient is an application that an IDP signs people in to.
type IDPClient struct {
	// ID is the client_id.
	ID string
	// Secret is the client_secret. A client without one is public: its PKCE verifier is
	// all that it shows.
	Secret string
	// RedirectURIs are where people may be sent back to; they are compared exactly.
	RedirectURIs []string
	// AuthMethod is how the secret has to come: SecretBasic or SecretPost. Empty takes
	// either, never both at once.
	AuthMethod string
}

// authenticate tells which client sends a token request.
func (p *IDP) authenticate(r *http.Request) (IDPClient, *oauthError) {
	refused := &oauthError{"invalid_client", "The client is not known, or its secret is wrong."}
	id, given, method := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), SecretPost
	if user, password, ok := r.BasicAuth(); ok {
		// RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
		name, err := url.QueryUnescape(user)
		word, werr := url.QueryUnescape(password)
		switch {
		case err != nil || werr != nil:
			return IDPClient{}, refused
		case r.PostForm.Has("client_secret"):
			return IDPClient{}, &oauthError{"invalid_request", "The secret came in two ways."}
		case r.PostForm.Has("client_id") && id != name:
			return IDPClient{}, &oauthError{"invalid_request", "Two clients are named."}
		}
		id, given, method = name, word, SecretBasic
	}
	c, ok := p.clients[id]
	switch {
	case !ok:
		return IDPClient{}, refused
	case c.Secret == "" && given == "" && method == SecretPost:
		return c, nil
	case c.Secret == "" || c.AuthMethod != "" && c.AuthMethod != method:
		return IDPClient{}, refused
	case subtle.ConstantTimeCompare([]byte(c.Secret), []byte(given)) != 1:
		return IDPClient{}, refused
	}
	return c, nil
}
