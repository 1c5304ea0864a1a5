package auth

import (
	"net/http"
	"net/netip"
	"strings"
	"unicode"

	"github.com/torii-go/torii/sessions"
)

// Client is who is asking: the other end of a sign-in. Handlers get it from
// [Auth.Client]; a program that calls the flows as methods fills in what it knows, and
// the zero value is a client of whom nothing is known.
type Client struct {
	// IP is limited together with the others of its /64 (IPv6) or by itself (IPv4).
	// Without it only accounts are limited.
	IP netip.Addr
	// UserAgent is what the client claims to be.
	UserAgent string
	// Transport is how a new session's token travels. Defaults to sessions.Cookie.
	Transport sessions.Transport
	// Sessions are the tokens that the client presented; a sign-in ends them.
	Sessions []string
	// Flows are the unfinished flows that the client takes part in.
	Flows []string
	// Device is the value of the device cookie.
	Device string
	// Language is the Accept-Language header: what mails are written in.
	Language string
}

// transportHeader asks for the token in the body in place of a cookie.
const transportHeader = "Torii-Transport"

// Client returns who sent r. The address is the socket's, unless that is one of
// Config.TrustedProxies.
func (a *Auth) Client(r *http.Request) Client {
	a.noticeProxy(r)
	presented := a.cookies.Presented(r)
	c := Client{
		IP:        a.ips.IP(r),
		UserAgent: cleanText(r.UserAgent(), 512),
		Transport: sessions.Cookie,
		Sessions:  presented.Cookies,
		Flows:     a.cookies.Flows(r),
		Device:    a.cookies.Device(r),
		Language:  r.Header.Get("Accept-Language"),
	}
	if presented.Bearer != "" {
		c.Sessions = append(c.Sessions, presented.Bearer)
	}
	if strings.EqualFold(strings.TrimSpace(r.Header.Get(transportHeader)), string(sessions.Bearer)) {
		c.Transport = sessions.Bearer
	}
	return c
}

func (c Client) ip() string {
	if !c.IP.IsValid() {
		return ""
	}
	return c.IP.Unmap().WithZone("").String()
}

// cleanText makes a client's text fit for a column and a log: valid UTF-8 without
// control and format characters, at most limit bytes, cut between characters.
func cleanText(s string, limit int) string {
	if len(s) <= limit && isPlain(s) {
		return s // as nearly every one is, on every request
	}
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
			unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	for len(s) > limit {
		cut := limit
		for cut > 0 && s[cut]&0xc0 == 0x80 {
			cut--
		}
		s = s[:cut]
	}
	return s
}

// isPlain tells whether s is printable ASCII without a space at either end.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}
