package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

func addressView() view {
	in := emailField()
	in.Label = "New e-mail address"
	return view{
		Title: "Change your address",
		Form:  &form{Action: "/account/address", Button: "Mail me a link", Fields: []field{in}},
	}
}

func (s *server) showAddress(w http.ResponseWriter, r *http.Request) {
	v := addressView()
	if s.weigh(w, r, v.Form, "/account/address") {
		s.render(w, r, http.StatusOK, "address", v)
	}
}

// changeAddress has a mail sent to the new address. Nothing changes until its link is
// confirmed in this session, on a page of Torii's.
func (s *server) changeAddress(w http.ResponseWriter, r *http.Request) {
	v := addressView()
	if !s.weigh(w, r, v.Form, "/account/address") {
		return
	}
	v.Form.fill(r)
	session, err := s.prove(w, r, v.Form)
	if err == nil {
		err = s.auth.RequestEmailChange(r.Context(), session, r.PostFormValue("email"), s.auth.Client(r))
	}
	if err != nil {
		s.refuse(w, r, "address", v, err)
		return
	}
	s.remember(w, "/account/address", r.PostFormValue("email"))
	http.Redirect(w, r, "/account/address/sent", http.StatusSeeOther)
}

func (s *server) showAddressSent(w http.ResponseWriter, r *http.Request) {
	text := "The link works once, for a day. The old address is told of the change"
	if u, _ := auth.UserFrom(r.Context()); u.EmailVerifiedAt != nil {
		text += ", and can undo it for a week" // what was never confirmed may be a stranger's
	}
	s.render(w, r, http.StatusOK, "sent", s.sentView(r, sent{
		To:   remembered(r),
		Lead: "Open its link in this browser. Until then your address stays as it is.",
		Text: text + ".", Start: "/account/address", StartText: "Ask again, or for another address",
	}, nil))
}

func (s *server) confirmView(r *http.Request) view {
	u, _ := auth.UserFrom(r.Context())
	return s.sentView(r, sent{
		To:   personOf(u).Email,
		Lead: "Type its code here, or open its link in this browser.",
		Text: "The mail works once, for a day.", Again: "/account/confirm?again=1",
		Start: "/account", StartText: "Back to your account",
	}, codeForm("/account/confirm/code", "Confirm this address"))
}

// confirm has a mail sent with which the account's address is proven.
func (s *server) confirm(w http.ResponseWriter, r *http.Request) {
	u, _ := auth.UserFrom(r.Context())
	flow, err := s.auth.RequestVerification(r.Context(), u.Email, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "sent", s.confirmView(r), err)
		return
	}
	s.auth.AddFlow(w, r, flow)
	place := "/account/confirm"
	if r.URL.Query().Has("again") {
		place += "?done=mailed"
	}
	http.Redirect(w, r, place, http.StatusSeeOther)
}

func (s *server) showConfirm(w http.ResponseWriter, r *http.Request) {
	if u, _ := auth.UserFrom(r.Context()); u.EmailVerifiedAt != nil {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, "sent", s.confirmView(r))
}

func (s *server) confirmCode(w http.ResponseWriter, r *http.Request) {
	res, err := s.auth.VerifyEmail(r.Context(), auth.Mailed{Code: r.PostFormValue("code")}, s.auth.Client(r))
	if err != nil {
		s.refuse(w, r, "sent", s.confirmView(r), err)
		return
	}
	if res.Token.Reveal() != "" { // the code was of a sign-up that waits in this browser
		s.auth.SetCookies(w, r, res)
	}
	http.Redirect(w, r, "/account?done=verified", http.StatusSeeOther)
}
