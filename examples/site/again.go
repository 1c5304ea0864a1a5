package main

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/oauth"
	"github.com/torii-go/torii/providers/passkey"
)

// proofs are what who is signed in can show with that it is still them. A password or a
// passkey, where there is one; otherwise an account elsewhere or a mail.
type proofs struct {
	Password  bool
	Passkey   *passkeyButton
	Handovers []handover
	Mails     bool
}

func (s *server) proofs(r *http.Request) (proofs, error) {
	var can proofs
	var err error
	if can.Password, err = s.hasPassword(r); err != nil {
		return can, err
	}
	if s.pk != nil {
		has, err := s.has(r, passkey.Kind)
		if err != nil {
			return can, err
		}
		if has {
			can.Passkey = s.passkeyButton(r, stepUp)
		}
	}
	if can.Password || can.Passkey != nil {
		return can, nil
	}
	can.Mails = s.mails
	u, _ := auth.UserFrom(r.Context())
	accounts, err := s.oa.Accounts(r.Context(), u.ID)
	if err != nil {
		return can, err
	}
	// The provider has to ask anew, which it need not have done before.
	for _, idp := range s.idps {
		if slices.ContainsFunc(accounts, func(a oauth.Account) bool { return a.Provider == idp.ID }) {
			can.Handovers = append(can.Handovers, handover{Provider: idp.ID, Text: "Continue with " + idp.Name, ReturnTo: destination(r), Fresh: true})
		}
	}
	return can, nil
}

// page is where that is done, for who came from another one.
func (p proofs) page(back string) string {
	path := "/again"
	if p.onlyMails() {
		path = "/login/mail"
	}
	return path + "?return_to=" + url.QueryEscape(back)
}

func (p proofs) onlyMails() bool {
	return p.Mails && !p.Password && p.Passkey == nil && len(p.Handovers) == 0
}

func againView(r *http.Request, can proofs) view {
	v := view{
		Title: "Is it still you?", Form: &form{Action: "/again", Button: "Go on"},
		Data: entrance{Passkey: can.Passkey, Handovers: can.Handovers, Mails: can.Mails},
	}
	if can.Password {
		u, _ := auth.UserFrom(r.Context())
		v.Form.Username = personOf(u).Email
		v.Form.Fields = []field{currentPassword("current_password", "Your password")}
	}
	return v
}

// showAgain is where weigh sends people without a password, and the script for passkeys
// those who did nothing of weight for a while.
func (s *server) showAgain(w http.ResponseWriter, r *http.Request) {
	can, err := s.proofs(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case can.onlyMails():
		http.Redirect(w, r, can.page(destination(r)), http.StatusSeeOther)
	default:
		s.showProof(w, r, "again", againView(r, can))
	}
}

// proveAgain takes the password, of those who have one.
func (s *server) proveAgain(w http.ResponseWriter, r *http.Request) {
	can, err := s.proofs(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v := againView(r, can)
	v.Form.fill(r)
	if _, err := s.prove(w, r, v.Form); err != nil {
		s.refuse(w, r, "again", v, err)
		return
	}
	http.Redirect(w, r, destination(r), http.StatusSeeOther)
}
