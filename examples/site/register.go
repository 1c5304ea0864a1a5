package main

import (
	"net/http"

	"github.com/torii-go/torii/providers/password"
)

func registerView() view {
	return view{
		Title: "Create an account",
		Form: &form{Action: "/register", Button: "Create account", Fields: []field{
			nameField(), emailField(), newPassword("password", "Password"),
		}},
		Data: entrance{Question: "Have an account already?", Other: "Sign in", Path: "/login"},
	}
}

func (s *server) showRegister(w http.ResponseWriter, r *http.Request) {
	s.showEntrance(w, r, registerView())
}

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	v := registerView()
	v.Form.fill(r)
	res, err := s.pw.Register(r.Context(), password.Registration{
		Email:    r.PostFormValue("email"),
		Password: r.PostFormValue("password"),
		Name:     r.PostFormValue("name"),
	}, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "enter", v, err)
		return
	}
	s.letIn(w, r, res)
}
