package passkey

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/torii-go/torii/auth"
)

type (
	registerBody struct {
		Email    *string `json:"email"`
		Name     string  `json:"name"`
		ReturnTo string  `json:"return_to"`
	}
	signInBody struct {
		Email string `json:"email"`
	}
	optionsReply struct {
		PublicKey json.RawMessage `json:"publicKey"`
		Flow      string          `json:"flow,omitempty"`
	}
	// createdBody is a RegistrationResponseJSON, and what the passkey is called.
	createdBody struct {
		ID         string       `json:"id"`
		RawID      string       `json:"rawId"`
		Type       string       `json:"type"`
		Attachment string       `json:"authenticatorAttachment"`
		Response   responsePart `json:"response"`
		Name       string       `json:"name"`
	}
	createdReply struct {
		Passkey passkeyBody `json:"passkey"`
	}
	renameBody struct {
		Name string `json:"name"`
	}
	passkeysReply struct {
		Passkeys []passkeyBody `json:"passkeys"`
		Signals  Signals       `json:"signals"`
	}
	passkeyBody struct {
		ID           string     `json:"id"`
		CredentialID string     `json:"credential_id"`
		Name         string     `json:"name"`
		Provider     *string    `json:"provider"`
		AAGUID       *string    `json:"aaguid"`
		Transports   []string   `json:"transports"`
		Synced       bool       `json:"synced"`
		BackedUp     bool       `json:"backed_up"`
		CreatedAt    time.Time  `json:"created_at"`
		LastUsedAt   *time.Time `json:"last_used_at"`
	}
)

func (p *Provider) routes() []auth.Route {
	return []auth.Route{
		{Method: http.MethodPost, Path: "/passkey/register/begin", Access: auth.Known, Handle: p.handleRegisterBegin, Doc: auth.Doc{
			Summary: "Begin to add a passkey in a recent session, or to sign up with one", Body: registerBody{}, SignUp: true,
			Status: http.StatusOK, Reply: optionsReply{},
			Errors: []*auth.Error{auth.ErrUnauthenticated, auth.ErrStepUpRequired, ErrTooMany, auth.ErrInvalidFields, auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/passkey/register/finish", Access: auth.Known, Handle: p.handleRegisterFinish, Doc: auth.Doc{
			Summary: "Add the passkey that the browser has made, or make the account", Body: createdBody{}, Status: http.StatusCreated, Reply: createdReply{},
			Waits: p.kit.ProvesFirst(),
			Errors: []*auth.Error{
				auth.ErrInvalidToken, auth.ErrUnauthenticated, auth.ErrInvalidCredentials, auth.ErrCredentialTaken, ErrTooMany,
				auth.ErrInvalidFields, auth.ErrTooManyAttempts,
			},
		}},
		{Method: http.MethodPost, Path: "/passkey/login/begin", Handle: p.handleSignInBegin, Doc: auth.Doc{
			Summary: "Begin to sign in; the answer is the same for everybody", Body: signInBody{}, Status: http.StatusOK, Reply: optionsReply{},
			Errors: []*auth.Error{auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodPost, Path: "/passkey/login/finish", Access: auth.SignIn, Handle: p.handleSignInFinish, Doc: auth.Doc{
			Summary: "Sign in with what the browser has signed", Body: response{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired},
		}},
		{Method: http.MethodPost, Path: "/passkey/step-up/begin", Access: auth.SignedIn, Handle: p.handleStepUpBegin, Doc: auth.Doc{
			Summary: "Begin to step up; POST /step-up takes what the browser has signed as passkey", Status: http.StatusOK, Reply: optionsReply{},
			Errors: []*auth.Error{auth.ErrNotFound, auth.ErrTooManyAttempts},
		}},
		{Method: http.MethodGet, Path: "/passkeys", Access: auth.SignedIn, Handle: p.handlePasskeys, Doc: auth.Doc{
			Summary: "The user's passkeys, the newest first, and what browsers may pass on of them", Status: http.StatusOK, Reply: passkeysReply{},
		}},
		{Method: http.MethodPatch, Path: "/passkeys/{id}", Access: auth.Recent, Handle: p.handleRename, Doc: auth.Doc{
			Summary: "Rename a passkey", Body: renameBody{}, Status: http.StatusOK, Reply: createdReply{},
			Errors: []*auth.Error{auth.ErrNotFound, auth.ErrInvalidFields},
		}},
		{Method: http.MethodDelete, Path: "/passkeys/{id}", Access: auth.Recent, Handle: p.handleDelete, Doc: auth.Doc{
			Summary: "Delete a passkey; other sessions end", Status: http.StatusNoContent,
			Errors: []*auth.Error{auth.ErrNotFound, auth.ErrLastSignInMethod},
		}},
		{Method: http.MethodGet, Path: "/torii.js", Handle: handleScript, Doc: auth.Doc{
			Summary: "The browser's side of all this, an ES module", Status: http.StatusOK,
		}},
	}
}

func (k Passkey) body() passkeyBody {
	b := passkeyBody{
		ID: k.ID, CredentialID: k.CredentialID, Name: k.Name, Transports: k.Transports,
		Synced: k.Synced, BackedUp: k.BackedUp, CreatedAt: utc(k.CreatedAt),
	}
	if b.Transports == nil {
		b.Transports = []string{}
	}
	if k.Provider != "" {
		b.Provider = &k.Provider
	}
	if k.AAGUID != "" {
		b.AAGUID = &k.AAGUID
	}
	if !k.LastUsedAt.IsZero() {
		at := utc(k.LastUsedAt)
		b.LastUsedAt = &at
	}
	return b
}

// utc is a time as the contract writes it.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
