package main

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/oauth"
)

// linkedView is an account elsewhere in words.
type linkedView struct {
	ID, Name, Email string
	Since, Used     string // Used is "" if it says no more than Since
}

// linked lists the accounts elsewhere that open the one that is signed in.
func (s *server) linked(r *http.Request) ([]linkedView, error) {
	u, _ := auth.UserFrom(r.Context())
	accounts, err := s.oa.Accounts(r.Context(), u.ID)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var list []linkedView
	for _, a := range accounts {
		v := linkedView{ID: a.ID, Name: a.Name, Email: a.Email, Since: ago(now, a.CreatedAt)}
		if used := ago(now, a.LastUsedAt); !a.LastUsedAt.IsZero() && used != v.Since {
			v.Used = used
		}
		list = append(list, v)
	}
	return list, nil
}

// linkage is what a page about one account elsewhere says.
type linkage struct {
	Lead     string
	Handover *handover // the button, once it is certain who asks
}

func linkButton(idp oauth.IDP) handover {
	return handover{Provider: idp.ID, Text: "Link a " + idp.Name + " account", Link: true, ReturnTo: "/account?done=linked"}
}

// provider is the one in the path.
func (s *server) provider(r *http.Request) (oauth.IDP, bool) {
	i := slices.IndexFunc(s.idps, func(idp oauth.IDP) bool { return idp.ID == r.PathValue("provider") })
	if i < 0 {
		return oauth.IDP{}, false
	}
	return s.idps[i], true
}

func linkView(r *http.Request, idp oauth.IDP) view {
	u, _ := auth.UserFrom(r.Context())
	return view{
		Title: "Link a " + idp.Name + " account",
		Form:  &form{Action: "/account/link/" + idp.ID, Button: "Go on", Username: personOf(u).Email},
		Data:  linkage{Lead: "Whoever can sign in to it can sign in here as well."},
	}
}

// showLink is where who signed in a while ago shows that it is still them, and then has
// the button that the account's page has for others.
func (s *server) showLink(w http.ResponseWriter, r *http.Request) {
	idp, ok := s.provider(r)
	if !ok {
		s.notFound(w, r)
		return
	}
	v := linkView(r, idp)
	if !s.weigh(w, r, v.Form, v.Form.Action) {
		return
	}
	if len(v.Form.Fields) == 0 {
		button, d := linkButton(idp), v.Data.(linkage)
		v.Form, d.Handover = nil, &button
		v.Data = d
	}
	s.render(w, r, http.StatusOK, "linkage", v)
}

func (s *server) proveLink(w http.ResponseWriter, r *http.Request) {
	idp, ok := s.provider(r)
	if !ok {
		s.notFound(w, r)
		return
	}
	v := linkView(r, idp)
	if !s.weigh(w, r, v.Form, v.Form.Action) {
		return
	}
	if _, err := s.prove(w, r, v.Form); err != nil {
		s.refuse(w, r, "linkage", v, err)
		return
	}
	http.Redirect(w, r, v.Form.Action, http.StatusSeeOther)
}

// unlinkView is false if it has answered, because there is nothing to unlink.
func (s *server) unlinkView(w http.ResponseWriter, r *http.Request) (view, bool) {
	list, err := s.linked(r)
	if err != nil {
		s.fail(w, r, err)
		return view{}, false
	}
	i := slices.IndexFunc(list, func(v linkedView) bool { return v.ID == r.PathValue("id") })
	if i < 0 {
		s.notFound(w, r)
		return view{}, false
	}
	which := "It"
	if list[i].Email != "" {
		which = "That of " + list[i].Email // there may be several
	}
	u, _ := auth.UserFrom(r.Context())
	v := view{
		Title: "Unlink " + list[i].Name,
		Form:  &form{Action: "/account/unlink/" + url.PathEscape(list[i].ID), Button: "Unlink", Danger: true, Username: personOf(u).Email},
		Data:  linkage{Lead: which + " will not open your account any more, and you are signed out everywhere else."},
	}
	return v, s.weigh(w, r, v.Form, v.Form.Action)
}

func (s *server) showUnlink(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.unlinkView(w, r); ok {
		s.render(w, r, http.StatusOK, "linkage", v)
	}
}

func (s *server) unlink(w http.ResponseWriter, r *http.Request) {
	v, ok := s.unlinkView(w, r)
	if !ok {
		return
	}
	session, err := s.prove(w, r, v.Form)
	if err == nil {
		err = s.oa.Unlink(r.Context(), session, r.PathValue("id"), s.auth.Client(r))
	}
	if err != nil {
		s.refuse(w, r, "linkage", v, err)
		return
	}
	http.Redirect(w, r, "/account?done=unlinked", http.StatusSeeOther)
}
