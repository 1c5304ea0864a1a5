package authtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
)

// Browser is one visitor: it keeps cookies and says where its requests come from, as
// browsers do. A Browser is used by one goroutine; Clone makes more.
type Browser struct {
	// IP is the address that requests come from.
	IP string
	// Header is added to every request; "Sec-Fetch-Site" is same-origin unless it is set
	// here, and an empty value leaves a header out.
	Header http.Header

	site *Site
	jar  *cookiejar.Jar
	base *url.URL
}

// Browser returns a visitor without cookies.
func (s *Site) Browser() *Browser {
	base, _ := url.Parse(s.origin) // auth.New has accepted it
	jar, _ := cookiejar.New(nil)   // fails only on options
	h := http.Header{"Sec-Fetch-Site": {"same-origin"}, "User-Agent": {"authtest"}}
	return &Browser{IP: s.ip, Header: h, site: s, jar: jar, base: base}
}

// App returns a native client: no cookies, no browser headers, tokens in bodies.
func (s *Site) App() *Browser {
	b := s.Browser()
	b.Header = http.Header{"Torii-Transport": {"bearer"}, "User-Agent": {"authtest-app"}}
	return b
}

// Site is the application that the browser visits: where its mails are, for example.
func (b *Browser) Site() *Site { return b.site }

// Clone returns a browser with the same cookies and headers, for another goroutine.
func (b *Browser) Clone() *Browser {
	c := b.site.Browser()
	c.IP, c.Header = b.IP, b.Header.Clone()
	c.jar.SetCookies(b.base, b.jar.Cookies(b.base))
	return c
}

// Cookie is the value of a cookie, or "".
func (b *Browser) Cookie(name string) string {
	for _, c := range b.jar.Cookies(b.base) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Session is the value of the session cookie, or "".
func (b *Browser) Session() string { return b.Cookie(b.site.cookie) }

// SetCookie plants a cookie.
func (b *Browser) SetCookie(name, value string) {
	b.jar.SetCookies(b.base, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
}

// Get sends a GET.
func (b *Browser) Get(path string) *Reply { return b.Do(http.MethodGet, path, nil) }

// Post sends a POST with a body; see Do.
func (b *Browser) Post(path string, body any) *Reply { return b.Do(http.MethodPost, path, body) }

// Patch sends a PATCH with a body; see Do.
func (b *Browser) Patch(path string, body any) *Reply { return b.Do(http.MethodPatch, path, body) }

// Delete sends a DELETE.
func (b *Browser) Delete(path string) *Reply { return b.Do(http.MethodDelete, path, nil) }

// Do sends a request. A body that is a string or []byte is sent as it is, nil sends
// none, anything else is marshalled; all as application/json unless Header says
// otherwise.
func (b *Browser) Do(method, path string, body any) *Reply {
	var r io.Reader = http.NoBody
	switch v := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(v)
	case []byte:
		r = bytes.NewReader(v)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("authtest: body of %s %s: %v", method, path, err))
		}
		r = bytes.NewReader(data)
	}
	req := httptest.NewRequest(method, b.site.origin+path, r)
	req.RemoteAddr = b.IP + ":40000"
	if strings.Contains(b.IP, ":") {
		req.RemoteAddr = "[" + b.IP + "]:40000"
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range b.Header {
		req.Header.Del(name)
		for _, v := range values {
			if v != "" {
				req.Header.Add(name, v)
			}
		}
	}
	for _, c := range b.jar.Cookies(b.base) {
		req.AddCookie(c)
	}
	return b.send(req)
}

func (b *Browser) send(req *http.Request) *Reply {
	rec := httptest.NewRecorder()
	b.site.Mux.ServeHTTP(rec, req)
	res := rec.Result()
	b.jar.SetCookies(b.base, res.Cookies())
	return &Reply{Status: res.StatusCode, Header: res.Header, Body: rec.Body.Bytes(), Cookies: res.Cookies()}
}

// Reply is an answer.
type Reply struct {
	Status  int
	Header  http.Header
	Cookies []*http.Cookie
	Body    []byte
}

// members are those of any answer that the methods below look at.
type members struct {
	Error  struct{ Code string }
	Fields map[string]string
	Flow   string
	Token  string
	User   struct{ ID string }
}

func (r *Reply) members() members {
	var m members
	_ = json.Unmarshal(r.Body, &m) // a page has none
	return m
}

// Code is the code of an error, or "".
func (r *Reply) Code() string { return r.members().Error.Code }

// Field is the code of a field that is not acceptable, or "".
func (r *Reply) Field(name string) string { return r.members().Fields[name] }

// Flow is the flow that an app sends back in the header Torii-Flow, or "".
func (r *Reply) Flow() string { return r.members().Flow }

// Token is the member "token" of the body, or "".
func (r *Reply) Token() string { return r.members().Token }

// UserID is the id of the member "user" of the body, or "".
func (r *Reply) UserID() string { return r.members().User.ID }

// JSON decodes the body into v.
func (r *Reply) JSON(v any) error { return json.Unmarshal(r.Body, v) }

// String is status and body, for failure messages.
func (r *Reply) String() string { return fmt.Sprintf("%d %s", r.Status, bytes.TrimSpace(r.Body)) }
