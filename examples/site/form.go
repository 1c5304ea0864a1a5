package main

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// form is a form as a page shows it: empty, or with what was typed and what is wrong.
type form struct {
	Action   string
	Fields   []field
	Button   string
	Danger   bool   // the button destroys something
	Username string // for whose password it is, told to password managers
	ReturnTo string // where to go afterwards
	Passkey  string // where a passkey will do in place of the password, if there is one
	Alert    string // what is wrong with all of it
}

// Failed tells whether the form was refused.
func (f form) Failed() bool {
	for _, in := range f.Fields {
		if in.Error != "" {
			return true
		}
	}
	return f.Alert != ""
}

// fill puts back what was typed, but for passwords: those are in no page.
func (f *form) fill(r *http.Request) {
	for i, in := range f.Fields {
		if in.Type != "password" {
			f.Fields[i].Value = r.PostFormValue(in.Name)
		}
	}
	f.ReturnTo = returnTo(r)
}

// refuse puts what an error means beside the fields that it is about, or above them
// all, and returns the status to answer with.
func (f *form) refuse(w http.ResponseWriter, err error) int {
	var shown *auth.Error
	if !errors.As(err, &shown) {
		f.Alert = "Something went wrong on our side. Please try again."
		return http.StatusInternalServerError
	}
	f.Alert = sentence(shown)
	var retry *auth.RetryError
	if errors.As(err, &retry) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(max(retry.After.Seconds(), 1)))))
		f.Alert += " Try again in " + roundUp(retry.After) + "."
	}
	var invalid *auth.FieldsError
	if errors.As(err, &invalid) {
		for i, in := range f.Fields {
			if code, ok := invalid.Fields[in.Name]; ok {
				f.Fields[i].Error = fieldSentence(code)
				f.Alert = "" // said better where it belongs
			}
		}
	}
	if errors.Is(err, auth.ErrInvalidToken) {
		f.mark("code", &f.Alert)
	}
	if errors.Is(err, auth.ErrWrongPassword) {
		f.mark("current_password", &f.Alert)
	}
	if errors.Is(err, auth.ErrEmailTaken) {
		f.mark("email", &f.Alert)
	}
	return shown.Status
}

// refuse shows a page again, its form saying what is wrong.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, page string, v view, err error) {
	status := v.Form.refuse(w, err)
	if status == http.StatusInternalServerError {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, status, page, v)
}

// mark moves a text to the field it is about, if the form has that.
func (f *form) mark(name string, text *string) {
	for i, in := range f.Fields {
		if in.Name == name {
			f.Fields[i].Error, *text = *text, ""
		}
	}
}

// sentence is what a refusal says to a person in front of a form.
func sentence(e *auth.Error) string {
	switch e.Code {
	case auth.ErrInvalidCredentials.Code:
		return "E-mail address or password is wrong."
	case auth.ErrEmailTaken.Code:
		return "There is an account with this address already. Sign in, or use another address."
	case auth.ErrLastSignInMethod.Code:
		return "You could not sign in any more: it is your only way in. Set a password, add a passkey or link another account first."
	case auth.ErrWrongPassword.Code:
		return "That is not your password."
	case auth.ErrInvalidToken.Code:
		return "This code is wrong, or it is too old. After five wrong ones only the link in the mail works."
	case auth.ErrTooManyAttempts.Code:
		return "There were too many tries."
	case auth.ErrOverloaded.Code:
		return "The site is busy."
	case auth.ErrUnauthenticated.Code:
		return "Your session has ended. Sign in again."
	}
	return e.Message
}

// fieldSentence is what to do about a field.
func fieldSentence(code string) string {
	switch code {
	case "invalid_email":
		return "Enter an e-mail address, like name@example.org."
	case "unchanged":
		return "This is your address already."
	case "invalid_name":
		return "Use at most 100 characters."
	case password.CodeWeak:
		return "Use at least 8 characters."
	case password.CodeTooLong:
		return "Use at most 128 characters."
	case password.CodeCommon:
		return "This is one of the passwords that are tried first. Choose another, such as a few words that do not belong together."
	case password.CodeGuessable:
		return "This is your name, your address or ours, and easily guessed. Choose another."
	case password.CodeInvalid:
		return "This has characters that cannot be used."
	}
	slog.Warn("no words for a field's code", "code", code)
	return "This is not acceptable."
}

func roundUp(d time.Duration) string {
	if minutes := int(math.Ceil(d.Minutes())); minutes > 1 {
		return fmt.Sprintf("%d minutes", minutes)
	}
	return "a minute"
}
