package main

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func (s *server) registerView(r *http.Request) view {
	return view{
		Title: "Create an account",
		Form: &form{Action: "/register", Button: "Create account", Fields: []field{
			nameField(), emailField(), newPassword("password", "Password"),
		}},
		Data: entrance{Question: "Have an account already?", Other: "Sign in", Path: "/login", Passkey: s.passkeyButton(r, signUp), Handovers: s.handovers(r)},
	}
}

func (s *server) showRegister(w http.ResponseWriter, r *http.Request) {
	s.showEntrance(w, r, "enter", s.registerView(r))
}

// register makes an account; with -verify it only has a mail sent, and the account is made
// when that is answered. Whether there is one already is not told then.
func (s *server) register(w http.ResponseWriter, r *http.Request) {
	v := s.registerView(r)
	v.Form.fill(r)
	res, err := s.pw.Register(r.Context(), password.Registration{
		Email:    r.PostFormValue("email"),
		Password: r.PostFormValue("password"),
		Name:     r.PostFormValue("name"),
		ReturnTo: r.FormValue("return_to"),
	}, s.auth.Client(r))
	var waits *auth.CheckEmailError
	switch {
	case errors.As(err, &waits):
		s.auth.AddFlow(w, r, waits.Flow)
		s.remember(w, "/register", r.PostFormValue("email"))
		http.Redirect(w, r, withReturnTo(r, "/register/sent"), http.StatusSeeOther)
	case err != nil:
		s.refuse(w, r, "enter", v, err)
	default:
		s.letIn(w, r, res)
	}
}

func (s *server) registerSentView(r *http.Request) view {
	return s.sentView(r, sent{
		To:   remembered(r),
		Lead: "Type its code here, or open its link in this browser. That makes your account.",
		Text: "The mail works once, for a day.", Again: "/register/sent",
		Start: "/register", StartText: "Use another address",
	}, codeForm("/register/code", "Confirm and sign in"))
}

func (s *server) showRegisterSent(w http.ResponseWriter, r *http.Request) {
	s.showEntrance(w, r, "sent", s.registerSentView(r))
}

// registerAgain has the mail sent once more. The codes that were tried stay counted.
func (s *server) registerAgain(w http.ResponseWriter, r *http.Request) {
	email := remembered(r)
	if email == "" {
		http.Redirect(w, r, withReturnTo(r, "/register"), http.StatusSeeOther)
		return
	}
	flow, err := s.auth.RequestVerification(r.Context(), email, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "sent", s.registerSentView(r), err)
		return
	}
	s.auth.AddFlow(w, r, flow)
	http.Redirect(w, r, withReturnTo(r, "/register/sent?done=mailed"), http.StatusSeeOther)
}

func (s *server) registerCode(w http.ResponseWriter, r *http.Request) {
	res, err := s.auth.VerifyEmail(r.Context(), auth.Mailed{Code: r.PostFormValue("code")}, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "sent", s.registerSentView(r), err)
		return
	}
	s.forget(w, "/register")
	s.letIn(w, r, res)
}
