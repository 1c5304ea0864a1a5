package main

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func (s *server) loginView(r *http.Request) view {
	return view{
		Title: "Sign in",
		Form: &form{Action: "/login", Button: "Sign in", Fields: []field{
			s.userField(), currentPassword("password", "Password"),
		}},
		Data: entrance{Question: "No account yet?", Other: "Create one", Path: "/register", Mails: s.mails, Passkey: s.passkeyButton(r, signIn), Handovers: s.handovers(r)},
	}
}

func (s *server) showLogin(w http.ResponseWriter, r *http.Request) {
	s.showEntrance(w, r, "enter", s.loginView(r))
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	v := s.loginView(r)
	v.Form.fill(r)
	res, err := s.pw.SignIn(r.Context(), password.Credentials{
		Email:       r.PostFormValue("email"),
		Password:    r.PostFormValue("password"),
		NewPassword: r.PostFormValue("new_password"),
	}, s.auth.Client(r))
	if err != nil {
		if errors.Is(err, auth.ErrPasswordChangeRequired) || r.PostForm.Has("new_password") {
			v.Form.Fields = append(v.Form.Fields, newPassword("new_password", "New password"))
		}
		s.refuse(w, r, "enter", v, err)
		return
	}
	s.letIn(w, r, res)
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
