package main

import (
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
)

// recently is what DELETE /auth/user wants too.
const recently = 10 * time.Minute

// deleteForm asks for the password unless it was given a moment ago.
func deleteForm(r *http.Request, recent bool) *form {
	u, _ := auth.UserFrom(r.Context())
	f := &form{Action: "/account/delete", Button: "Delete my account", Danger: true, Username: personOf(u).Email}
	if !recent {
		proof := currentPassword("current_password", "Your password")
		proof.Hint = "You signed in some time ago, so please show that it is still you."
		f.Fields = []field{proof}
	}
	return f
}

func (s *server) showDelete(w http.ResponseWriter, r *http.Request) {
	session, _ := auth.SessionFrom(r.Context())
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	if err != nil {
		s.refuse(w, r, "delete", view{Title: "Delete your account", Form: deleteForm(r, false)}, err)
		return
	}
	s.render(w, r, http.StatusOK, "delete", view{Title: "Delete your account", Form: deleteForm(r, recent)})
}

func (s *server) delete(w http.ResponseWriter, r *http.Request) {
	session, _ := auth.SessionFrom(r.Context())
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	if err == nil && !recent {
		var renewed auth.Result
		renewed, err = s.pw.Reauthenticate(r.Context(), session, r.PostFormValue("current_password"), s.auth.Client(r))
		if err == nil {
			s.auth.SetCookies(w, r, renewed)
		}
	}
	if err == nil {
		err = s.auth.DeleteUser(r.Context(), session.UserID)
	}
	if err != nil {
		s.refuse(w, r, "delete", view{Title: "Delete your account", Form: deleteForm(r, recent)}, err)
		return
	}
	s.auth.ClearCookies(w)
	http.Redirect(w, r, "/?done=deleted", http.StatusSeeOther)
}
