package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/torii-go/torii/sessions"
)

// FactorLegacy is the kind of factor of a session that began as a token of the host's
// former system.
const FactorLegacy = "legacy"

// fallBack asks the host about a token that is not ours. One that came in the session
// cookie is exchanged: its user goes through the door and gets a session of ours. One
// in the Authorization header is accepted as it is, since the client that sends it
// keeps sending it.
func (a *Auth) fallBack(w http.ResponseWriter, r *http.Request, secret string, bearer bool) (*identity, error) {
	ctx := r.Context()
	userID, err := a.cfg.Sessions.Fallback(ctx, secret)
	if err != nil {
		if !bearer {
			a.cookies.ClearSession(w)
		}
		return nil, errors.Join(ErrUnauthenticated, err)
	}
	u, err := a.User(ctx, userID)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, ErrUnauthenticated
	case err != nil:
		return nil, err
	case u.DisabledAt != nil:
		return nil, ErrUnauthenticated
	}
	factor := sessions.Factor{Kind: FactorLegacy, At: a.now()}
	id := &identity{user: u, bearer: bearer, client: a.Client(r)}
	id.client.Sessions = nil // the token is the host's to end
	if bearer {
		id.session = sessions.Session{UserID: u.ID, Factors: []sessions.Factor{factor}, Transport: sessions.Bearer}
		return id, nil
	}
	res, err := a.exchange(ctx, u.ID, factor, id.client)
	if err != nil {
		return nil, err
	}
	a.setCookies(w, r, res)
	id.session = res.Session
	return id, nil
}

// exchange opens a session for the user of a legacy token. Whoever needs a second
// factor signs in again.
func (a *Auth) exchange(ctx context.Context, userID string, f sessions.Factor, c Client) (Result, error) {
	c.Transport = sessions.Cookie
	res, err := a.finish(ctx, Proof{Provider: FactorLegacy, UserID: userID, Unguessable: true, Factors: []sessions.Factor{f}}, c)
	if isRefusal(err) {
		err = ErrUnauthenticated
	}
	return res, err
}
