package oauth

import (
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
)

// The refusals of this package, beside auth.ErrEmailTaken and auth.ErrIdentityTaken. None
// repeats what a provider said: that is in the log.
var (
	// ErrUnknownProvider is an id that no IDP has.
	ErrUnknownProvider = &auth.Error{Code: "unknown_provider", Status: http.StatusNotFound, Message: "This way to sign in does not exist here."}
	// ErrFlowMissing is a callback in a browser in which nothing has begun.
	ErrFlowMissing = &auth.Error{Code: "oauth_flow_missing", Status: http.StatusBadRequest, Message: "The sign-in was begun in another browser. Begin again here."}
	// ErrExpired is a state that was used, has expired, or is of another browser.
	ErrExpired = &auth.Error{Code: "oauth_expired", Status: http.StatusBadRequest, Message: "This sign-in was used already, or it took too long. Begin again."}
	// ErrDenied is a person who said no at the provider.
	ErrDenied = &auth.Error{Code: "oauth_denied", Status: http.StatusForbidden, Message: "It was declined at the other service."}
	// ErrFailed is a provider that did not answer as it should.
	ErrFailed = &auth.Error{Code: "oauth_failed", Status: http.StatusBadRequest, Message: "The other service did not answer as it should."}
)

// ErrNoToken is a user for whom no usable access token is there: none was kept, or it has
// expired and cannot be refreshed. The user has to sign in by the provider again.
var ErrNoToken = errors.New("oauth: there is no access token for this user")
