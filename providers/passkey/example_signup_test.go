package passkey_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/passkey"
)

// Two steps make an account: options for the browser, and what it answers. The flow belongs
// to the browser that asked; over HTTP it is a cookie.
func ExampleProvider_BeginSignUp() {
	ctx := context.Background()
	pk := passkey.New(passkey.Config{})
	_, phone, done := example(pk)
	defer done()

	options, err := pk.BeginSignUp(ctx, passkey.SignUp{Email: "ann@example.com", Name: "Ann"}, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var shown struct {
		RP   struct{ ID, Name string }
		User struct{ Name, DisplayName string }
	}
	fmt.Println(json.Unmarshal(options.PublicKey, &shown), shown.RP.ID, shown.User.Name, shown.User.DisplayName)

	answer := browser(phone.Create, options.PublicKey)
	res, err := pk.FinishSignUp(ctx, answer, auth.Client{Flows: []string{options.Flow}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.User.Email)
	for _, f := range res.Session.Factors {
		fmt.Println(f.Kind)
	}

	_, err = pk.FinishSignUp(ctx, answer, auth.Client{Flows: []string{options.Flow}})
	fmt.Println("once more:", err)
	// Output:
	// <nil> localhost ann@example.com Ann
	// ann@example.com
	// passkey
	// user_verification
	// once more: auth: invalid_token
}
