package verify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/torii-go/torii/sessions/verify"
)

func TestMiddleware(t *testing.T) {
	p := pairs()["EdDSA"]
	v := verifier(t, p.verify)
	h := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := verify.ClaimsFrom(r.Context())
		if !ok {
			t.Error("no claims behind the middleware")
		}
		io.WriteString(w, c.Subject)
	}))
	token, expired := p.token(p.header(), good), p.token(p.header(), with("iat 1893585000", "exp 1893585600"))
	for _, row := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"a token", http.Header{"Authorization": {"Bearer " + token}}, 200},
		{"the scheme in another case", http.Header{"Authorization": {"bearer  " + token + " "}}, 200},
		{"nothing", nil, 401},
		{"an empty header", http.Header{"Authorization": {""}}, 401},
		{"no token", http.Header{"Authorization": {"Bearer "}}, 401},
		{"no scheme", http.Header{"Authorization": {token}}, 401},
		{"another scheme", http.Header{"Authorization": {"Basic " + token}}, 401},
		{"two headers", http.Header{"Authorization": {"Bearer " + token, "Bearer " + token}}, 401},
		{"two tokens", http.Header{"Authorization": {"Bearer " + token + " " + token}}, 401},
		{"an expired token", http.Header{"Authorization": {"Bearer " + expired}}, 401},
		{"a token in a cookie", http.Header{"Cookie": {"__Host-torii_session=" + token}}, 401},
	} {
		r := httptest.NewRequest("GET", "/?access_token="+token, nil)
		r.Header = row.header
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want := "usr_1"
		if row.want == 401 {
			want = `{"error":{"code":"unauthenticated","message":"Sign in first."}}` + "\n"
			if w.Header().Get("WWW-Authenticate") != "Bearer" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: headers are %v", row.name, w.Header())
			}
		}
		if w.Code != row.want || w.Body.String() != want {
			t.Errorf("%s: %d %s, want %d %s", row.name, w.Code, w.Body, row.want, want)
		}
	}
	if _, ok := verify.ClaimsFrom(t.Context()); ok {
		t.Error("claims without a middleware")
	}
}
