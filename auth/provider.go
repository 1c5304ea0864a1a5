package auth

import (
	"context"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// Provider is a way to prove who somebody is: a password, a mailed link, a passkey,
// an account elsewhere. It verifies and hands a [Proof] to [Kit.Finish]; only that
// opens sessions. So a new method gets origin checks, limits, the second factor,
// uniform refusals and the audit log without a line of its own.
//
// A Provider value belongs to one Auth. It may also implement [StepUpper].
type Provider interface {
	// Name is short, lower-case and unique: "password". It is in events and proofs.
	Name() string
	// Mount is called once, by New. It keeps the Kit, and returns the provider's
	// routes.
	Mount(Kit) ([]Route, error)
}

// StepUpper is a Provider whose factor can be given again by somebody who is signed
// in, at POST /step-up.
type StepUpper interface {
	Provider
	// StepUp verifies what decode finds in the request's body. It answers ErrNotMine if
	// the body holds nothing for it, and otherwise the factor that was proven or a
	// refusal. It makes an Attempt before anything that can be guessed.
	StepUp(ctx context.Context, c Client, user *ent.User, decode func(any) error) (sessions.Factor, error)
}

// Identifier is a Provider of accounts elsewhere, which it names as the Identity of its
// proofs. Where there is one, an identity that none of them knows is no way to sign in
// that a last other one could be given up for.
type Identifier interface {
	Provider
	// Identifies tells whether an identity could be proven here: not one of a provider
	// that is not configured any more.
	Identifies(Identity) bool
}

// identifies tells whether somebody could sign in by an identity.
func (a *Auth) identifies(i Identity) bool {
	asked := false
	for _, p := range a.cfg.Providers {
		if by, ok := p.(Identifier); ok {
			if asked = true; by.Identifies(i) {
				return true
			}
		}
	}
	return !asked
}

// Rejoiner is a Provider whose secret lets somebody go on with a sign-up in another
// browser than the one in which it began.
type Rejoiner interface {
	Provider
	// Rejoin verifies what decode finds, as StepUp does, against the credentials that the
	// sign-up for an address is to write. It answers ErrNotMine if there is nothing for it.
	Rejoin(ctx context.Context, c Client, email string, credentials []NewCredential, decode func(any) error) (sessions.Factor, error)
}

// Access says who may call a route.
type Access int

const (
	// Public routes may be called by anybody.
	Public Access = iota
	// SignIn routes end in a session. They may be called by anybody, and ignore
	// whatever session cookies they did not set.
	SignIn
	// Known routes are SignIn routes that know who is signed in, if anybody is.
	Known
	// SignedIn routes need a session whose user may be here.
	SignedIn
	// Recent routes need a session in which somebody proved themselves within
	// Config.StepUpWithin, by something as strong as the account has.
	Recent
)

// Route is one endpoint of a provider. Handler checks where the request comes from,
// who calls, the body's type and size, and turns errors into answers.
type Route struct {
	Method string
	// Path is below Config.Path and may hold wildcards of http.ServeMux:
	// "/passkeys/{id}".
	Path   string
	Access Access
	Handle func(*Call) error
	// Form says that the route also takes the form of a page of Torii's; see Call.IsForm.
	Form bool
	// CrossSite says that the route takes a form of any site, and so no word of whoever
	// sends it: the call has no cookie, no flow and no user, and must change nothing.
	CrossSite bool
	Doc       Doc
}

// Doc describes a route in openapi.json.
type Doc struct {
	Summary string
	// Body is a zero value of what the body decodes into; nil means that the route
	// takes none.
	Body any
	// SignUp says that the body also takes the host's fields that are annotated for it; see
	// Call.SignUpFields.
	SignUp bool
	edit   bool // the same for what PATCH /user takes
	// Status and Reply are the answer of success; Reply is a zero value, nil means an
	// empty body.
	Status int
	Reply  any
	// Page says that the answer is a page, or a redirect to the host's own.
	Page bool
	// Waits says that the route also answers 202, when a mail has to be answered first; see
	// CheckEmailError.
	Waits bool
	// Errors are the refusals beside those that every route can give.
	Errors []*Error
}
