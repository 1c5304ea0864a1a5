package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// roundTrip is a transport of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// changing is a transport that has a function change the JSON of one path's answers.
func changing(next http.RoundTripper, path string, change func(map[string]any)) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil || !strings.HasSuffix(r.URL.Path, path) {
			return res, err
		}
		defer res.Body.Close()
		var told map[string]any
		if err := json.NewDecoder(res.Body).Decode(&told); err != nil {
			return nil, err
		}
		change(told)
		text, err := json.Marshal(told)
		res.Body, res.ContentLength = io.NopCloser(strings.NewReader(string(text))), -1
		return res, err
	}
}

// A provider's metadata do not lead into this machine, nor anywhere in the clear.
func TestAttackMetadataLeadInside(t *testing.T) {
	client := authtest.Database(t)
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"} {
		for _, u := range []string{
			"http://localhost:8500/v1/agent", "http://127.0.0.1:2375/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://id.example/x",
			"file:///etc/passwd", "gopher://id.example/", "javascript:alert(1)", "//id.example/x", "https:/id.example/x", "https://a:b@id.example/", "https://id.example/#x",
			"https://id.example/\r\nx", "https:// id.example/",
		} {
			asked := ""
			s := newSite(t, client, func(idp *oauth.IDP) {
				idp.Algorithms = []string{authtest.ES256}
				next := changing(idp.Transport, "/openid-configuration", func(told map[string]any) { told[name] = u })
				idp.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					if !strings.HasPrefix(r.URL.String(), issuer) {
						asked = r.URL.String()
						return nil, errors.New("nobody is there")
					}
					return next(r)
				})
			})
			if _, r := begin(s.Browser(), map[string]any{}); r.Code() != "oauth_failed" || asked != "" {
				t.Errorf("%s %q: %v, asked %q", name, u, r, asked)
			}
		}
	}
}

// A provider that keeps everybody waiting does not have each wait for those before.
func TestAttackSlowProvider(t *testing.T) {
	for part, path := range map[string]string{"metadata": "/openid-configuration", "keys": "/jwks"} {
		var asked atomic.Int64
		var clock *authtest.Clock
		s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
			idp.Algorithms = []string{authtest.ES256}
			next := idp.Transport
			idp.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, path) {
					asked.Add(1)
					clock.Advance(10 * time.Second)
					return nil, errors.New("time is up")
				}
				return next.RoundTrip(r)
			})
		})
		clock = s.Clock
		s.idp.Algorithm = authtest.ES256
		const n = 5
		browsers, callbacks := make([]*authtest.Browser, n), make([]string, n)
		for i := range n {
			browsers[i] = s.Browser()
			if part == "keys" {
				to, r := begin(browsers[i], map[string]any{})
				if r.Status != http.StatusOK {
					t.Fatal(r)
				}
				callbacks[i] = s.visit(t, to, person("ada"))
			}
		}
		got := authtest.InParallel(n, func(i int) string {
			if part == "keys" {
				return back(browsers[i], callbacks[i]).Code()
			}
			_, r := begin(browsers[i], map[string]any{})
			return r.Code()
		})
		if got["oauth_failed"] != n || asked.Load() > 1 {
			t.Errorf("%s: %v, asked %d times for %d requests, each of ten seconds", part, got, asked.Load(), n)
		}
	}
}

