package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

// The pages that let people in, or back in, differ in their forms alone.

// entrance is what one of them says beside its form.
type entrance struct {
	Lead                  string
	Question, Other, Path string         // another of them
	Mails                 bool           // there are ways in by a mail
	Passkey               *passkeyButton // nil if there is none
	Handovers             []handover
}

// showEntrance shows a page that lets people in, but to those who are in already.
func (s *server) showEntrance(w http.ResponseWriter, r *http.Request, page string, v view) {
	if _, ok := auth.UserFrom(r.Context()); ok {
		http.Redirect(w, r, destination(r), http.StatusSeeOther)
		return
	}
	v.Form.ReturnTo = returnTo(r)
	s.render(w, r, http.StatusOK, page, v)
}

// letIn signs a browser in and sends it where its person wanted to go.
func (s *server) letIn(w http.ResponseWriter, r *http.Request, res auth.Result) {
	s.auth.SetCookies(w, r, res)
	http.Redirect(w, r, destination(r), http.StatusSeeOther)
}

// returnTo is where a person wanted to go before being asked to sign in; "" if nowhere,
// or if it is not a page of this site.
func returnTo(r *http.Request) string {
	return auth.ReturnTo(r.FormValue("return_to"), "")
}

// destination is where a person goes once signed in.
func destination(r *http.Request) string {
	if path := returnTo(r); path != "" {
		return path
	}
	return "/account"
}
