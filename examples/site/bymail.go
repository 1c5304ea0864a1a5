package main

import (
	"net/http"
	"strings"

	"github.com/torii-go/torii/auth"
)

func byMailView(r *http.Request) view {
	v := view{
		Title: "Sign in by a mail",
		Form:  &form{Action: "/login/mail", Button: "Mail me a link and a code", Fields: []field{emailField()}},
		Data: entrance{
			Lead:     "No password needed. An address that has no account yet gets one.",
			Question: "Rather with a password?", Other: "Sign in", Path: "/login",
		},
	}
	if u, ok := auth.UserFrom(r.Context()); ok {
		v.Form.Fields[0].Value = personOf(u).Email
		v.Data = entrance{
			Lead:     "Before you go on, please show that it is still you.",
			Question: "Changed your mind?", Other: "Your account", Path: "/account",
		}
	}
	return v
}

// showByMail is for signed-in people as well who have no password to show that it is
// still them.
func (s *server) showByMail(w http.ResponseWriter, r *http.Request) {
	s.showProof(w, r, "enter", byMailView(r))
}

// showProof is showEntrance, but lets those stay who signed in a while ago.
func (s *server) showProof(w http.ResponseWriter, r *http.Request, page string, v view) {
	session, ok := auth.SessionFrom(r.Context())
	if !ok {
		s.showEntrance(w, r, page, v)
		return
	}
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case recent:
		http.Redirect(w, r, destination(r), http.StatusSeeOther)
	default:
		v.Form.ReturnTo = returnTo(r)
		s.render(w, r, http.StatusOK, page, v)
	}
}

// byMail answers the same whether there is an account or not.
func (s *server) byMail(w http.ResponseWriter, r *http.Request) {
	v := byMailView(r)
	v.Form.fill(r)
	email := r.PostFormValue("email")
	err := auth.InvalidField("email", "invalid_email")
	if strings.Contains(email, "@") { // what is wrong with the others the mail server knows
		err = s.sendByMail(w, r, email)
	}
	if err != nil {
		s.refuse(w, r, "enter", v, err)
		return
	}
	s.remember(w, "/login/mail", email)
	http.Redirect(w, r, withReturnTo(r, "/login/mail/sent"), http.StatusSeeOther)
}

func (s *server) sendByMail(w http.ResponseWriter, r *http.Request, email string) error {
	flow, err := s.ml.Send(r.Context(), email, destination(r), s.auth.Client(r))
	if err == nil {
		s.auth.AddFlow(w, r, flow)
	}
	return err
}

func (s *server) byMailSentView(r *http.Request) view {
	return s.sentView(r, sent{
		To:   remembered(r),
		Lead: "Type its code here, or open its link in this browser.",
		Text: "The mail works once, for ten minutes.", Again: "/login/mail/sent",
		Start: "/login/mail", StartText: "Use another address",
	}, codeForm("/login/mail/code", "Sign in"))
}

func (s *server) showByMailSent(w http.ResponseWriter, r *http.Request) {
	s.showProof(w, r, "sent", s.byMailSentView(r))
}

func (s *server) byMailAgain(w http.ResponseWriter, r *http.Request) {
	email := remembered(r)
	if email == "" {
		http.Redirect(w, r, withReturnTo(r, "/login/mail"), http.StatusSeeOther)
		return
	}
	if err := s.sendByMail(w, r, email); err != nil {
		s.refuse(w, r, "sent", s.byMailSentView(r), err)
		return
	}
	http.Redirect(w, r, withReturnTo(r, "/login/mail/sent?done=mailed"), http.StatusSeeOther)
}

func (s *server) byMailCode(w http.ResponseWriter, r *http.Request) {
	res, err := s.ml.Verify(r.Context(), auth.Mailed{Code: r.PostFormValue("code")}, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "sent", s.byMailSentView(r), err)
		return
	}
	s.forget(w, "/login/mail")
	s.letIn(w, r, res)
}