// A claim counts by its exact name: another spelling does not stand in for it.
func TestAttackSpellingOfClaims(t *testing.T) {
	for name, more := range map[string]func(now time.Time) map[string]any{
		"expiry": func(now time.Time) map[string]any {
			return map[string]any{"exp": now.Add(-time.Hour).Unix(), "EXP": now.Add(time.Hour).Unix()}
		},
		"a long s": func(now time.Time) map[string]any {
			return map[string]any{"iss": "https://liar.example", "i\u017fs": issuer + "/demo"}
		},
		"nonce":       func(time.Time) map[string]any { return map[string]any{"nonce": "x", "NONCE": "y"} },
		"subject":     func(time.Time) map[string]any { return map[string]any{"sub": "", "Sub": "ada"} },
		"access hash": func(time.Time) map[string]any { return map[string]any{"at_hash": nil} },
		"empty hash":  func(time.Time) map[string]any { return map[string]any{"at_hash": ""} },
		"expired now": func(now time.Time) map[string]any { return map[string]any{"exp": now.Add(-time.Second).Unix()} },
		"not before":  func(now time.Time) map[string]any { return map[string]any{"nbf": now.Add(time.Hour).Unix()} },
		"exp as text": func(now time.Time) map[string]any {
			return map[string]any{"exp": fmt.Sprint(now.Add(time.Hour).Unix())}
		},
		"exp endless":        func(time.Time) map[string]any { return map[string]any{"exp": 1e300} },
		"iat endless":        func(time.Time) map[string]any { return map[string]any{"iat": 1e300} },
		"aud nested":         func(time.Time) map[string]any { return map[string]any{"aud": []any{[]any{"client"}}} },
		"aud twice":          func(time.Time) map[string]any { return map[string]any{"aud": []any{"client", "client"}} },
		"aud object":         func(time.Time) map[string]any { return map[string]any{"aud": map[string]any{"client": true}} },
		"azp empty":          func(time.Time) map[string]any { return map[string]any{"azp": ""} },
		"azp list":           func(time.Time) map[string]any { return map[string]any{"azp": []any{"client"}} },
		"iss list":           func(time.Time) map[string]any { return map[string]any{"iss": []any{issuer + "/demo"}} },
		"iat at zero":        func(time.Time) map[string]any { return map[string]any{"iat": 0} },
		"iat before time":    func(time.Time) map[string]any { return map[string]any{"iat": -5} },
		"proven at zero":     func(time.Time) map[string]any { return map[string]any{"auth_time": 0} },
		"proven before time": func(time.Time) map[string]any { return map[string]any{"auth_time": -5} },
		"email long": func(time.Time) map[string]any {
			return map[string]any{"email": strings.Repeat("a", 600) + "@example.org"}
		},
	} {
		s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Algorithms = []string{authtest.ES256} })
		s.idp.Algorithm = authtest.ES256
		who := person("ada")
		who.More = more(s.Clock.Now())
		if r := s.come(t, s.Browser(), who, map[string]any{}); r.Code() != "oauth_failed" || s.users(t) != 0 {
			t.Errorf("%s: %v, %d users\n%s", name, r, s.users(t), s.Log())
		}
	}
}

// What an attacker sends does not fill the log.
func TestAttackLogIsNotFlooded(t *testing.T) {
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) { idp.Algorithms = []string{authtest.ES256} })
	before := len(s.Log())
	app := s.App()
	r := app.Post("/auth/oauth/demo/native/begin", nil)
	app.Header.Set("Torii-Flow", r.Flow())
	header := b64(`{"alg":"` + strings.Repeat("x", 30000) + `"}`)
	if r := app.Post("/auth/oauth/demo/native/finish", map[string]string{"id_token": header + ".e30.e30"}); r.Code() != auth.ErrInvalidCredentials.Code {
		t.Fatal(r)
	}
	if n := len(s.Log()) - before; n > 4000 {
		t.Errorf("one request logged %d bytes", n)
	}
}

// Whatever a provider tells of a person's name and picture keeps nobody out, and gets
// nowhere as it is.
func TestAttackOddPeople(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i, more := range []map[string]any{
			{"name": "a\x00b"}, {"name": "a\r\nSet-Cookie: x=y"}, {"name": "\u202eevil"}, {"name": strings.Repeat("\U0001f600", 300)}, {"name": strings.Repeat("a\u0301", 100)},
			{"name": []string{"x"}}, {"name": map[string]any{"x": 1}}, {"name": true}, {"name": "\u200b"}, {"name": "\ufffd"},
			{"picture": "javascript:alert(1)"}, {"picture": "https://x/\x00"}, {"picture": "https://x/\u202e"}, {"picture": "https://" + strings.Repeat("a", 3000)},
			{"picture": "https://a:b@x/"}, {"picture": 7}, {"picture": "https://x/%zz"}, {"picture": "https://x/\u00a0"}, {"picture": "//x/y"},
			{"preferred_username": "\x00"}, {"locale": strings.Repeat("x", 50000)}, {"hd": "\x00"},
		} {
			who := person(fmt.Sprint("p", i))
			for name, v := range more {
				who.More = map[string]any{name: v}
			}
			b := s.Browser()
			b.IP = fmt.Sprint("198.51.100.", i)
			r := s.come(t, b, who, map[string]any{})
			if r.Status != http.StatusOK {
				t.Errorf("%v: %v\n%s", more, r, s.Log())
			}
			u, err := s.Auth.User(t.Context(), r.UserID())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range []*string{u.Name, u.Picture} {
				if v != nil && strings.ContainsAny(*v, "\x00\r\n\u202e") {
					t.Errorf("%v: stored %q", more, *v)
				}
			}
		}
	})
}

// Tokens too long for their column cost nobody the sign-in.
func TestAttackHugeTokens(t *testing.T) {
	for _, name := range []string{"access_token", "refresh_token"} {
		s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
			keeps(idp)
			idp.Algorithms = []string{authtest.ES256}
			idp.Transport = changing(idp.Transport, "/token", func(told map[string]any) {
				told[name] = strings.Repeat("x", 200000)
				delete(told, "id_token")
			})
			idp.AuthURL, idp.TokenURL, idp.Issuer = idp.Issuer+"/authorize", idp.Issuer+"/token", ""
			idp.Profile = anyProfile
		})
		if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK || s.users(t) != 1 {
			t.Errorf("%s: %v\n%.500s", name, r, s.Log())
		}
	}
}
