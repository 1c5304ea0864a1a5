package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
)

func TestTheErrorPageExplainsACode(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{AppName: "<i>App</i>"})
	r := s.Browser().Get("/auth/error?code=email_taken")
	page := string(r.Body)
	if r.Status != http.StatusOK || !strings.Contains(page, auth.ErrEmailTaken.Message) || !strings.Contains(page, "&lt;i&gt;App") || strings.Contains(page, "<i>") {
		t.Errorf("page: %v", r)
	}
	h := r.Header
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"} {
		if !strings.Contains(h.Get("Content-Security-Policy"), directive) {
			t.Errorf("Content-Security-Policy %q, want %s in it", h.Get("Content-Security-Policy"), directive)
		}
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") == "" || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("headers %v", h)
	}
}

func TestTheErrorPageShowsNothingThatWasSent(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	for _, query := range []string{
		"", "?", "?code=", "?code=unknown-canary", "?code=<script>canary</script>", "?code=%3Cscript%3Ecanary", "?message=canary", "?code=email_taken&x=canary",
		"?code=canary&code=email_taken", "?code=%ff%00canary", "?canary;", "?code=" + strings.Repeat("canary", 1000), "?%zzcanary",
	} {
		r := s.Browser().Get("/auth/error" + query)
		if r.Status != http.StatusOK || strings.Contains(string(r.Body), "canary") || strings.Contains(string(r.Body), "<script") {
			t.Errorf("GET /auth/error%.80s: %v", query, r)
		}
	}
}
