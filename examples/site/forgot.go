package main

import "net/http"

func forgotView() view {
	return view{
		Title: "Forgot your password?",
		Form:  &form{Action: "/forgot", Button: "Mail me a link", Fields: []field{emailField()}},
		Data: entrance{
			Lead:     "We mail you a link to a page where you set a new one.",
			Question: "Do you know it after all?", Other: "Sign in", Path: "/login",
		},
	}
}

// showForgot is for signed-in people as well: a browser may remember what its person
// has forgotten.
func (s *server) showForgot(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "enter", forgotView())
}

// forgot answers the same whether there is an account or not.
func (s *server) forgot(w http.ResponseWriter, r *http.Request) {
	v := forgotView()
	v.Form.fill(r)
	if err := s.pw.RequestReset(r.Context(), r.PostFormValue("email"), s.auth.Client(r)); err != nil {
		s.refuse(w, r, "enter", v, err)
		return
	}
	http.Redirect(w, r, "/forgot/sent", http.StatusSeeOther)
}

func (s *server) showForgotSent(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "sent", s.sentView(r, sent{
		Maybe: true, Text: "Its link works once, for an hour.",
		Start: "/forgot", StartText: "Ask again",
	}, nil))
}
