package authtest

import (
	"context"
	"crypto/subtle"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/sessions"
)

// SecondFactorKind is the kind of SecondFactor's credentials.
const SecondFactorKind = "test_factor"

// SecondFactor is a provider of second factors for tests: a fixed code for each user,
// stored as it is, asked for at POST /test-factor. It shows what a real one does.
type SecondFactor struct{ kit auth.Kit }

// Name is "test_factor".
func (*SecondFactor) Name() string { return SecondFactorKind }

// Mount implements auth.Provider.
func (f *SecondFactor) Mount(kit auth.Kit) ([]auth.Route, error) {
	f.kit = kit
	return []auth.Route{{
		Method: http.MethodPost, Path: "/test-factor", Access: auth.SignIn, Handle: f.handle,
		Doc: auth.Doc{
			Summary: "Complete a sign-in with the test factor", Body: factorBody{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{auth.ErrInvalidToken, auth.ErrInvalidCredentials, auth.ErrTooManyAttempts},
		},
	}}, nil
}

// Enrol gives a user a code.
func (f *SecondFactor) Enrol(ctx context.Context, userID, code string) error {
	return f.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return f.kit.AddCredential(ctx, tx, u.ID, auth.NewCredential{Kind: SecondFactorKind, Secret: code, SecondFactor: true})
	})
}

type factorBody struct {
	Code string `json:"code"`
}

func (f *SecondFactor) handle(c *auth.Call) error {
	var body factorBody
	if err := c.Decode(&body); err != nil {
		return err
	}
	res, err := f.Complete(c.Context(), body.Code, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}

// Complete ends a pending sign-in with a user's code.
func (f *SecondFactor) Complete(ctx context.Context, code string, c auth.Client) (auth.Result, error) {
	pending, err := f.kit.Pending(ctx, c)
	if err != nil {
		return auth.Result{}, err
	}
	try, err := f.kit.Attempt(ctx, c, auth.Subject{Factor: SecondFactorKind, User: pending.User})
	if err != nil {
		return auth.Result{}, err
	}
	row, err := f.kit.Credentials().Query().
		Where(credential.UserID(pending.User.ID), credential.Kind(SecondFactorKind)).
		Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return auth.Result{}, f.kit.Refuse(ctx, c, try, auth.EventSignInFailed, auth.ErrInvalidCredentials)
	case err != nil:
		return auth.Result{}, err
	case subtle.ConstantTimeCompare([]byte(row.Secret), []byte(code)) != 1:
		return auth.Result{}, f.kit.Refuse(ctx, c, try, auth.EventSignInFailed, auth.ErrInvalidCredentials)
	}
	proof := pending.Proof.And(sessions.Factor{Kind: SecondFactorKind, At: f.kit.Now()})
	proof.Uses = append(proof.Uses, auth.UseOf(row.ID, row.Secret))
	proof.Attempts = append(proof.Attempts, try)
	return f.kit.Finish(ctx, proof, c)
}
