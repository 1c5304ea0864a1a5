package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// identity is who is asking, as far as a request has shown it.
type identity struct {
	user    *ent.User // nil: nobody is signed in, or RequireSession did not look
	session sessions.Session
	// bearer is true if the token came in the Authorization header, which no other
	// site can make a browser send.
	bearer bool
	client Client
}

type identityKey struct{}

// UserFrom returns the user that RequireUser or LoadUser found; false if nobody is
// signed in.
func UserFrom(ctx context.Context) (*ent.User, bool) {
	id, ok := ctx.Value(identityKey{}).(*identity)
	if !ok || id.user == nil {
		return nil, false
	}
	return id.user, true
}

// SessionFrom returns the session of the request; false if nobody is signed in.
func SessionFrom(ctx context.Context) (sessions.Session, bool) {
	id, ok := ctx.Value(identityKey{}).(*identity)
	if !ok || id.session.ID == "" {
		return sessions.Session{}, false
	}
	return id.session, true
}

// clientFrom is who the events of a call are written down for.
func clientFrom(ctx context.Context) Client {
	if id, ok := ctx.Value(identityKey{}).(*identity); ok {
		return id.client
	}
	return Client{}
}

func withIdentity(ctx context.Context, id *identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// authenticate finds out who sent r. Nobody is ErrUnauthenticated, and then a session
// cookie that led nowhere is cleared. Bearer wins over the cookie, also a bad one; two
// session cookies are nobody's, since one of them was planted.
func (a *Auth) authenticate(w http.ResponseWriter, r *http.Request) (*identity, error) {
	return a.identify(w, r, a.Session)
}

// identify is authenticate with the question to ask of a token.
func (a *Auth) identify(w http.ResponseWriter, r *http.Request, find func(context.Context, string) (sessions.Session, *ent.User, error)) (*identity, error) {
	id := &identity{}
	p := a.cookies.Presented(r)
	var secret string
	switch {
	case p.HasBearer:
		secret, id.bearer = p.Bearer, true
	case !p.Planted && len(p.Cookies) == 1:
		secret = p.Cookies[0]
	default:
		if a.cookies.Any(r) {
			a.cookies.ClearSession(w)
		}
		return nil, ErrUnauthenticated
	}
	ctx := r.Context()
	s, u, err := find(ctx, secret)
	if errors.Is(err, ErrUnauthenticated) && a.cfg.Sessions.Fallback != nil {
		return a.fallBack(w, r, secret, id.bearer)
	}
	if err != nil {
		if !id.bearer && errors.Is(err, ErrUnauthenticated) {
			a.cookies.ClearSession(w)
		}
		return nil, err
	}
	id.client = Client{IP: a.ips.IP(r), UserAgent: cleanText(r.UserAgent(), 512), Transport: s.Transport}
	id.user = u
	if policy := a.cfg.Sessions.Policy; policy != nil {
		if err := policy(ctx, s, id.client.UserAgent, id.client.ip()); err != nil {
			a.log.InfoContext(ctx, "auth: session refused by policy", "session", s.ID, "error", err)
			return nil, ErrUnauthenticated
		}
	}
	if id.session, err = a.sessions.Touch(ctx, a.client, s, id.client.UserAgent, id.client.ip()); err != nil {
		// Being seen is not worth refusing somebody.
		a.log.WarnContext(ctx, "auth: session not touched", "session", s.ID, "error", err)
	}
	return id, nil
}

// recognise is authenticate for who may be nobody, whose cookies are then left alone.
func (a *Auth) recognise(w http.ResponseWriter, r *http.Request) (*identity, error) {
	aside := headers{}
	id, err := a.authenticate(aside, r)
	if errors.Is(err, ErrUnauthenticated) {
		return &identity{client: a.Client(r)}, nil
	}
	for name, values := range aside {
		w.Header()[name] = append(w.Header()[name], values...)
	}
	return id, err
}

// headers is an answer of which only the headers are wanted, if those.
type headers http.Header

func (h headers) Header() http.Header         { return http.Header(h) }
func (h headers) Write(b []byte) (int, error) { return len(b), nil }
func (h headers) WriteHeader(int)             {}
