package returnto_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/returnto"
)

const origin = "https://app.example"

// FuzzClean holds that what is accepted stays on our origin however it is sent:
// as it is, through http.Redirect, resolved by net/url, and decoded once.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"/", "/orders?page=2#x", "//evil.example", `/\evil.example`, "/\t/evil.example", "/%2fevil.example", "/%5cevil.example",
		"/.//evil.example", "/a/..//evil.example", "/%2e//evil.example", "https://evil.example", "///evil.example", "/a%0d%0ab",
		"javascript:alert(1)", "/@evil.example", "/?\\\\evil.example", "/%09/evil.example", "/\uff0fevil.example", "/a b", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := returnto.Clean(in)
		if !ok {
			if got != "" {
				t.Fatalf("got %q with a refusal of %q", got, in)
			}
			return
		}
		if got != in {
			t.Fatalf("got %q, want %q unchanged", got, in)
		}
		if where := leaves(in); where != "" {
			t.Fatalf("got %s for %q", where, in)
		}
	})
}

// leaves says how s takes a browser away from our origin, or "" if it does not.
func leaves(s string) string {
	if offSite(s) {
		return "off-site as it is"
	}
	w := httptest.NewRecorder()
	http.Redirect(w, httptest.NewRequest(http.MethodGet, "/auth/login", nil), s, http.StatusSeeOther)
	if location := w.Header().Get("Location"); offSite(location) {
		return "off-site through http.Redirect: " + location
	}
	base, _ := url.Parse(origin + "/auth/login")
	u, err := base.Parse(s)
	if err != nil || u.Scheme+"://"+u.Host != origin {
		return "off-site through net/url"
	}
	if offSite(u.Path) || offSite(u.RequestURI()) {
		return "off-site after decoding: " + u.Path
	}
	return ""
}

// offSite is a browser's reading (WHATWG URL, basic URL parser, special scheme):
// control characters and spaces go at the ends, tabs and newlines everywhere,
// backslashes are slashes, and two slashes or a scheme begin another place.
func offSite(s string) bool {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(s)
	if strings.HasPrefix(s, "//") {
		return true
	}
	scheme, _, found := strings.Cut(s, ":")
	return found && !strings.ContainsAny(scheme, "/?#")
}
