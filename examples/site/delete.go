package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

func deleteView(r *http.Request) view {
	u, _ := auth.UserFrom(r.Context())
	return view{
		Title: "Delete your account",
		Form:  &form{Action: "/account/delete", Button: "Delete my account", Danger: true, Username: personOf(u).Email},
	}
}

func (s *server) showDelete(w http.ResponseWriter, r *http.Request) {
	v := deleteView(r)
	if s.weigh(w, r, v.Form, "/account/delete") {
		s.render(w, r, http.StatusOK, "delete", v)
	}
}

func (s *server) delete(w http.ResponseWriter, r *http.Request) {
	v := deleteView(r)
	if !s.weigh(w, r, v.Form, "/account/delete") {
		return
	}
	session, err := s.prove(w, r, v.Form)
	if err == nil {
		err = s.auth.DeleteUser(r.Context(), session.UserID)
	}
	if err != nil {
		s.refuse(w, r, "delete", v, err)
		return
	}
	s.auth.ClearCookies(w)
	http.Redirect(w, r, "/?done=deleted", http.StatusSeeOther)
}
