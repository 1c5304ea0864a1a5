package password_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func ExampleProvider_SignIn() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	_, _, done := example(pw)
	defer done()
	if _, err := pw.Register(ctx, password.Registration{Email: "ann@example.com", Password: "a long pass phrase"}, auth.Client{}); err != nil {
		fmt.Println(err)
		return
	}

	res, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.com", Password: "a long pass phrase"}, auth.Client{})
	fmt.Println(res.User.Email, res.Token, err)

	_, err = pw.SignIn(ctx, password.Credentials{Email: "ann@example.com", Password: "a guess"}, auth.Client{})
	fmt.Println(err)
	_, err = pw.SignIn(ctx, password.Credentials{Email: "nobody@example.com", Password: "a guess"}, auth.Client{})
	fmt.Println(err)
	// Output:
	// ann@example.com [redacted] <nil>
	// auth: invalid_credentials
	// auth: invalid_credentials
}
