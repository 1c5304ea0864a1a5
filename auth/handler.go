package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/torii-go/torii/sessions"
)

// buildHandler puts all routes behind the checks that they share.
func (a *Auth) buildHandler(routes []Route) (http.Handler, error) {
	mux := http.NewServeMux()
	routes = append(routes, a.documentRoute())
	methods := map[string][]string{}
	for _, route := range routes {
		if route.Method == "" || !strings.HasPrefix(route.Path, "/") || route.Handle == nil {
			return nil, fmt.Errorf("auth: route %q %q is incomplete", route.Method, route.Path)
		}
		if slices.Contains(methods[route.Path], route.Method) {
			return nil, fmt.Errorf("auth: two providers have the route %s %s", route.Method, route.Path)
		}
		methods[route.Path] = append(methods[route.Path], route.Method)
	}
	document, err := describe(a.cfg, routes)
	if err != nil {
		return nil, err
	}
	a.document = document
	for _, route := range routes {
		mux.Handle(route.Method+" "+a.cfg.Path+route.Path, a.serve(route))
	}
	return a.outermost(mux), nil
}

// outermost is what happens to every request, known route or not.
func (a *Auth) outermost(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Start()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		defer a.recover(w, r)
		if a.origins.allow(w, r) {
			return
		}
		// No redirect to a cleaned path: a path is a route, or it is nothing.
		if path.Clean(r.URL.Path) != r.URL.Path {
			a.fail(w, r, ErrNotFound)
			return
		}
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if allowed := otherMethods(mux, r); len(allowed) > 0 {
			h.Set("Allow", strings.Join(allowed, ", "))
			a.fail(w, r, ErrMethodNotAllowed)
			return
		}
		a.fail(w, r, ErrNotFound)
	})
}

// otherMethods are those that a path has routes for, sorted. A pattern for all methods
// would tell more simply, and be in the way of others' wildcards.
func otherMethods(mux *http.ServeMux, r *http.Request) []string {
	var allowed []string
	for _, method := range []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut,
	} {
		other := *r
		other.Method = method
		if _, pattern := mux.Handler(&other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// serve checks what every route needs checked, in one order: where the request comes
// from, who sends it, what it carries.
func (a *Auth) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &Call{a: a, w: w, r: r, client: a.Client(r)}
		err := c.check(route)
		if err == nil {
			err = route.Handle(c)
		}
		if err != nil && c.answered {
			// The client is gone, or a reply cannot be encoded: nothing more can be said.
			a.log.InfoContext(r.Context(), "auth: answer not delivered", "route", route.Path, "error", err)
			return
		}
		switch {
		case err == nil:
		case c.form:
			a.failForm(c, err)
		default:
			a.failCall(c, err)
		}
	})
}

func (c *Call) check(route Route) error {
	if route.CrossSite {
		c.client = Client{IP: c.client.IP, UserAgent: c.client.UserAgent, Language: c.client.Language}
		c.r = c.r.WithContext(withIdentity(c.r.Context(), &identity{client: c.client}))
		return c.readCrossSite()
	}
	if err := c.a.origins.check(c.r, c.a.cookies.Any(c.r)); err != nil {
		return err
	}
	// The body comes before the question who is asking: somebody who sends it slowly
	// would else be answered by what was true when the request began.
	bodyErr := c.readBody(route.Form)
	if route.Access == Public || route.Access == SignIn {
		c.r = c.r.WithContext(withIdentity(c.r.Context(), &identity{client: c.client}))
		return bodyErr
	}
	identify := c.a.authenticate
	if route.Access == Known {
		identify = c.a.recognise
	}
	id, err := identify(c.w, c.r)
	if err != nil {
		return err
	}
	if bodyErr != nil {
		return bodyErr
	}
	c.id = id
	c.r = c.r.WithContext(withIdentity(c.r.Context(), id))
	if route.Access != Recent {
		return nil
	}
	return c.RequireRecent()
}

// failCall is fail with what a flow needs to go on.
func (a *Auth) failCall(c *Call, err error) {
	if waits, ok := errors.AsType[*CheckEmailError](err); ok {
		if err := c.CheckEmail(waits.Flow); err != nil {
			a.log.InfoContext(c.Context(), "auth: answer not delivered", "error", err)
		}
		return
	}
	if pending, ok := errors.AsType[*SecondFactorError](err); ok && c.client.Transport != sessions.Bearer {
		a.addFlow(c.w, c.r, pending.Flow, pending.ended)
		err = &SecondFactorError{Methods: pending.Methods} // the cookie carries it, not the body
	}
	if pending, ok := errors.AsType[*ProfileError](err); ok && c.client.Transport != sessions.Bearer {
		a.addFlow(c.w, c.r, pending.Flow, pending.ended)
		err = &ProfileError{Fields: pending.Fields}
	}
	a.fail(c.w, c.r, err)
}

// disclose returns what is public of an error, and writes all of it to the log.
func (a *Auth) disclose(w http.ResponseWriter, r *http.Request, err error) *Error {
	e := public(err)
	if e == errInternal && r.Context().Err() != nil {
		e = ErrUnavailable // the client has gone, and took the context with it
	}
	if e == errInternal {
		id := rand.Text()
		w.Header().Set("Torii-Request-Id", id)
		a.log.ErrorContext(r.Context(), "auth: internal error", "request_id", id, "method", r.Method, "path", r.URL.Path, "error", err)
	} else {
		a.log.LogAttrs(r.Context(), slog.LevelInfo, "auth: refused", slog.String("code", e.Code), slog.String("method", r.Method), slog.String("path", r.URL.Path))
	}
	return e
}

// fail answers an error: what is public of it to the client, all of it to the log.
func (a *Auth) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := a.disclose(w, r, err)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	var body errorBody
	body.Error.Code, body.Error.Message = e.Code, e.Message
	if retry, ok := errors.AsType[*RetryError](err); ok {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(max(retry.After.Seconds(), 1)))))
	} else if e == ErrOverloaded {
		h.Set("Retry-After", "5")
	}
	if fields, ok := errors.AsType[*FieldsError](err); ok {
		body.Fields = fields.Fields
	}
	if pending, ok := errors.AsType[*SecondFactorError](err); ok {
		body.Methods, body.Flow = pending.Methods, pending.Flow
	}
	if pending, ok := errors.AsType[*ProfileError](err); ok {
		body.Flow, body.Fields = pending.Flow, map[string]string{}
		for _, name := range pending.Fields {
			body.Fields[name] = codeRequired
		}
	}
	body.detail, _ = errors.AsType[*DetailError](err)
	if werr := writeJSON(w, e.Status, body); werr != nil {
		a.log.InfoContext(r.Context(), "auth: answer not delivered", "error", werr)
	}
}

// recover turns a panic into an internal error. Transactions have rolled back on its
// way up.
func (a *Auth) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	a.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
}
