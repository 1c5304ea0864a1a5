package main

import (
	"net/http"
	"net/url"
	"strings"
)

// sent is what the page says after which somebody has to look into a mailbox. The code
// that a mail has is typed into the page's form.
type sent struct {
	To               string // where the mail went, if this browser remembers
	Maybe            bool   // there may be nobody to mail to
	Lead, Text       string
	Again            string // what another mail is asked for with
	Start, StartText string // the page where it began

	Mailbox, Terminal bool // of development, where no mail arrives
}

// sentView completes what a page says. f is the form for the code; nil if the mail has
// none.
func (s *server) sentView(r *http.Request, d sent, f *form) view {
	d.Mailbox, d.Terminal = s.mailbox.admits(r), s.terminal
	if f != nil {
		f.fill(r)
	}
	return view{Title: "Check your mail", Form: f, Data: d, Done: done(r)}
}

func codeForm(action, button string) *form {
	return &form{Action: action, Button: button, Fields: []field{codeField()}}
}

// sentCookie has the address that a browser's last mail went to, for the page that says
// so. It opens nothing: that is the flow cookie's.
const sentCookie = "site_sent"

// remember keeps an address for the pages below a path, as long as the browser runs: in
// no address of a page, where histories and logs would have it.
func (s *server) remember(w http.ResponseWriter, path, email string) {
	if len(email) > 254 {
		email = "" // it is none
	}
	cookie := &http.Cookie{
		Name: sentCookie, Value: url.QueryEscape(email), Path: path,
		HttpOnly: true, Secure: strings.HasPrefix(s.origin, "https:"), SameSite: http.SameSiteLaxMode,
	}
	if email == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// forget is for when the mail has been answered.
func (s *server) forget(w http.ResponseWriter, path string) { s.remember(w, path, "") }

// remembered is the address; "" if the browser has forgotten it.
func remembered(r *http.Request) string {
	cookie, err := r.Cookie(sentCookie)
	if err != nil {
		return ""
	}
	email, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return email
}

// withReturnTo is a page's path with where its visitor wanted to go.
func withReturnTo(r *http.Request, path string) string {
	back := returnTo(r)
	if back == "" {
		return path
	}
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return path + sign + "return_to=" + url.QueryEscape(back)
}
