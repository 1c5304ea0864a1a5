package main

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func loginView(f *form) view {
	return view{Title: "Sign in", Form: f, Data: entrance{
		Other: "Create one", Question: "No account yet?", Path: "/register",
	}}
}

func loginForm() *form {
	return &form{Action: "/login", Button: "Sign in", Fields: []field{
		{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "email"},
		{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"},
	}}
}

func (s *server) showLogin(w http.ResponseWriter, r *http.Request) {
	if _, ok := auth.UserFrom(r.Context()); ok {
		http.Redirect(w, r, destination(r), http.StatusSeeOther)
		return
	}
	f := loginForm()
	f.ReturnTo = returnTo(r)
	s.render(w, r, http.StatusOK, "enter", loginView(f))
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	f := loginForm()
	f.fill(r)
	res, err := s.pw.SignIn(r.Context(), password.Credentials{
		Email:       r.PostFormValue("email"),
		Password:    r.PostFormValue("password"),
		NewPassword: r.PostFormValue("new_password"),
	}, s.auth.Client(r))
	if err != nil {
		if errors.Is(err, auth.ErrPasswordChangeRequired) || r.PostForm.Has("new_password") {
			f.Fields = append(f.Fields, field{
				Name: "new_password", Label: "New password", Type: "password", Autocomplete: "new-password", Hint: passwordHint,
			})
		}
		s.refuse(w, r, "enter", loginView(f), err)
		return
	}
	s.auth.SetCookies(w, r, res)
	http.Redirect(w, r, destination(r), http.StatusSeeOther)
}

// logout needs nobody to be signed in: signed out is what everybody is afterwards.
func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	// A stateless session cannot be ended, but the browser can forget it.
	if err := s.auth.SignOut(r.Context(), s.auth.Client(r)); err != nil && !errors.Is(err, auth.ErrNotRevocable) {
		s.fail(w, r, err)
		return
	}
	s.auth.ClearCookies(w)
	http.Redirect(w, r, "/?done=logout", http.StatusSeeOther)
}
