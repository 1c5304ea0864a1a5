package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/browser"
)

// Why the policy of a page that leads to a provider names more than this site: Chromium
// holds the redirect that answers a form to it. A page that is too narrow is noticed.
func TestNarrowPolicyIsNoticed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("elsewhere"))
	}))
	defer elsewhere.Close()
	here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, elsewhere.URL+"/", http.StatusSeeOther)
			return
		}
		w.Header().Set("Content-Security-Policy", "form-action "+r.URL.Query().Get("to"))
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><form method="post"><button>Go</button></form>`))
	}))
	defer here.Close()
	tab := browser.Start(t).Window(t)

	tab.Open(here.URL + "/?to='self'")
	tab.Click("Go")
	var said []string
	for begin := time.Now(); len(said) == 0 && time.Since(begin) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		said = tab.Complaints()
	}
	if len(said) == 0 || !strings.Contains(said[0], "form-action") {
		t.Errorf("Chromium says %q to a form that leads elsewhere", said)
	}
	tab.At(here.URL)

	tab.Open(here.URL + "/?to='self'%20http://127.0.0.1:*")
	tab.Press("Go")
	tab.At(elsewhere.URL)
}
