package authtest

import (
	"context"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// ArrivalKind is the kind of factor of Arrival.
const ArrivalKind = "test_arrival"

// Arrival is a provider for tests that believes whoever names an address, at POST
// /test-arrival, as if somebody who is authoritative for it had said so. It is a door
// that cannot ask for a field of the host's User: with a required one that only the
// person can tell, the sign-up waits for POST /register/complete.
type Arrival struct{ kit auth.Kit }

// Name is "test_arrival".
func (*Arrival) Name() string { return ArrivalKind }

// Mount implements auth.Provider.
func (a *Arrival) Mount(kit auth.Kit) ([]auth.Route, error) {
	a.kit = kit
	return []auth.Route{{
		Method: http.MethodPost, Path: "/test-arrival", Access: auth.SignIn, Handle: a.handle,
		Doc: auth.Doc{
			Summary: "Sign in as whoever has an address", Body: arrivalBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{
				auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrProfileRequired, auth.ErrInvalidFields, auth.ErrRefused,
			},
		},
	}}, nil
}

type arrivalBody struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

func (a *Arrival) handle(c *auth.Call) error {
	var body arrivalBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	res, err := a.SignIn(c.Context(), body.Email, body.Name, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}

// SignIn signs in the user of an address, and makes one if there is none.
func (a *Arrival) SignIn(ctx context.Context, email, name string, c auth.Client) (auth.Result, error) {
	return a.kit.Finish(ctx, auth.Proof{
		Factors:     []sessions.Factor{{Kind: ArrivalKind, At: a.kit.Now()}},
		Claims:      &auth.Claims{Email: email, EmailProven: true, Name: name},
		Unguessable: true,
	}, c)
}
