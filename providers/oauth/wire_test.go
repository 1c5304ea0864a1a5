package oauth_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/torii-go/torii/providers/oauth"
)

// wire lies between the application and its provider, and notes what passes.
type wire struct {
	next http.RoundTripper
	// instead are answers by the end of the path, in place of the provider's.
	instead map[string]string

	mu      sync.Mutex
	asked   []string     // guarded by mu, as all below: URLs
	forms   []url.Values // what was sent to the token endpoint
	answers []string     // what came from it
}

// tap puts a wire between an application and its provider.
func tap(idp *oauth.IDP) *wire {
	w := &wire{next: idp.Transport, instead: map[string]string{}}
	idp.Transport = w
	return w
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r.URL.String())
	for end, body := range w.instead {
		if strings.HasSuffix(r.URL.Path, end) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		}
	}
	if r.Method != http.MethodPost {
		return w.next.RoundTrip(r)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(sent))
	if err != nil {
		return nil, err
	}
	w.forms = append(w.forms, form)
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(sent))
	res, err := w.next.RoundTrip(again)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	w.answers = append(w.answers, string(answer))
	res.Body = io.NopCloser(bytes.NewReader(answer))
	return res, nil
}

// sent is what was sent to the token endpoint last.
func (w *wire) sent() url.Values {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.forms) == 0 {
		return nil
	}
	return w.forms[len(w.forms)-1]
}

// urls are all that were asked.
func (w *wire) urls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.asked...)
}
