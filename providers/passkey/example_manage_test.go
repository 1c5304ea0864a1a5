package passkey_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// Somebody who is signed in adds a second passkey, names it and deletes the first.
func ExampleProvider_BeginRegistration() {
	ctx := context.Background()
	pk := passkey.New(passkey.Config{})
	_, phone, done := example(pk)
	defer done()
	options, _ := pk.BeginSignUp(ctx, passkey.SignUp{Email: "ann@example.com"}, auth.Client{})
	res, _ := pk.FinishSignUp(ctx, browser(phone.Create, options.PublicKey), auth.Client{Flows: []string{options.Flow}})
	ann := res.Session

	key := authtest.NewAuthenticator()
	key.Origin = phone.Origin
	options, err := pk.BeginRegistration(ctx, ann, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	added, err := pk.FinishRegistration(ctx, ann, browser(key.Create, options.PublicKey), "Blue key", auth.Client{Flows: []string{options.Flow}})
	fmt.Println(added.Name, err)

	list, err := pk.Passkeys(ctx, ann.UserID)
	fmt.Println(len(list), err)
	fmt.Println(pk.Delete(ctx, ann, list[1].ID, auth.Client{}))
	fmt.Println(pk.Delete(ctx, ann, list[0].ID, auth.Client{}))
	// Output:
	// Blue key <nil>
	// 2 <nil>
	// <nil>
	// auth: last_sign_in_method
}
