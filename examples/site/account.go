package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

// account is what the account's page shows beside the user.
type account struct {
	Name, Password *form
	HasPassword    bool
	Mails          bool // the address can be changed
	Linked         []linkedView
	Links          []handover    // for more of them
	Recent         bool          // who they are has been shown a moment ago
	Passkeys       *passkeysView // nil if there are none on this site
	Sessions       []sessionView
	Others         int // sessions beside this one
}

func nameForm() *form {
	return &form{Action: "/account/name", Button: "Save name", Fields: []field{nameField()}}
}

// passwordForm changes a password, or sets the first one.
func passwordForm(p *person, has bool) *form {
	f := &form{Action: "/account/password", Button: "Set password", Username: p.Email}
	if has {
		f.Button = "Change password"
		f.Fields = []field{currentPassword("current_password", "Current password")}
	}
	f.Fields = append(f.Fields, newPassword("new_password", "New password"))
	return f
}

func (s *server) showAccount(w http.ResponseWriter, r *http.Request) {
	s.account(w, r, http.StatusOK, nil, nil)
}

// account shows the page with one of its forms refused, or none.
func (s *server) account(w http.ResponseWriter, r *http.Request, status int, name, password *form) {
	u, _ := auth.UserFrom(r.Context())
	p := personOf(u)
	if name == nil {
		name = nameForm()
		name.Fields[0].Value = p.Name
	}
	has, err := s.hasPassword(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if password == nil {
		password = passwordForm(p, has)
	}
	list, err := s.sessions(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	linked, err := s.linked(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	keys, err := s.passkeys(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var links []handover
	for _, idp := range s.idps {
		links = append(links, linkButton(idp))
	}
	session, _ := auth.SessionFrom(r.Context())
	recent, err := s.auth.IsRecent(r.Context(), session, recently)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if keys != nil {
		keys.Recent = recent
	}
	s.render(w, r, status, "account", view{
		Title: "Your account", User: p, Done: done(r),
		Data: account{
			Name: name, Password: password, HasPassword: has, Mails: s.mails,
			Linked: linked, Links: links, Recent: recent, Passkeys: keys,
			Sessions: list, Others: len(list) - 1,
		},
	})
}

func (s *server) rename(w http.ResponseWriter, r *http.Request) {
	f := nameForm()
	f.fill(r)
	u, _ := auth.UserFrom(r.Context())
	if _, err := s.auth.UpdateUser(r.Context(), u.ID, auth.UserUpdate{Name: &f.Fields[0].Value}); err != nil {
		s.refuseAccount(w, r, err, f, nil)
		return
	}
	http.Redirect(w, r, "/account?done=name", http.StatusSeeOther)
}

func (s *server) changePassword(w http.ResponseWriter, r *http.Request) {
	has, err := s.hasPassword(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
		return
	case !has:
		s.setPassword(w, r)
		return
	}
	u, _ := auth.UserFrom(r.Context())
	f := passwordForm(personOf(u), true)
	session, _ := auth.SessionFrom(r.Context())
	res, err := s.pw.Change(r.Context(), session,
		r.PostFormValue("current_password"), r.PostFormValue("new_password"), s.auth.Client(r))
	if err != nil {
		s.refuseAccount(w, r, err, nil, f)
		return
	}
	s.auth.SetCookies(w, r, res) // the session has a new token
	http.Redirect(w, r, "/account?done=password", http.StatusSeeOther)
}

// showPassword is where password managers send people who want a new one.
func (s *server) showPassword(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/account#password-heading", http.StatusSeeOther)
}

// setPassword is for who has none. It is as good as a way in, so the session must be a
// recent one.
func (s *server) setPassword(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	f := passwordForm(personOf(u), false)
	if !s.weigh(w, r, f, "/account") {
		return
	}
	session, _ := auth.SessionFrom(r.Context())
	res, err := s.pw.SetFirst(r.Context(), session, r.PostFormValue("new_password"), s.auth.Client(r))
	if err != nil {
		s.refuseAccount(w, r, err, nil, f)
		return
	}
	s.auth.SetCookies(w, r, res)
	http.Redirect(w, r, "/account?done=first", http.StatusSeeOther)
}

// refuseAccount shows the page again with what is wrong in the form that was posted,
// which is the one that is not nil.
func (s *server) refuseAccount(w http.ResponseWriter, r *http.Request, err error, name, password *form) {
	f := name
	if f == nil {
		f = password
	}
	status := f.refuse(w, err)
	if status == http.StatusInternalServerError {
		s.fail(w, r, err)
		return
	}
	s.account(w, r, status, name, password)
}
