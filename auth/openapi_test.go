package auth_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
)

// document is what the tests read of openapi.json.
type document struct {
	OpenAPI string
	Servers []struct{ URL string }
	Paths   map[string]map[string]struct {
		Summary     string
		Parameters  []struct{ Name, In string }
		RequestBody map[string]any
		Responses   map[string]any
		Security    []map[string][]string
	}
}

func readDocument(t testing.TB, s *authtest.Site) document {
	t.Helper()
	var doc document
	if err := s.Browser().Get("/auth/openapi.json").JSON(&doc); err != nil {
		t.Fatalf("openapi.json: %v", err)
	}
	return doc
}

func TestTheDocumentDescribesTheRoutes(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	r := s.Browser().Get("/auth/openapi.json")
	if kind := r.Header.Get("Content-Type"); r.Status != http.StatusOK || !strings.HasPrefix(kind, "application/json") {
		t.Fatalf("openapi.json: %d, %q", r.Status, kind)
	}
	if cc := r.Header.Get("Cache-Control"); strings.Contains(cc, "no-store") {
		t.Errorf("Cache-Control of the document = %q, want it to be kept", cc)
	}
	doc := readDocument(t, s)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Servers) != 1 || doc.Servers[0].URL != authtest.Origin+"/auth" {
		t.Errorf("openapi %q, servers %v", doc.OpenAPI, doc.Servers)
	}
	var got []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			got = append(got, strings.ToUpper(method)+" "+path)
			if op.Summary == "" || len(op.Responses) < 2 {
				t.Errorf("%s %s: summary %q, responses %v", method, path, op.Summary, op.Responses)
			}
			if len(op.Parameters) != strings.Count(path, "{") {
				t.Errorf("%s %s: parameters %v", method, path, op.Parameters)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"DELETE /password", "DELETE /session", "DELETE /sessions", "DELETE /sessions/{id}", "DELETE /user",
		"GET /email/change/confirm", "GET /email/change/undo", "GET /email/verify", "GET /email/verify/sent", "GET /error", "GET /health", "GET /jwks.json", "GET /openapi.json", "GET /password/reset", "GET /session", "GET /sessions",
		"GET /user", "PATCH /user", "POST /email/change", "POST /email/change/confirm", "POST /email/change/undo",
		"POST /email/verify", "POST /email/verify/request", "POST /login", "POST /logout", "POST /password", "POST /password/reset/confirm",
		"POST /password/reset/request", "POST /password/reset/verify", "POST /register",
		"POST /register/complete", "POST /step-up",
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes\n%q, want\n%q", got, want)
	}
}

func TestEveryPathOfTheDocumentIsARoute(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	for path, methods := range readDocument(t, s).Paths {
		for method, op := range methods {
			r := s.Browser().Do(strings.ToUpper(method), "/auth"+strings.ReplaceAll(path, "{id}", "none"), nil)
			if r.Status == http.StatusNotFound || r.Status == http.StatusMethodNotAllowed || r.Status >= 500 {
				t.Errorf("%s %s: %v", method, path, r)
			}
			if protected := len(op.Security) > 0; protected != (r.Status == http.StatusUnauthorized && r.Code() == "unauthenticated") {
				t.Errorf("%s %s by a stranger: %v; protected by the document %t", method, path, r, protected)
			}
		}
	}
}

func TestPathsThatAreNoRoutesAreNotFound(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	for _, path := range []string{
		"/auth/", "/auth/nothing", "/auth/user/", "/auth//user", "/auth/./user", "/auth/x/../user", "/auth/USER", "/auth/user;x",
		"/auth/sessions/", "/auth/sessions/a/b", "/auth/sessions/%2e%2e", "/auth/sessions/..%2fuser", "/auth/%75ser/%2e", "/auth/openapi.json/",
		"/auth/.well-known/jwks.json", "/auth/user%00", "/auth/login%20",
	} {
		// Handed to the Auth itself: http.ServeMux redirects some of them before.
		rec := httptest.NewRecorder()
		s.Auth.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, authtest.Origin+path, nil))
		if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"not_found"`) || rec.Header().Get("Location") != "" {
			t.Errorf("GET %s: %d %s, Location %q, want 404 not_found", path, rec.Code, rec.Body, rec.Header().Get("Location"))
		}
	}
}

// twice is a provider with a route that another one has.
type twice struct{ auth.Provider }

func (twice) Name() string { return "twice" }
func (twice) Mount(auth.Kit) ([]auth.Route, error) {
	return []auth.Route{{Method: http.MethodPost, Path: "/login", Handle: func(*auth.Call) error { return nil }}}, nil
}

func TestARouteOfTwoProvidersIsRefusedAtTheStart(t *testing.T) {
	cfg := production()
	cfg.Providers = []auth.Provider{password.New(password.Config{}), twice{}}
	if _, err := auth.New(authtest.Database(t), cfg); err == nil || !strings.Contains(err.Error(), "POST /login") {
		t.Errorf("New = %v, want an error that names POST /login", err)
	}
}
