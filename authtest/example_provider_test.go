package authtest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/sessions"
)

// Invitations is a provider of an application's own: whoever was invited signs in with
// an address and a code of four words. It says who somebody is; limits, second factor,
// origin checks and the audit log it gets for nothing.
type Invitations struct{ kit auth.Kit }

// Name is "invitation".
func (*Invitations) Name() string { return "invitation" }

// Mount implements auth.Provider.
func (i *Invitations) Mount(kit auth.Kit) ([]auth.Route, error) {
	i.kit = kit
	return []auth.Route{{
		Method: http.MethodPost, Path: "/invitation", Access: auth.SignIn, Handle: i.handle,
		Doc: auth.Doc{
			Summary: "Sign in with an invitation", Body: invitation{}, Status: http.StatusOK, Reply: auth.OpenedReply{},
			Errors: []*auth.Error{auth.ErrInvalidCredentials, auth.ErrSecondFactorRequired, auth.ErrTooManyAttempts},
		},
	}}, nil
}

type invitation struct {
	Email string `json:"email"`
	Code  string `json:"code"`
}

// Invite gives a user a code.
func (i *Invitations) Invite(ctx context.Context, userID, code string) error {
	return i.kit.Transact(ctx, auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, _ *ent.User) error {
		return i.kit.AddCredential(ctx, tx, userID, auth.NewCredential{Kind: "invitation", Secret: digest(code)})
	})
}

func (i *Invitations) handle(c *auth.Call) error {
	var in invitation
	if err := c.Decode(&in); err != nil {
		return err
	}
	ctx := c.Context()
	u, err := i.kit.Users().Query().Where(user.Email(in.Email)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	// Counted before the code is looked at, for an account that does not exist as well.
	try, err := i.kit.Attempt(ctx, c.Client(), auth.Subject{Factor: "invitation", User: u, Identifier: in.Email})
	if err != nil {
		return err
	}
	refuse := func(err error) error { return i.kit.Refuse(ctx, c.Client(), try, auth.EventSignInFailed, err) }
	if u == nil {
		return refuse(auth.ErrInvalidCredentials)
	}
	row, err := i.kit.Credentials().Query().
		Where(credential.UserID(u.ID), credential.Kind("invitation"), credential.Secret(digest(in.Code))).
		Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return refuse(auth.ErrInvalidCredentials)
	case err != nil:
		return err
	}
	res, err := i.kit.Finish(ctx, auth.Proof{
		UserID:   u.ID,
		Factors:  []sessions.Factor{{Kind: "invitation", At: i.kit.Now()}},
		Uses:     []auth.Use{auth.UseOf(row.ID, row.Secret)},
		Attempts: []auth.Attempt{try},
	}, c.Client())
	if err != nil {
		return err
	}
	return c.Opened(http.StatusOK, res)
}

// digest is what is stored: nobody signs in with a copy of the database. Four words of
// a list of 7,776 are too many to try out, so a plain hash will do.
func digest(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// What every provider must withstand, an application's own as well.
func TestInvitations(t *testing.T) {
	const code = "heron lantern quartz willow"
	client := authtest.Database(t)
	var current *Invitations // of the site that is tried at the moment
	sign := func(b *authtest.Browser, email, code string) *authtest.Reply {
		return b.Post("/auth/invitation", map[string]string{"email": email, "code": code})
	}
	authtest.Exercise(t, client, authtest.Method{
		Providers: func() []auth.Provider {
			current = &Invitations{}
			return []auth.Provider{current}
		},
		SignUp: func(b *authtest.Browser, email string) *authtest.Reply {
			// Nobody signs up: the application makes the user and hands out the code.
			u, err := client.User.Create().SetEmail(email).SetCreatedAt(authtest.Start).Save(t.Context())
			if err == nil {
				err = current.Invite(t.Context(), u.ID, code)
			}
			if err != nil {
				t.Fatal(err)
			}
			return sign(b, email, code)
		},
		SignIn: func(b *authtest.Browser, email string) *authtest.Reply { return sign(b, email, code) },
		Wrong: func(b *authtest.Browser, email string) *authtest.Reply {
			return sign(b, email, "four wrong words here")
		},
	})
}
