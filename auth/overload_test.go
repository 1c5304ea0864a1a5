package auth_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
)

// What the database had no time for is the server's trouble, not an internal error.
func TestADeadlineReadsAsOverloaded(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{Hooks: []auth.Hook{func(context.Context, *auth.Tx, auth.Event) error {
		return context.DeadlineExceeded
	}}})
	r := s.Browser().Post("/auth/register", map[string]string{"email": person(), "password": phrase})
	if r.Status != http.StatusServiceUnavailable || r.Code() != "overloaded" || r.Header.Get("Retry-After") == "" {
		t.Errorf("%v, Retry-After %q; want 503 overloaded and a time", r, r.Header.Get("Retry-After"))
	}
}
