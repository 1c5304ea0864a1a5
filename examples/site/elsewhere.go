package main

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
)

// handover is a button that leads to an account elsewhere. Its form is posted to the
// contract, which sends the browser on.
type handover struct {
	Provider string // its id
	Text     string
	ReturnTo string
	Link     bool // to be added to the account that is signed in
	Fresh    bool // the provider has to ask again
}

// handovers are the buttons that let people in.
func (s *server) handovers(r *http.Request) []handover {
	var list []handover
	for _, idp := range s.idps {
		list = append(list, handover{Provider: idp.ID, Text: "Continue with " + idp.Name, ReturnTo: destination(r)})
	}
	return list
}

// onlyHere is the built-in provider, for who sits at this machine.
func (s *server) onlyHere(next http.Handler) http.Handler {
	nothing := guarded(http.HandlerFunc(s.notFound), "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r, s.origin) {
			nothing.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// explain stands before Torii's own page for what went wrong on the way back from a
// provider, where this site knows how to go on.
func (s *server) explain(own, taken http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("code") {
		case auth.ErrProfileRequired.Code:
			http.Redirect(w, r, "/register/address", http.StatusSeeOther)
		case auth.ErrEmailTaken.Code:
			taken.ServeHTTP(w, r)
		default:
			own.ServeHTTP(w, r)
		}
	})
}

// emailTaken tells who has an account here how to come to use one elsewhere for it. The
// word of a provider is not enough: it may be anybody's.
func (s *server) emailTaken(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "taken", view{Title: "You have an account here already"})
}

// missingView asks for what a provider did not tell.
func missingView() view {
	return view{
		Title: "Your e-mail address",
		Form:  &form{Action: "/register/address", Button: "Create account", Fields: []field{emailField()}},
		Data: entrance{
			Lead:     "The other account came without an address, and every account here has one.",
			Question: "Have an account already?", Other: "Sign in", Path: "/login",
		},
	}
}

func (s *server) showMissing(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "enter", missingView())
}

// missing goes on with a sign-up that has waited for an address.
func (s *server) missing(w http.ResponseWriter, r *http.Request) {
	v := missingView()
	v.Form.fill(r)
	email := r.PostFormValue("email")
	res, err := s.auth.CompleteSignUp(r.Context(), map[string]any{"email": email}, s.auth.Client(r))
	var waits *auth.CheckEmailError
	switch {
	case errors.As(err, &waits):
		s.auth.AddFlow(w, r, waits.Flow)
		s.remember(w, "/register", email)
		http.Redirect(w, r, "/register/sent", http.StatusSeeOther)
	case errors.Is(err, auth.ErrInvalidToken):
		v.Form.Alert = "This sign-up was finished already, or it took too long. Begin again."
		s.render(w, r, auth.ErrInvalidToken.Status, "enter", v)
	case err != nil:
		s.refuse(w, r, "enter", v, err)
	default:
		s.auth.SetCookies(w, r, res)
		http.Redirect(w, r, auth.ReturnTo(res.ReturnTo, "/account"), http.StatusSeeOther)
	}
}
