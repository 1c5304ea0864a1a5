package main

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// entrance is a page that lets people in: sign-in and sign-up differ in their words.
type entrance struct {
	Title, Path, Button              string
	New                              bool // an account is made
	Question, OtherPath, Other       string
	Email                            string // as it was typed
	Alert, EmailError, PasswordError string // what is wrong
}

var (
	loginPage = entrance{
		Title: "Sign in", Path: "/login", Button: "Sign in",
		Question: "No account yet?", OtherPath: "/register", Other: "Create one",
	}
	registerPage = entrance{
		Title: "Create an account", Path: "/register", Button: "Create account", New: true,
		Question: "Have an account already?", OtherPath: "/login", Other: "Sign in",
	}
)

// showEntrance shows a page that lets people in, but to those who are in already.
func (s *site) showEntrance(e entrance) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.UserFrom(r.Context()); ok {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		s.render(w, r, http.StatusOK, "enter", view{Title: e.Title, Data: e})
	}
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	res, err := s.pw.SignIn(r.Context(), password.Credentials{
		Email: r.PostFormValue("email"), Password: r.PostFormValue("password"),
	}, s.auth.Client(r))
	s.enter(w, r, loginPage, res, err)
}

func (s *site) register(w http.ResponseWriter, r *http.Request) {
	res, err := s.pw.Register(r.Context(), password.Registration{
		Email: r.PostFormValue("email"), Password: r.PostFormValue("password"),
	}, s.auth.Client(r))
	s.enter(w, r, registerPage, res, err)
}

// enter lets a browser in, or shows the page again that it came from.
func (s *site) enter(w http.ResponseWriter, r *http.Request, e entrance, res auth.Result, err error) {
	if err == nil {
		s.auth.SetCookies(w, r, res)
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	public, ok := errors.AsType[*auth.Error](err)
	if !ok {
		s.fail(w, r, err)
		return
	}
	e.Email = r.PostFormValue("email") // a password is in no page
	e.refuse(w, public, err)
	s.render(w, r, public.Status, "enter", view{Title: e.Title, Failed: true, Data: e})
}

// refuse puts what is wrong where it belongs.
func (e *entrance) refuse(w http.ResponseWriter, public *auth.Error, err error) {
	if invalid, ok := errors.AsType[*auth.FieldsError](err); ok {
		if invalid.Fields["email"] != "" {
			e.EmailError = "Enter an e-mail address, like name@example.org."
		}
		e.PasswordError = passwordSentence(invalid.Fields["password"])
		return
	}
	switch public {
	case auth.ErrEmailTaken:
		e.EmailError = "There is an account with this address already. Sign in, or use another address."
	case auth.ErrInvalidCredentials:
		e.Alert = "E-mail address or password is wrong."
	default:
		e.Alert = public.Message
	}
	if retry, ok := errors.AsType[*auth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(max(retry.After.Seconds(), 1)))))
		e.Alert = fmt.Sprintf("There were too many tries. Minutes to wait: %d.", int(math.Ceil(retry.After.Minutes())))
		if public == auth.ErrOverloaded {
			e.Alert = "The site is busy. Try again in a moment."
		}
	}
}

// passwordSentence is what to do about a password; "" if nothing is wrong with it.
func passwordSentence(code string) string {
	switch code {
	case "":
		return ""
	case password.CodeWeak:
		return "Use at least 8 characters."
	case password.CodeTooLong:
		return "Use at most 128 characters."
	case password.CodeCommon:
		return "This is one of the passwords that are tried first. Choose another."
	case password.CodeGuessable:
		return "This is your address or ours, and easily guessed. Choose another."
	}
	return "This has characters that cannot be used."
}

// logout needs nobody to be signed in: signed out is what everybody is afterwards.
func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.auth.SignOut(r.Context(), s.auth.Client(r)); err != nil {
		s.fail(w, r, err)
		return
	}
	s.auth.ClearCookies(w)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
