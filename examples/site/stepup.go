package main

import (
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// recently is what the contract's routes want for the same.
const recently = 10 * time.Minute

// weigh has a form of weight ask for the password, unless who it is was shown a moment ago.
// Who has none is sent to show it otherwise, and back to the page: then it returns false, as
// it does if it had to answer that something failed.
func (s *server) weigh(w http.ResponseWriter, r *http.Request, f *form, back string) bool {
	session, _ := auth.SessionFrom(r.Context())
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	if err == nil && recent {
		return true
	}
	var can proofs
	if err == nil {
		can, err = s.proofs(r)
	}
	switch {
	case err != nil:
		s.fail(w, r, err)
		return false
	case !can.Password:
		http.Redirect(w, r, can.page(back), http.StatusSeeOther)
		return false
	case can.Passkey != nil:
		f.Passkey = can.page(back)
	}
	proof := currentPassword("current_password", "Your password")
	proof.Hint = "You signed in some time ago, so please show that it is still you."
	f.Fields = append(f.Fields, proof)
	return true
}

// prove verifies the password if weigh made the form ask for it, and returns the session,
// which is renewed by that.
func (s *server) prove(w http.ResponseWriter, r *http.Request, f *form) (sessions.Session, error) {
	session, _ := auth.SessionFrom(r.Context())
	for _, in := range f.Fields {
		if in.Name != "current_password" {
			continue
		}
		res, err := s.pw.Reauthenticate(r.Context(), session, r.PostFormValue(in.Name), s.auth.Client(r))
		if err != nil {
			return session, err
		}
		s.auth.SetCookies(w, r, res)
		return res.Session, nil
	}
	return session, nil
}

// hasPassword tells whether who is signed in has one. An account that was made by a mail
// has none.
func (s *server) hasPassword(r *http.Request) (bool, error) { return s.has(r, password.Kind) }

func (s *server) has(r *http.Request, kind string) (bool, error) {
	u, _ := auth.UserFrom(r.Context())
	return s.client.Credential.Query().
		Where(credential.UserID(u.ID), credential.Kind(kind)).
		Exist(r.Context())
}
