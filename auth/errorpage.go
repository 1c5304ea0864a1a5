package auth

import (
	"html/template"
	"net/http"
	"slices"
)

// errorPage explains a code to a person whose browser was sent here by a redirect. It
// shows nothing that came with the request but a code that is known.
var errorPage = template.Must(template.New("error").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto; padding: 0 1.5rem; color: #1c1b1a; background: #fbfaf8 }
a { color: #b3361b } code { color: #6b655e }
@media (prefers-color-scheme: dark) { body { color: #ece8e2; background: #1b1a19 } a { color: #ff8f6b } code { color: #a59d93 } }
</style>
<h1>That did not work</h1>
<p>{{.Message}}</p>
<p><a href="/">Back to {{.Title}}</a></p>
<p><code>{{.Code}}</code></p>
`))

// sentinels are the errors that a redirect may name.
var sentinels = []*Error{
	ErrInvalidRequest, ErrInvalidToken, ErrUnauthenticated, ErrInvalidCredentials, ErrSecondFactorRequired,
	ErrProfileRequired, ErrPasswordChangeRequired, ErrForbiddenOrigin, ErrStepUpRequired, ErrWrongPassword, ErrEmailUnverified, ErrRefused,
	ErrNotFound, ErrMethodNotAllowed, ErrEmailTaken, ErrLastSignInMethod, ErrNotRevocable, ErrBodyTooLarge, ErrUnsupportedMediaType,
	ErrInvalidFields, ErrTooManyAttempts, ErrOverloaded, ErrUnavailable,
}

func (a *Auth) handleError(c *Call) error {
	shown := errInternal
	code := c.r.URL.Query().Get("code")
	if i := slices.IndexFunc(sentinels, func(e *Error) bool { return e.Code == code }); i >= 0 {
		shown = sentinels[i]
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "strict-origin")
	c.answered = true
	c.w.WriteHeader(http.StatusOK)
	return errorPage.Execute(c.w, struct{ Title, Message, Code string }{a.cfg.AppName, shown.Message, shown.Code})
}
