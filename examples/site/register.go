package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func registerView(f *form) view {
	return view{Title: "Create an account", Form: f, Data: entrance{
		Other: "Sign in", Question: "Have an account already?", Path: "/login",
	}}
}

// entrance is what a page that lets people in says about the other one.
type entrance struct{ Question, Other, Path string }

func registerForm() *form {
	return &form{Action: "/register", Button: "Create account", Fields: []field{
		{Name: "name", Label: "Name", Type: "text", Autocomplete: "name", Optional: true},
		{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "email"},
		{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Hint: passwordHint},
	}}
}

const passwordHint = "At least 8 characters. A few words that do not belong together are good."

func (s *server) showRegister(w http.ResponseWriter, r *http.Request) {
	if _, ok := auth.UserFrom(r.Context()); ok {
		http.Redirect(w, r, destination(r), http.StatusSeeOther)
		return
	}
	f := registerForm()
	f.ReturnTo = returnTo(r)
	s.render(w, r, http.StatusOK, "enter", registerView(f))
}

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	f := registerForm()
	f.fill(r)
	res, err := s.pw.Register(r.Context(), password.Registration{
		Email:    r.PostFormValue("email"),
		Password: r.PostFormValue("password"),
		Name:     r.PostFormValue("name"),
	}, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "enter", registerView(f), err)
		return
	}
	s.auth.SetCookies(w, r, res)
	http.Redirect(w, r, destination(r), http.StatusSeeOther)
}

// refuse shows a page again, its form saying what is wrong.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, page string, v view, err error) {
	status := v.Form.refuse(w, err)
	if status == http.StatusInternalServerError {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, status, page, v)
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
