package browser_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/torii-go/torii/internal/browser"
)

// mock is another's fake provider. It has no pages: it sends people straight back.
type mock struct {
	*mockoidc.MockOIDC
	// failing makes the token endpoint answer with an error.
	failing atomic.Bool
	// asked counts the requests to the token endpoint.
	asked atomic.Int64
}

func newMock(t *testing.T) *mock {
	t.Helper()
	fake, err := mockoidc.NewServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &mock{MockOIDC: fake}
	if err := fake.AddMiddleware(m.token); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Shutdown() })
	return m
}

// token stands before the token endpoint. mockoidc announces that a client may show its
// secret in a header, but reads it from the form alone.
func (m *mock) token(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == mockoidc.TokenEndpoint {
			m.asked.Add(1)
			if m.failing.Load() {
				m.QueueError(&mockoidc.ServerError{Code: http.StatusBadRequest, Error: mockoidc.InvalidGrant, Description: "<b>canary</b>"})
			}
			if id, secret, ok := r.BasicAuth(); ok && r.ParseForm() == nil {
				for name, value := range map[string]string{"client_id": id, "client_secret": secret} {
					text, err := url.QueryUnescape(value)
					if err != nil {
						http.Error(w, err.Error(), http.StatusBadRequest)
						return
					}
					r.Form.Set(name, text)
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func TestMockOIDC(t *testing.T) {
	m := newMock(t)
	chromium := browser.Start(t)
	s := stage{browser.StartSite(t, "-oidc", "mock="+m.Issuer()+","+m.ClientID+","+m.ClientSecret), chromium}
	jane := &mockoidc.MockUser{Subject: "1", Email: "jane@example.org", EmailVerified: true}

	tab := chromium.Window(t)
	tab.Open(s.URL("/register"))
	tab.Sees("Continue with Demo") // the site's own, beside it
	tab.Shot("mock-register")
	m.QueueUser(jane)
	tab.Press("Continue with Mock")
	tab.At(s.URL("/account"))
	tab.Sees("jane@example.org · linked just now")
	id := s.whoIs(t, tab)

	// Once more, by the provider's name in the address bar: a page asks first, since any
	// other page could have led here.
	tab.Press("Sign out")
	m.QueueUser(jane)
	tab.Open(s.URL("/auth/oauth/mock?return_to=/me"))
	tab.Sees("Sign in to Torii demo by Mock")
	tab.Shot("mock-asks")
	before := m.asked.Load()
	tab.Press("Go on to Mock")
	tab.At(s.URL("/me"))
	if again := s.whoIs(t, tab); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
	if n := m.asked.Load() - before; n != 1 {
		t.Errorf("the token endpoint was asked %d times, want 1", n)
	}

	// Whoever loads the callback again uses nothing a second time.
	before = m.asked.Load()
	tab.Open(tab.Asked(s.URL("/auth/oauth/mock/callback")))
	tab.At(s.URL("/auth/error?code=oauth_"))
	if n := m.asked.Load() - before; n != 0 {
		t.Errorf("for a used callback the token endpoint was asked %d times", n)
	}

	// A provider that is out of order.
	other := chromium.Window(t)
	m.failing.Store(true)
	other.Open(s.URL("/login"))
	other.Press("Continue with Mock")
	s.refused(t, other, "oauth_failed", "The other service did not answer as it should")
	if strings.Contains(other.Text(), "canary") || !strings.Contains(s.Log(), mockoidc.InvalidGrant) {
		t.Errorf("the provider's code belongs into the log, and its words nowhere; the log:\n%s", s.Log())
	}
	m.failing.Store(false)
	m.QueueUser(&mockoidc.MockUser{Subject: "2", Email: "joe@example.org"})
	other.Open(s.URL("/login"))
	other.Press("Continue with Mock")
	other.At(s.URL("/account"))
	other.Sees("joe@example.org")
}
