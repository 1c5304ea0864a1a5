package verify

import (
	"context"
	"io"
	"net/http"
	"strings"
)

type claimsKey struct{}

// Middleware calls next for requests with a valid token in "Authorization: Bearer",
// with the claims in the context ([ClaimsFrom]). All others get 401 and one body,
// whatever was wrong. Cookies are not looked at: they would need a defence against
// requests of other sites.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := bearer(r)
		if !ok {
			unauthenticated(w)
			return
		}
		claims, err := v.Verify(token)
		if err != nil {
			unauthenticated(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), claimsKey{}, claims)))
	})
}

// ClaimsFrom returns the claims of the request's token, if its handler is behind
// [Verifier.Middleware].
func ClaimsFrom(ctx context.Context) (Claims, bool) {
	c, ok := ctx.Value(claimsKey{}).(Claims)
	return c, ok
}

// bearer is the token of the one Authorization header (RFC 6750, section 2.1). Of two
// headers neither can be trusted.
func bearer(r *http.Request) (string, bool) {
	h := r.Header["Authorization"]
	if len(h) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(h[0], " ")
	return strings.Trim(token, " "), ok && strings.EqualFold(scheme, "Bearer")
}

func unauthenticated(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("WWW-Authenticate", "Bearer")
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, `{"error":{"code":"unauthenticated","message":"Sign in first."}}`+"\n")
}
