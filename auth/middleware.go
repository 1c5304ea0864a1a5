package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/internal/returnto"
	"github.com/torii-go/torii/sessions"
)

// RequireUser lets only signed-in users through to next, which finds them with
// [UserFrom]. Others get 401, or are sent to Config.LoginURL if they asked for a page. A
// request that changes something must also come from a page that may act for the user
// (403 otherwise), unless its token came in the Authorization header.
//
// The page is never stored by caches: it is somebody's.
func (a *Auth) RequireUser(next http.Handler) http.Handler {
	return a.guard(next, nil)
}

// RequireSession is RequireUser without the user: of a stateless session it asks no
// database, and so lets a user through who was disabled or deleted since the token was
// issued. SessionFrom tells whose session it is; UserFrom tells nothing for stateless
// sessions.
func (a *Auth) RequireSession(next http.Handler) http.Handler {
	find := func(ctx context.Context, secret string) (sessions.Session, *ent.User, error) {
		s, u, err := a.lookup(ctx, secret)
		if err == nil && u != nil && u.DisabledAt != nil {
			err = ErrUnauthenticated
		}
		return s, u, err
	}
	return a.guardBy(find, next, nil)
}

// RequireRecent is RequireUser for what needs a proof of the last while d: changing a
// payout address, deleting a project. The proof must be as strong as the account has.
// Without it the answer is 403 step_up_required, and POST /step-up is what to do.
func (a *Auth) RequireRecent(d time.Duration, next http.Handler) http.Handler {
	return a.guard(next, func(ctx context.Context, id *identity) error {
		return a.requireRecent(ctx, id.session, d)
	})
}

// requireRecent is ErrStepUpRequired unless IsRecent.
func (a *Auth) requireRecent(ctx context.Context, s sessions.Session, d time.Duration) error {
	ok, err := a.IsRecent(ctx, s, d)
	if err == nil && !ok {
		err = ErrStepUpRequired
	}
	return err
}

// RequireVerified is RequireUser for users whose address is proven; others get 403
// email_unverified.
func (a *Auth) RequireVerified(next http.Handler) http.Handler {
	return a.guard(next, func(_ context.Context, id *identity) error {
		if id.user.EmailVerifiedAt == nil {
			return ErrEmailUnverified
		}
		return nil
	})
}

// LoadUser looks who is asking and lets everybody through: next finds a user with
// [UserFrom], or none. A forged request that changes something is refused as by
// RequireUser.
func (a *Auth) LoadUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Start()
		id, err := a.authenticate(w, r)
		w.Header().Add("Vary", "Cookie, Authorization")
		switch {
		case err == nil:
			if err := a.origins.check(r, true); err != nil && !id.bearer {
				a.fail(w, r, err)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			r = r.WithContext(withIdentity(r.Context(), id))
		case public(err) == errInternal:
			a.fail(w, r, err)
			return
		case a.cookies.Any(r):
			w.Header().Set("Cache-Control", "no-store") // a cookie may just have been cleared
		}
		next.ServeHTTP(w, r)
	})
}

func (a *Auth) guard(next http.Handler, also func(context.Context, *identity) error) http.Handler {
	return a.guardBy(a.Session, next, also)
}

func (a *Auth) guardBy(find func(context.Context, string) (sessions.Session, *ent.User, error), next http.Handler, also func(context.Context, *identity) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Start()
		id, err := a.identify(w, r, find)
		if err == nil && !id.bearer {
			err = a.origins.check(r, true)
		}
		if err == nil && also != nil {
			err = also(r.Context(), id)
		}
		switch {
		case err == nil:
			w.Header().Set("Cache-Control", "no-store")
			next.ServeHTTP(w, r.WithContext(withIdentity(r.Context(), id)))
		case errors.Is(err, ErrUnauthenticated) && a.sendToLogin(w, r):
		default:
			a.fail(w, r, err)
		}
	})
}

// sendToLogin redirects a browser that wants a page, and tells whether it did.
func (a *Auth) sendToLogin(w http.ResponseWriter, r *http.Request) bool {
	if a.cfg.LoginURL == "" || r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	target := a.cfg.LoginURL
	if back, ok := returnto.Clean(r.URL.RequestURI()); ok {
		target += "?return_to=" + url.QueryEscape(back)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return true
}

// IsRecent tells whether a session holds a proof of the last while d that is as strong
// as the account has: somebody with a password, a passkey or a second factor proves one
// of those, whatever else could sign them in. What the account has is read anew each
// time.
func (a *Auth) IsRecent(ctx context.Context, s sessions.Session, d time.Duration) (bool, error) {
	kinds, err := a.client.Credential.Query().
		Where(credential.UserID(s.UserID)).
		GroupBy(credential.FieldKind).
		Strings(ctx)
	if err != nil {
		return false, err
	}
	var last time.Time
	for _, f := range s.Factors {
		if (len(kinds) == 0 || slices.Contains(kinds, f.Kind)) && f.At.After(last) {
			last = f.At
		}
	}
	age := a.now().Sub(last)
	return !last.IsZero() && age <= d && age >= -time.Minute, nil
}
