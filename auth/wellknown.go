package auth

import (
	"encoding/json"
	"net/http"
	"slices"
)

// RelatedOriginer is a Provider whose proofs other origins may ask for, too.
type RelatedOriginer interface {
	Provider
	// RelatedOrigins are those origins, with that of Config.BaseURL; nil if there are none.
	RelatedOrigins() []string
}

// WellKnown serves what browsers look for at fixed places: mount it with
// mux.Handle("/.well-known/", a.WellKnown()).
//
//   - /.well-known/webauthn: the origins that may use this site's passkeys (WebAuthn Level 3,
//     section 5.11), if a provider names any.
//   - /.well-known/change-password: a redirect to Config.PasswordURL, if that is set.
//
// Everything else there is not found.
func (a *Auth) WellKnown() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, ErrNotFound) })
	if origins := a.relatedOrigins(); len(origins) > 0 {
		mux.HandleFunc("GET /.well-known/webauthn", func(w http.ResponseWriter, r *http.Request) {
			body, err := json.Marshal(map[string][]string{"origins": origins})
			if err != nil {
				a.fail(w, r, err)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "public, max-age=3600")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(body) // a client that has gone
		})
	}
	if target := a.cfg.PasswordURL; target != "" {
		mux.HandleFunc("GET /.well-known/change-password", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, target, http.StatusFound)
		})
	}
	return mux
}

func (a *Auth) relatedOrigins() []string {
	var origins []string
	for _, p := range a.cfg.Providers {
		if r, ok := p.(RelatedOriginer); ok {
			for _, o := range r.RelatedOrigins() {
				if !slices.Contains(origins, o) {
					origins = append(origins, o)
				}
			}
		}
	}
	return origins
}
