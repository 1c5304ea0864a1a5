package passkey_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/passkey"
)

// Before something that matters, the owner of a session proves again who that is.
func ExampleProvider_BeginStepUp() {
	ctx := context.Background()
	pk := passkey.New(passkey.Config{})
	_, phone, done := example(pk)
	defer done()
	options, _ := pk.BeginSignUp(ctx, passkey.SignUp{Email: "ann@example.com"}, auth.Client{})
	res, _ := pk.FinishSignUp(ctx, browser(phone.Create, options.PublicKey), auth.Client{Flows: []string{options.Flow}})

	options, err := pk.BeginStepUp(ctx, res.Session, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := browser(phone.Get, options.PublicKey)
	renewed, err := pk.FinishStepUp(ctx, res.Session, answer, auth.Client{Flows: []string{options.Flow}})
	fmt.Println(renewed.Session.ID == res.Session.ID, err)
	fmt.Println("another token:", renewed.Token.Reveal() != res.Token.Reveal())

	_, err = pk.FinishStepUp(ctx, res.Session, answer, auth.Client{Flows: []string{options.Flow}})
	fmt.Println("once more:", err)
	// Output:
	// true <nil>
	// another token: true
	// once more: auth: wrong_passkey
}
