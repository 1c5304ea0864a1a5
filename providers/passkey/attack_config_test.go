package passkey_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// configured is what New says of a configuration.
func configured(t *testing.T, base string, cfg passkey.Config) error {
	t.Helper()
	a, err := auth.New(authtest.Database(t), auth.Config{
		BaseURL: base, Secrets: [][]byte{[]byte("0123456789abcdefghijklmnopqrstuv")}, SkipEmailVerification: true, InsecureHTTP: true,
		Providers: []auth.Provider{passkey.New(cfg)}, Logger: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		t.Cleanup(func() { _ = a.Close(t.Context()) })
	}
	return err
}

// What no browser would go along with is told at the start, and not to whoever signs in.
func TestNewRefusesWhatNoBrowserTakes(t *testing.T) {
	const base = "https://www.app.example"
	for _, row := range []struct {
		name, base string
		cfg        passkey.Config
		ok         bool
	}{
		{"nothing set", base, passkey.Config{}, true},
		{"a parent domain", base, passkey.Config{RPID: "app.example"}, true},
		{"a top-level domain", base, passkey.Config{RPID: "example"}, false},
		{"a host of one label", "https://intranet", passkey.Config{}, false},
		{"localhost", "http://localhost:8080", passkey.Config{}, true},
		{"localhost for a host below", "http://app.localhost:8080", passkey.Config{RPID: "localhost"}, true},
		{"another domain", base, passkey.Config{RPID: "evil.example"}, false},
		{"an end that is no domain", base, passkey.Config{RPID: "pp.example"}, false},
		{"a dot before", base, passkey.Config{RPID: ".app.example"}, false},
		{"a dot behind", base, passkey.Config{RPID: "app.example."}, false},
		{"a host with a dot behind", "https://app.example.", passkey.Config{}, false},
		{"capitals", base, passkey.Config{RPID: "App.Example"}, false},
		{"a port", "https://app.example:8443", passkey.Config{RPID: "app.example:8443"}, false},
		{"a scheme", base, passkey.Config{RPID: "https://app.example"}, false},
		{"letters of another script", base, passkey.Config{RPID: "äpp.example"}, false},
		{"an IPv4 address", "http://192.0.2.1", passkey.Config{}, false},
		{"an IPv6 address", "http://[2001:db8::1]", passkey.Config{}, false},
		{"the end of an IPv4 address", "http://192.0.2.1", passkey.Config{RPID: "2.1"}, false},
		{"an origin twice", base, passkey.Config{Origins: []string{"https://a.example", "https://a.example"}}, false},
		{"an app twice", base, passkey.Config{Origins: []string{anApp, anApp}}, false},
		{"the BaseURL as an origin", base, passkey.Config{Origins: []string{base}}, false},
		{"an origin with a path", base, passkey.Config{Origins: []string{"https://a.example/"}}, false},
		{"an origin with a user", base, passkey.Config{Origins: []string{"https://x@a.example"}}, false},
		{"an origin with a query", base, passkey.Config{Origins: []string{"https://a.example?x"}}, false},
		{"any host", base, passkey.Config{Origins: []string{"https://*.a.example"}}, false},
		{"the scheme's own port", base, passkey.Config{Origins: []string{"https://a.example:443"}}, false},
		{"no port after the colon", base, passkey.Config{Origins: []string{"https://a.example:"}}, false},
		{"an origin in capitals", base, passkey.Config{Origins: []string{"https://A.example"}}, false},
		{"an origin with a dot behind", base, passkey.Config{Origins: []string{"https://a.example."}}, false},
		{"an origin as people read it", base, passkey.Config{Origins: []string{"https://bücher.example"}}, false},
		{"an address as an origin", base, passkey.Config{Origins: []string{"https://192.0.2.1"}}, false},
		{"plain http", base, passkey.Config{Origins: []string{"http://a.example"}}, false},
		{"no origin", base, passkey.Config{Origins: []string{""}}, false},
		{"null", base, passkey.Config{Origins: []string{"null"}}, false},
		{"another port of the host", base, passkey.Config{Origins: []string{base + ":8443"}}, true},
	} {
		if err := configured(t, row.base, row.cfg); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		} else if err != nil && !strings.Contains(err.Error(), "passkey") {
			t.Errorf("%s: the error does not say what it is about: %v", row.name, err)
		}
	}
}

const anApp = "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// The related origins are the configuration's, whoever asks and under whatever name.
func TestRelatedOriginsFollowNoHeader(t *testing.T) {
	s := crowded(t, authtest.Database(t), passkey.Config{Origins: []string{"https://app.example.de", anApp}}, nil)
	var want string
	for _, host := range []string{"app.example", "evil.example", "app.example.", "app.example:8443"} {
		r := httptest.NewRequest(http.MethodGet, "https://app.example/.well-known/webauthn", nil)
		r.Host = host
		r.Header.Set("X-Forwarded-Host", host)
		r.Header.Set("Origin", "https://"+host)
		w := httptest.NewRecorder()
		s.Auth.WellKnown().ServeHTTP(w, r)
		if want == "" {
			want = w.Body.String()
		}
		if w.Code != http.StatusOK || w.Body.String() != want || strings.Contains(want, "evil") || strings.Contains(want, "android") || len(w.Result().Cookies()) > 0 {
			t.Errorf("for %s: %d %s", host, w.Code, w.Body)
		}
	}
	// Who looks at the list cannot write into it.
	list := s.passkeys.RelatedOrigins()
	for i := range list {
		list[i] = "https://evil.example"
	}
	if got := s.passkeys.RelatedOrigins(); !slices.Equal(got, []string{authtest.Origin, "https://app.example.de"}) {
		t.Errorf("the origins are %q now", got)
	}
}
