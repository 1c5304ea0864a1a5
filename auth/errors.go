package auth

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/torii-go/torii/internal/gate"
)

// Error is a refusal that a client may see: its code is part of the HTTP contract, its
// message is for people. Compare with errors.Is against the sentinels below, which
// survive wrapping. Providers define their own with a literal; everything that is not
// an Error reads "internal" outside and is logged whole inside.
type Error struct {
	// Code is the stable, machine-readable name, in snake_case.
	Code string
	// Status is the HTTP status.
	Status int
	// Message is one sentence for a person. It never holds anything the client sent.
	Message string
}

// Error is the code with the package's name.
func (e *Error) Error() string { return "auth: " + e.Code }

// The sentinels, with what each says outside. This block is the table of codes.
var (
	ErrInvalidRequest         = &Error{"invalid_request", http.StatusBadRequest, "The request cannot be read."}
	ErrInvalidToken           = &Error{"invalid_token", http.StatusBadRequest, "The link or code is not valid any more."}
	ErrUnauthenticated        = &Error{"unauthenticated", http.StatusUnauthorized, "Sign in first."}
	ErrInvalidCredentials     = &Error{"invalid_credentials", http.StatusUnauthorized, "These credentials open no account."}
	ErrSecondFactorRequired   = &Error{"second_factor_required", http.StatusUnauthorized, "A second factor is needed."}
	ErrProfileRequired        = &Error{"profile_required", http.StatusUnauthorized, "Something more has to be said before the account is made."}
	ErrPasswordChangeRequired = &Error{"password_change_required", http.StatusUnauthorized, "This password must be replaced: send new_password as well."}
	ErrForbiddenOrigin        = &Error{"forbidden_origin", http.StatusForbidden, "The request comes from another site."}
	ErrStepUpRequired         = &Error{"step_up_required", http.StatusForbidden, "Prove again that it is you."}
	ErrWrongPassword          = &Error{"wrong_password", http.StatusForbidden, "The password is wrong."}
	ErrEmailUnverified        = &Error{"email_unverified", http.StatusForbidden, "Confirm your e-mail address first."}
	ErrRefused                = &Error{"refused", http.StatusForbidden, "The application refuses this."}
	ErrNotFound               = &Error{"not_found", http.StatusNotFound, "There is nothing here."}
	ErrMethodNotAllowed       = &Error{"method_not_allowed", http.StatusMethodNotAllowed, "This method is not allowed here."}
	ErrEmailTaken             = &Error{"email_taken", http.StatusConflict, "There is an account with this address."}
	ErrIdentityTaken          = &Error{"identity_taken", http.StatusConflict, "This identity signs in to another account."}
	ErrCredentialTaken        = &Error{"credential_taken", http.StatusConflict, "This signs in to an account already."}
	ErrLastSignInMethod       = &Error{"last_sign_in_method", http.StatusConflict, "This is the last way to sign in."}
	ErrNotRevocable           = &Error{"not_revocable", http.StatusConflict, "This kind of session ends only by itself."}
	ErrBodyTooLarge           = &Error{"body_too_large", http.StatusRequestEntityTooLarge, "The body is larger than 64 KiB."}
	ErrUnsupportedMediaType   = &Error{"unsupported_media_type", http.StatusUnsupportedMediaType, "Send application/json in UTF-8."}
	ErrInvalidFields          = &Error{"invalid_fields", http.StatusUnprocessableEntity, "Some fields are not acceptable."}
	ErrTooManyAttempts        = &Error{"too_many_attempts", http.StatusTooManyRequests, "Too many attempts. Wait a while."}
	ErrOverloaded             = &Error{"overloaded", http.StatusServiceUnavailable, "The server is busy. Try again in a moment."}
	ErrUnavailable            = &Error{"unavailable", http.StatusServiceUnavailable, "The database does not answer."}

	errInternal = &Error{"internal", http.StatusInternalServerError, "Something went wrong."}
)

var (
	// ErrNotMine is what a [StepUpper] answers when the body holds nothing for it: the
	// next one is asked.
	ErrNotMine = errors.New("auth: nothing here for this provider")

	// ErrStaleProof is a proof whose credential was replaced before the door was
	// reached. The provider verifies again.
	ErrStaleProof = errors.New("auth: the credential changed while it was verified")

	// ErrNotMounted is a provider that is used before it was given to New.
	ErrNotMounted = errors.New("auth: provider is not part of an Auth yet: list it in Config.Providers")

	// ErrNoMailer is a mail that nobody can send: there is no Config.Mail.Sender.
	ErrNoMailer = errors.New("auth: no mailer is configured: set Config.Mail")

	// ErrClosed is an Auth that was closed.
	ErrClosed = errors.New("auth: closed")
)

// RetryError is a refusal that ends by waiting: ErrTooManyAttempts or ErrOverloaded.
type RetryError struct {
	After time.Duration
	Err   *Error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }

// FieldsError is ErrInvalidFields with a code for each field that is not acceptable.
type FieldsError struct{ Fields map[string]string }

func (e *FieldsError) Error() string { return ErrInvalidFields.Error() }
func (e *FieldsError) Unwrap() error { return ErrInvalidFields }

// InvalidField is a FieldsError for one field.
func InvalidField(name, code string) error {
	return &FieldsError{Fields: map[string]string{name: code}}
}

// SecondFactorError is ErrSecondFactorRequired with what continues the sign-in: the
// kinds of factor that the user has, and the flow to send along.
type SecondFactorError struct {
	Methods []string
	Flow    string

	ended string // the flow that this one goes on from
}

func (e *SecondFactorError) Error() string { return ErrSecondFactorRequired.Error() }
func (e *SecondFactorError) Unwrap() error { return ErrSecondFactorRequired }

// DetailError is a refusal with something that the client can act on: a member of the
// answer beside "error", by the name Member. Value is encoded as JSON.
type DetailError struct {
	Err    error
	Member string
	Value  any
}

func (e *DetailError) Error() string { return e.Err.Error() }
func (e *DetailError) Unwrap() error { return e.Err }

// public is what err says outside.
func public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, ErrClosed):
		return ErrUnavailable // on its way down
	case errors.Is(err, context.DeadlineExceeded):
		return ErrOverloaded // the database had no connection to spare in time
	}
	return errInternal
}

// overloaded turns a full queue into the refusal that says when to come back: when who
// is waiting now has been served, and not all in one second.
func overloaded(err error) error {
	full, ok := errors.AsType[*gate.FullError](err)
	if !ok {
		return err
	}
	wait := min(max(full.Wait, time.Second), time.Minute)
	return &RetryError{After: wait + rand.N(wait), Err: ErrOverloaded} // #nosec G404 -- jitter, no secret
}

// invalidIfGone is what a mailed secret is whose user was deleted.
func invalidIfGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrInvalidToken
	}
	return err
}
