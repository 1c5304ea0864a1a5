package sessions_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions"
)

func cookies(development bool) sessions.Cookies {
	return sessions.NewCookies(sessions.Config{}.WithDefaults(development), development)
}

// setCookies is what f sends.
func setCookies(f func(w http.ResponseWriter)) []string {
	w := httptest.NewRecorder()
	f(w)
	return w.Result().Header["Set-Cookie"]
}

func TestSessionCookie(t *testing.T) {
	secret := token.New()
	s := sessions.Session{AbsoluteExpiresAt: noon, ExpiresAt: noon.Add(-time.Hour)}
	got := setCookies(func(w http.ResponseWriter) { cookies(false).SetSession(w, secret, s) })
	want := "__Host-torii_session=" + secret.Reveal() + "; Path=/; Expires=Wed, 02 Jan 2030 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax"
	if len(got) != 1 || got[0] != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCookieAttributes(t *testing.T) {
	secret, far := token.New(), time.Date(2031, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	flow := token.New().Reveal()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, development := range []bool{false, true} {
		c := cookies(development)
		with := httptest.NewRequest(http.MethodGet, "/", nil)
		name := "__Host-torii_flow"
		if development {
			name = "torii_flow"
		}
		with.Header.Set("Cookie", name+"="+flow)
		for _, row := range []struct {
			name, cookie string
			gone         bool
			send         func(w http.ResponseWriter)
		}{
			{"a session", "torii_session", false, func(w http.ResponseWriter) { c.SetSession(w, secret, sessions.Session{AbsoluteExpiresAt: far}) }},
			{"a session that ends", "torii_session", true, func(w http.ResponseWriter) { c.ClearSession(w) }},
			{"a device", "torii_device", false, func(w http.ResponseWriter) { c.SetDevice(w, "x", far) }},
			{"a flow", "torii_flow", false, func(w http.ResponseWriter) { c.AddFlow(w, r, flow) }},
			{"a flow that ends", "torii_flow", true, func(w http.ResponseWriter) { c.DropFlow(w, with, flow) }},
		} {
			lines := setCookies(row.send)
			if len(lines) != 1 {
				t.Errorf("%s, development %t: %q, want one cookie", row.name, development, lines)
				continue
			}
			got, err := http.ParseSetCookie(lines[0])
			if err != nil {
				t.Errorf("%s: %v in %q", row.name, err, lines[0])
				continue
			}
			want := row.cookie
			if !development {
				want = "__Host-" + want
			}
			if got.Name != want || got.Path != "/" || got.Domain != "" || !got.HttpOnly || got.Secure == development || got.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s, development %t: %q", row.name, development, lines[0])
			}
			if gone := got.MaxAge < 0 && got.Value == "" && got.Expires.Before(time.Unix(100, 0)); gone != row.gone {
				t.Errorf("%s, development %t: deleted %t, want %t: %q", row.name, development, gone, row.gone, lines[0])
			}
		}
	}
}

func TestCookieNameOfOnesOwn(t *testing.T) {
	c := sessions.NewCookies(sessions.Config{CookieName: "__Host-sid"}.WithDefaults(false), false)
	for name, send := range map[string]func(http.ResponseWriter){
		"set":   func(w http.ResponseWriter) { c.SetSession(w, token.New(), sessions.Session{AbsoluteExpiresAt: noon}) },
		"clear": c.ClearSession,
	} {
		if got := setCookies(send); len(got) != 1 || !strings.HasPrefix(got[0], "__Host-sid=") {
			t.Errorf("%s: %q, want __Host-sid", name, got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	mine, other := token.New().Reveal(), token.New().Reveal()
	r.Header.Set("Cookie", "__Host-torii_session="+other+"; __Host-sid="+mine+"; __host-sid="+other+"; sid="+other)
	if got := c.Presented(r); !slices.Equal(got.Cookies, []string{mine}) || got.Planted {
		t.Errorf("presented %q, planted %t; want %s alone", got.Cookies, got.Planted, mine)
	}
}

// RFC 6265 has browsers keep at least 4,096 bytes of name, value and attributes.
func TestLongestCookieFits(t *testing.T) {
	c := cookies(false)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	var last string
	for range sessions.MaxFlows + 3 {
		last = setCookies(func(w http.ResponseWriter) { c.AddFlow(w, r, token.New().Reveal()) })[0]
		pair, _, _ := strings.Cut(last, ";")
		r.Header.Set("Cookie", pair)
	}
	if n := len(c.Flows(r)); n != sessions.MaxFlows {
		t.Fatalf("%d flows in the longest cookie, want %d", n, sessions.MaxFlows)
	}
	device := setCookies(func(w http.ResponseWriter) { c.SetDevice(w, strings.Repeat("x", 5*64+4), noon) })[0]
	session := setCookies(func(w http.ResponseWriter) {
		c.SetSession(w, token.New(), sessions.Session{AbsoluteExpiresAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)})
	})[0]
	for _, line := range []string{last, device, session} {
		if len(line) > 4096 {
			t.Errorf("%d bytes, want at most 4096: %.80q …", len(line), line)
		}
	}
}

func TestDeviceCookie(t *testing.T) {
	c := cookies(false)
	for _, row := range []struct{ name, cookie, want string }{
		{"none", "", ""},
		{"one", "__Host-torii_device=x", "x"},
		{"two, one of them planted", "__Host-torii_device=x; __Host-torii_device=y", ""},
		{"one without its prefix", "torii_device=x", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", row.cookie)
		if got := c.Device(r); got != row.want {
			t.Errorf("%s: %q, want %q from %q", row.name, got, row.want, row.cookie)
		}
	}
}

func TestAnyCookieOfOurs(t *testing.T) {
	for _, row := range []struct {
		name, cookie string
		development  bool
		want         bool
	}{
		{"none", "", false, false},
		{"somebody else's", "theme=dark; torii=1", false, false},
		{"a session", "__Host-torii_session=x", false, true},
		{"an empty session", "__Host-torii_session=", false, true},
		{"a flow", "theme=dark; __Host-torii_flow=x", false, true},
		{"a device", "__Host-torii_device=x", false, true},
		{"a session of development mode in production", "torii_session=x", false, false},
		{"a session in development mode", "torii_session=x", true, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", row.cookie)
		if got := cookies(row.development).Any(r); got != row.want {
			t.Errorf("%s: %t, want %t for %q", row.name, got, row.want, row.cookie)
		}
	}
}
