package bench_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// What somebody writes who has golang-jwt and reads its manual: one parser for all
// requests, the algorithm fixed, an end required, the key chosen by its id.

type handClaimsKey struct{}

// check returns what parses a token with this key.
func (k jwtKey) check(issuer, audience string) func(signed string) (*jwt.RegisteredClaims, error) {
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{k.alg}), jwt.WithExpirationRequired()}
	if issuer != "" {
		options = append(options, jwt.WithIssuer(issuer))
	}
	if audience != "" {
		options = append(options, jwt.WithAudience(audience))
	}
	parser := jwt.NewParser(options...)
	keys := map[string]any{k.kid: k.public}
	find := func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, ok := keys[kid]
		if !ok {
			return nil, errors.New("unknown key")
		}
		return key, nil
	}
	return func(signed string) (*jwt.RegisteredClaims, error) {
		claims := &jwt.RegisteredClaims{}
		if _, err := parser.ParseWithClaims(signed, claims, find); err != nil {
			return nil, err
		}
		if claims.Subject == "" {
			return nil, errors.New("nobody's token")
		}
		return claims, nil
	}
}

func tokenInCookie(r *http.Request) (string, bool) {
	cookie, err := r.Cookie("__Host-torii_session")
	if err != nil {
		return "", false
	}
	return cookie.Value, true
}

func tokenInHeader(r *http.Request) (string, bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// requireToken is a check of a stateless session written by hand.
func requireToken(find func(*http.Request) (string, bool), check func(string) (*jwt.RegisteredClaims, error), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed, ok := find(r)
		if !ok {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		claims, err := check(signed)
		if err != nil {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handClaimsKey{}, claims)))
	})
}

const handUserByID = "SELECT id, email, email_entered, name, picture, email_verified_at, disabled_at, sessions_valid_after, created_at, updated_at " +
	"FROM users WHERE id = "

// loadUser reads the user of a token that requireToken has let through.
func loadUser(lookup *sql.Stmt, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := r.Context().Value(handClaimsKey{}).(*jwt.RegisteredClaims)
		if !ok || claims.IssuedAt == nil {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		u := &handUser{}
		err := lookup.QueryRowContext(r.Context(), claims.Subject).Scan(
			&u.ID, &u.Email, &u.EmailEntered, &u.Name, &u.Picture, &u.VerifiedAt, &u.DisabledAt, &u.ValidAll, &u.CreatedAt, &u.UpdatedAt)
		if err != nil || u.DisabledAt.Valid || u.ValidAll.Valid && claims.IssuedAt.Before(u.ValidAll.Time) {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handKey{}, u)))
	})
}
