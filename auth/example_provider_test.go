package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// badges signs people in by a card that they hold before a reader: a way of the
// application's own. It says who somebody is, and Kit.Finish decides the rest.
type badges struct {
	kit    auth.Kit
	owners sync.Map // serial number, which nobody guesses → user id
}

func (*badges) Name() string { return "badge" }

func (b *badges) Mount(kit auth.Kit) ([]auth.Route, error) {
	b.kit = kit
	type body struct {
		Serial string `json:"serial"`
	}
	return []auth.Route{{
		Method: http.MethodPost, Path: "/badge", Access: auth.SignIn,
		Handle: func(c *auth.Call) error {
			var in body
			if err := c.Decode(&in); err != nil {
				return err
			}
			res, err := b.SignIn(c.Context(), in.Serial, c.Client())
			if err != nil {
				return err
			}
			return c.Opened(http.StatusOK, res)
		},
		Doc: auth.Doc{Summary: "Sign in with a badge", Body: body{}, Status: http.StatusOK, Reply: auth.OpenedReply{}},
	}}, nil
}

func (b *badges) SignIn(ctx context.Context, serial string, c auth.Client) (auth.Result, error) {
	id, ok := b.owners.Load(serial)
	if !ok {
		return auth.Result{}, auth.ErrInvalidCredentials
	}
	return b.kit.Finish(ctx, auth.Proof{
		UserID: id.(string), Factors: []sessions.Factor{{Kind: "badge", At: b.kit.Now()}}, Unguessable: true,
	}, c)
}

func ExampleProvider() {
	ctx := context.Background()
	reader := &badges{}
	a, ann, done := startExample(ctx, auth.Config{Providers: []auth.Provider{reader}})
	defer done()
	reader.owners.Store("9f2c4b7e51d04b6aa0c3", ann.ID)

	res, err := reader.SignIn(ctx, "9f2c4b7e51d04b6aa0c3", auth.Client{})
	fmt.Println(*res.User.Name, res.Session.Factors[0].Kind, err)
	if err := a.DisableUser(ctx, ann.ID); err != nil {
		log.Fatal(err)
	}
	_, err = reader.SignIn(ctx, "9f2c4b7e51d04b6aa0c3", auth.Client{})
	fmt.Println(errors.Is(err, auth.ErrInvalidCredentials))
	// Output:
	// Ann badge <nil>
	// true
}
