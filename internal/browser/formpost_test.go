package browser_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/internal/browser"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

// arrival is a request for the callback as Chromium sent it.
type arrival struct{ method, site, cookies string }

// formSite is a site whose provider answers as Apple does: by a form that the browser
// posts from there to here. The host names differ, so that it is another site.
type formSite struct {
	origin string
	idp    *authtest.IDP

	mu       sync.Mutex
	arrivals []arrival // guarded by mu
}

func newFormSite(t *testing.T) *formSite {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	s := &formSite{origin: "http://localhost:" + port}
	s.idp = authtest.NewIDPServer(t, authtest.IDPClient{
		ID: "site", Secret: "secret", RedirectURIs: []string{s.origin + "/auth/oauth/pome/callback"},
	})

	client, err := migrate.Open(t.Context(), "sqlite3", "file:"+filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	pome := oauth.OpenID("pome", "Pome", s.idp.Issuer(), "site", "secret")
	pome.FormPost = true
	a, err := auth.New(client, auth.Config{
		AppName: "Orchard", BaseURL: s.origin, Providers: []auth.Provider{oauth.New(pome)},
		SkipEmailVerification: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(t.Context()) })

	mux := http.NewServeMux()
	mux.Handle("/auth/", s.watch(a.Handler()))
	mux.Handle("/", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := auth.UserFrom(r.Context())
		fmt.Fprintf(w, "<!doctype html><title>Orchard</title><p>Hello, %s.", u.Email) // a test's own addresses
	})))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go srv.Serve(listener)
	t.Cleanup(func() { srv.Close() })
	return s
}

func (s *formSite) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/callback") {
			s.mu.Lock()
			s.arrivals = append(s.arrivals, arrival{r.Method, r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Cookie")})
			s.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// came is what has come since the last call.
func (s *formSite) came() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.arrivals
	s.arrivals = nil
	return list
}

func TestFormPost(t *testing.T) {
	s := newFormSite(t)
	tab := browser.Start(t).Window(t)

	// Torii's own page, whose form leads to the provider by a redirect, which Chromium
	// holds to the page's policy; a policy that is too narrow fails the test by itself.
	tab.Open(s.origin + "/auth/oauth/pome?return_to=/orchard")
	tab.Sees("Sign in to Orchard by Pome")
	tab.Press("Go on to Pome")
	tab.Type("sub", "ann")
	tab.Type("email", "ann@example.org")
	tab.Press("Sign in") // the provider's page posts its form by itself
	tab.At(s.origin + "/orchard")
	tab.Sees("Hello, ann@example.org.")
	list := s.came()
	if len(list) != 2 || list[0].method != http.MethodPost || list[1].method != http.MethodGet {
		t.Fatalf("the callback was asked for by %+v, want a POST and then a GET", list)
	}
	if post := list[0]; post.site != "cross-site" || post.cookies != "" {
		t.Errorf("the form came with %+v, want another site's, and so no cookies", post)
	}
	if get := list[1]; !strings.Contains(get.cookies, "torii_flow=") {
		t.Errorf("the browser was sent on with %+v, want the cookie of the flow", get)
	}

	// A stranger's browser that gets the same form finds nothing that it began.
	tab.Forget(s.origin)
	tab.Open(tab.Asked(s.origin + "/auth/oauth/pome/callback?"))
	tab.At(s.origin + "/auth/error?code=oauth_flow_missing")
	tab.Shot("formpost-refused")

	// No comes the same way.
	tab.Open(s.origin + "/auth/oauth/pome?return_to=/orchard")
	tab.Press("Go on to Pome")
	tab.Press("Deny")
	tab.At(s.origin + "/auth/error?code=oauth_denied")
}
