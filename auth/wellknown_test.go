package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
)

// related is a provider whose proofs other origins may ask for.
type related struct{ origins []string }

func (related) Name() string                         { return "related" }
func (related) Mount(auth.Kit) ([]auth.Route, error) { return nil, nil }
func (r related) RelatedOrigins() []string           { return r.origins }

func TestWellKnown(t *testing.T) {
	with := auth.Config{
		Providers:   []auth.Provider{related{[]string{authtest.Origin, "https://app.example.de"}}},
		PasswordURL: "/account/password",
	}
	for _, row := range []struct {
		name, method, path string
		cfg                auth.Config
		status             int
		body, location     string
	}{
		{"related origins", "GET", "/.well-known/webauthn", with, 200, `{"origins":["https://app.example","https://app.example.de"]}`, ""},
		{"their headers", "HEAD", "/.well-known/webauthn", with, 200, "", ""},
		{"no related origins", "GET", "/.well-known/webauthn", auth.Config{}, 404, "", ""},
		{"the page for a new password", "GET", "/.well-known/change-password", with, 302, "", "/account/password"},
		{"no such page", "GET", "/.well-known/change-password", auth.Config{}, 404, "", ""},
		{"something else", "GET", "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", with, 404, "", ""},
		{"a change", "POST", "/.well-known/webauthn", with, 404, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := authtest.New(t, row.cfg)
			w := httptest.NewRecorder()
			s.Auth.WellKnown().ServeHTTP(w, httptest.NewRequest(row.method, row.path, nil))
			if w.Code != row.status || w.Header().Get("Location") != row.location {
				t.Errorf("%d, Location %q; want %d, %q", w.Code, w.Header().Get("Location"), row.status, row.location)
			}
			if row.body != "" && (w.Body.String() != row.body || w.Header().Get("Content-Type") != "application/json") {
				t.Errorf("%q as %q, want %q as application/json", w.Body, w.Header().Get("Content-Type"), row.body)
			}
		})
	}
	if _, err := auth.New(authtest.Database(t), auth.Config{BaseURL: "http://localhost", PasswordURL: "https://other.example/"}); err == nil {
		t.Error("a PasswordURL of another site is taken")
	}
}

// telling refuses with something that the client can act on, and serves a file.
type telling struct{}

func (telling) Name() string { return "telling" }
func (telling) Mount(auth.Kit) ([]auth.Route, error) {
	return []auth.Route{
		{Method: http.MethodPost, Path: "/tell", Handle: func(*auth.Call) error {
			return &auth.DetailError{Err: auth.ErrInvalidCredentials, Member: "hint", Value: map[string]int{"n": 1}}
		}, Doc: auth.Doc{Summary: "refuse"}},
		{Method: http.MethodGet, Path: "/file.js", Handle: func(c *auth.Call) error {
			return c.Asset("text/javascript; charset=utf-8", "v1", []byte("export {}"))
		}, Doc: auth.Doc{Summary: "a file", Status: http.StatusOK}},
	}, nil
}

func TestADetailStandsBesideTheError(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{telling{}}})
	r := s.Browser().Post("/auth/tell", nil)
	want := `{"error":{"code":"invalid_credentials","message":"These credentials open no account."},"hint":{"n":1}}` + "\n"
	if r.Status != http.StatusUnauthorized || string(r.Body) != want {
		t.Errorf("%d %s, want 401 %s", r.Status, r.Body, want)
	}
}

func TestAnAssetIsKeptByBrowsers(t *testing.T) {
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{telling{}}})
	b := s.Browser()
	r := b.Get("/auth/file.js")
	if r.Status != http.StatusOK || string(r.Body) != "export {}" || r.Header.Get("Cache-Control") != "public, max-age=3600" ||
		r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%v %v", r, r.Header)
	}
	b.Header.Set("If-None-Match", r.Header.Get("ETag"))
	if r := b.Get("/auth/file.js"); r.Status != http.StatusNotModified || len(r.Body) != 0 {
		t.Errorf("what has not changed: %v", r)
	}
	b.Header.Set("If-None-Match", `"v0"`)
	if r := b.Get("/auth/file.js"); r.Status != http.StatusOK || len(r.Body) == 0 {
		t.Errorf("what has changed: %v", r)
	}
}
