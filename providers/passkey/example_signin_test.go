package passkey_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/passkey"
)

// The options are the same for everybody: the device knows who can sign in here.
func ExampleProvider_BeginSignIn() {
	ctx := context.Background()
	pk := passkey.New(passkey.Config{})
	a, phone, done := example(pk)
	defer done()
	options, _ := pk.BeginSignUp(ctx, passkey.SignUp{Email: "ann@example.com"}, auth.Client{})
	_, _ = pk.FinishSignUp(ctx, browser(phone.Create, options.PublicKey), auth.Client{Flows: []string{options.Flow}})

	options, err := pk.BeginSignIn(ctx, "", auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := browser(phone.Get, options.PublicKey)
	res, err := pk.FinishSignIn(ctx, answer, auth.Client{Flows: []string{options.Flow}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, user, err := a.Session(ctx, res.Token.Reveal())
	fmt.Println(user.Email, err)

	_, err = pk.FinishSignIn(ctx, answer, auth.Client{Flows: []string{options.Flow}})
	fmt.Println("once more:", err, errors.Is(err, auth.ErrInvalidCredentials))
	// Output:
	// ann@example.com <nil>
	// once more: auth: invalid_credentials true
}
