package passkey

import (
	"net/http"

	"github.com/torii-go/torii/auth"
)

// The refusals of this package, beside auth.ErrCredentialTaken, which is a passkey that
// signs in already. A passkey that is not right at sign-in is auth.ErrInvalidCredentials,
// whatever is wrong with it; a registration that is not right is auth.ErrInvalidRequest, or
// auth.ErrInvalidToken if its challenge is not there any more.
var (
	// ErrWrong is a step-up by a passkey that could not be verified, or is another user's.
	ErrWrong = &auth.Error{Code: "wrong_passkey", Status: http.StatusForbidden, Message: "This passkey could not be verified."}
	// ErrTooMany is one more passkey than a user may have, 64.
	ErrTooMany = &auth.Error{Code: "too_many_passkeys", Status: http.StatusConflict, Message: "This account has as many passkeys as it can have."}
)
