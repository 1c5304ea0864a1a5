package sessions_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

func TestPresented(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	type headers = []string
	for _, row := range []struct {
		name          string
		authorization headers
		bearer        string
		has           bool
	}{
		{"no header", nil, "", false},
		{"an empty header", headers{""}, "", false},
		{"bearer", headers{"Bearer abc"}, "abc", true},
		{"bearer in lower case", headers{"bearer abc"}, "abc", true},
		{"bearer in upper case", headers{"BEARER abc"}, "abc", true},
		{"a token keeps its case", headers{"Bearer aBc"}, "aBc", true},
		{"basic", headers{"Basic dXNlcjpwYXNz"}, "", false},
		{"a scheme that begins like bearer", headers{"Bearers abc"}, "", false},
		{"a scheme that is a part of bearer", headers{"Bear abc"}, "", false},
		{"bearer without a token", headers{"Bearer"}, "", true},
		{"bearer and a space", headers{"Bearer "}, "", true},
		{"bearer and many spaces", headers{"Bearer      "}, "", true},
		{"spaces around the token", headers{"Bearer   abc  "}, "abc", true},
		{"a space inside", headers{"Bearer abc def"}, "abc def", true},
		{"two tokens in one header", headers{"Bearer abc, Bearer def"}, "abc, Bearer def", true},
		{"two bearer headers", headers{"Bearer abc", "Bearer def"}, "", true},
		{"the same bearer header twice", headers{"Bearer abc", "Bearer abc"}, "", true},
		{"three bearer headers", headers{"Bearer abc", "Bearer def", "Bearer ghi"}, "", true},
		{"an empty bearer header and a full one", headers{"Bearer ", "Bearer abc"}, "", true},
		{"basic before bearer", headers{"Basic dXNlcjpwYXNz", "Bearer abc"}, "abc", true},
		{"bearer before basic", headers{"Bearer abc", "Basic dXNlcjpwYXNz"}, "abc", true},
		{"a very long one", headers{"Bearer " + long}, long, true},
		{"outside of ASCII", headers{"Bearer äöü\xff\x00"}, "äöü\xff\x00", true},
		{"a long s, which folds to s and is none", headers{"\u017fearer abc"}, "", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?token=query&access_token=query", strings.NewReader("token=body"))
		r.Header["Authorization"] = row.authorization
		got := cookies(false).Presented(r)
		if got.Bearer != row.bearer || got.HasBearer != row.has || got.Cookies != nil {
			t.Errorf("%s: %.60q, has one %t, cookies %q; want %.60q, %t, none; from %.60q", row.name, got.Bearer, got.HasBearer, got.Cookies, row.bearer, row.has, row.authorization)
		}
	}
}

func TestPresentedCookies(t *testing.T) {
	const name = "__Host-torii_session="
	var k [6]string
	for i := range k {
		k[i] = token.New().Reveal()
	}
	for _, row := range []struct {
		name    string
		cookies []string
		want    []string
		planted bool
	}{
		{"none", nil, nil, false},
		{"one", []string{name + k[0]}, k[:1], false},
		{"one among others", []string{"a=b; " + name + k[0] + "; c=d"}, k[:1], false},
		{"two in one header", []string{name + k[0] + "; " + name + k[1]}, k[:2], true},
		{"two in two headers", []string{name + k[0], name + k[1]}, k[:2], true},
		{"the same twice", []string{name + k[0] + "; " + name + k[0]}, k[:1], true},
		{"a malformed one before a good one", []string{name + "x; " + name + k[0]}, k[:1], true},
		{"six", []string{name + strings.Join(k[:], "; "+name)}, k[:4], true},
		{"an empty one", []string{name}, nil, false},
		{"a malformed one", []string{name + "abc"}, nil, false},
		{"a token and a character", []string{name + k[0] + "A"}, nil, false},
		{"the name in another case", []string{"__host-torii_session=" + k[0] + "; __HOST-TORII_SESSION=" + k[1]}, nil, false},
		{"the name without its prefix", []string{"torii_session=" + k[0]}, nil, false},
		{"a value in quotes", []string{name + `"` + k[0] + `"`}, k[:1], false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Cookie"] = row.cookies
		got := cookies(false).Presented(r)
		if !slices.Equal(got.Cookies, row.want) || got.Planted != row.planted || got.HasBearer {
			t.Errorf("%s: %q, planted %t; want %q, %t; from %q", row.name, got.Cookies, got.Planted, row.want, row.planted, row.cookies)
		}
	}
}

// Whatever a stranger sends: no panic, and what could open a session was in the header
// in that very spelling.
func FuzzPresented(f *testing.F) {
	good := token.New().Reveal()
	for _, s := range []string{"", "Bearer", "Bearer " + good, "bearer  " + good + " ", "Basic eA==", "Bearer\t" + good, "Bearer " + good + "\x00", "Bearer é"} {
		f.Add(s, "", "__Host-torii_session="+good)
		f.Add(s, "Bearer "+good, "__Host-torii_session=a; __Host-torii_session=b; __Host-torii_flow="+good+"..x")
	}
	f.Fuzz(func(t *testing.T, first, second, cookie string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Authorization"] = []string{first, second}
		r.Header["Cookie"] = []string{cookie}
		c := cookies(false)
		p := c.Presented(r)
		if p.Bearer != "" && !p.HasBearer {
			t.Fatalf("a bearer token that is none: %q from %q and %q", p.Bearer, first, second)
		}
		if _, ok := token.Parse(p.Bearer); ok && !strings.HasSuffix(strings.TrimRight(first, " "), p.Bearer) && !strings.HasSuffix(strings.TrimRight(second, " "), p.Bearer) {
			t.Fatalf("the token %q is not the one in %q or %q", p.Bearer, first, second)
		}
		for _, value := range p.Cookies {
			if _, ok := token.Parse(value); !ok || !strings.Contains(cookie, value) {
				t.Fatalf("the cookie %q from %q", value, cookie)
			}
		}
		for _, flow := range c.Flows(r) {
			if _, ok := token.Parse(flow); !ok {
				t.Fatalf("the malformed flow %q from %q", flow, cookie)
			}
		}
		c.Device(r)
		c.Any(r)
	})
}
