package main

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// recently is what the contract's routes want for the same.
const recently = 10 * time.Minute

// weigh has a form of weight ask for the password, unless it was given a moment ago. Who
// has none is sent to sign in again, by an account elsewhere or by a mail, and back to the
// page: then it returns false, as it does if it had to answer that something failed.
func (s *server) weigh(w http.ResponseWriter, r *http.Request, f *form, back string) bool {
	session, _ := auth.SessionFrom(r.Context())
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	if err == nil && recent {
		return true
	}
	has, again := false, []handover(nil)
	if err == nil {
		has, err = s.hasPassword(r)
	}
	if err == nil && !has {
		again, err = s.again(r)
	}
	switch {
	case err != nil:
		s.fail(w, r, err)
		return false
	case !has && len(again) > 0:
		http.Redirect(w, r, "/again?return_to="+url.QueryEscape(back), http.StatusSeeOther)
		return false
	case !has && s.mails:
		http.Redirect(w, r, "/login/mail?return_to="+url.QueryEscape(back), http.StatusSeeOther)
		return false
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
func (s *server) hasPassword(r *http.Request) (bool, error) {
	u, _ := auth.UserFrom(r.Context())
	return s.client.Credential.Query().
		Where(credential.UserID(u.ID), credential.Kind(password.Kind)).
		Exist(r.Context())
}

// again are the buttons of the accounts elsewhere by which who is signed in can show that
// it is still them: the provider has to ask anew, which it need not have done before.
func (s *server) again(r *http.Request) ([]handover, error) {
	u, _ := auth.UserFrom(r.Context())
	accounts, err := s.oa.Accounts(r.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	var list []handover
	for _, idp := range s.idps {
		if slices.ContainsFunc(accounts, func(a oauth.Account) bool { return a.Provider == idp.ID }) {
			list = append(list, handover{Provider: idp.ID, Text: "Continue with " + idp.Name, ReturnTo: destination(r), Fresh: true})
		}
	}
	return list, nil
}

// showAgain offers what weigh sends people without a password to.
func (s *server) showAgain(w http.ResponseWriter, r *http.Request) {
	list, err := s.again(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.showProof(w, r, "again", view{
		Title: "Is it still you?", Form: &form{},
		Data: entrance{Handovers: list, Mails: s.mails},
	})
}
