package sessions

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/torii-go/torii/internal/token"
	"github.com/torii-go/torii/sessions/verify"
)

// Cookies names and writes the cookies: session, flow and device. All are HttpOnly,
// SameSite=Lax, for the whole host and for no other; Secure but on plain http.
type Cookies struct {
	session, flow, device string
	secure                bool
	foreign               bool // tokens of another system may come
}

// NewCookies returns the cookies of a complete configuration.
func NewCookies(cfg Config, plainHTTP bool) Cookies {
	c := Cookies{session: cfg.CookieName, flow: hostPrefix + "torii_flow", device: hostPrefix + "torii_device", secure: true, foreign: cfg.Fallback != nil || cfg.Manager != nil}
	if plainHTTP {
		c.flow, c.device, c.secure = "torii_flow", "torii_device", false
	}
	return c
}

// SetSession sends a session's token to its browser.
func (c Cookies) SetSession(w http.ResponseWriter, secret Token, s Session) {
	c.set(w, c.session, secret.Reveal(), s.AbsoluteExpiresAt)
}

// ClearSession deletes the session cookie.
func (c Cookies) ClearSession(w http.ResponseWriter) { c.clear(w, c.session) }

// SetDevice sends the cookie that lets a browser be told from a stranger's by the
// limiter. It opens nothing.
func (c Cookies) SetDevice(w http.ResponseWriter, value string, expires time.Time) {
	c.set(w, c.device, value, expires)
}

// Device is the device cookie that came with r, or "".
func (c Cookies) Device(r *http.Request) string {
	if found := r.CookiesNamed(c.device); len(found) == 1 {
		return found[0].Value
	}
	return ""
}

// Any tells whether a request carries a cookie of ours, valid or not: what a browser
// adds by itself.
func (c Cookies) Any(r *http.Request) bool {
	for _, name := range [...]string{c.session, c.flow, c.device} {
		if len(r.CookiesNamed(name)) > 0 {
			return true
		}
	}
	return false
}

// Presented is every session token that a request carries.
type Presented struct {
	// Bearer is the token of the Authorization header. HasBearer is true if there was
	// one, well formed or not: a bad one must not fall back to the cookie.
	Bearer    string
	HasBearer bool
	// Cookies are the well-formed values of the session cookie, each once, four at most.
	Cookies []string
	// Planted is true if the cookie came more than once: somebody else has set one of
	// them.
	Planted bool
}

// maxTokenBytes is what a cookie can carry at most.
const maxTokenBytes = 4096

// maxPresented bounds the look-ups that one request can cause.
const maxPresented = 4

// Presented reads the session tokens of a request: from the cookie and from the
// Authorization header (RFC 6750, section 2.1), never from a query or a body. Another
// scheme than Bearer is somebody else's business and is ignored.
func (c Cookies) Presented(r *http.Request) Presented {
	var p Presented
	for _, h := range r.Header["Authorization"] {
		scheme, credentials, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		if p.HasBearer { // two of them: neither can be trusted
			p.Bearer = ""
			break
		}
		p.Bearer, p.HasBearer = strings.Trim(credentials, " "), true
	}
	cookies := r.CookiesNamed(c.session)
	p.Planted = len(cookies) > 1
	for _, cookie := range cookies {
		if c.plausible(cookie.Value) && len(p.Cookies) < maxPresented && !slices.Contains(p.Cookies, cookie.Value) {
			p.Cookies = append(p.Cookies, cookie.Value)
		}
	}
	return p
}

// plausible tells whether a value could be a token at all: what could not causes no
// look-up.
func (c Cookies) plausible(v string) bool {
	if len(v) > maxTokenBytes {
		return false
	}
	_, opaque := token.Parse(v)
	return opaque || c.foreign && v != "" || verify.LooksLikeJWT(v)
}

func (c Cookies) set(w http.ResponseWriter, name, value string, expires time.Time) {
	http.SetCookie(w, c.cookie(name, value, expires))
}

func (c Cookies) clear(w http.ResponseWriter, name string) {
	gone := c.cookie(name, "", time.Unix(1, 0))
	gone.MaxAge = -1
	http.SetCookie(w, gone)
}

func (c Cookies) cookie(name, value string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", Expires: expires.UTC(),
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
}
