package password_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func ExampleProvider_Register() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, _, done := example(pw)
	defer done()

	res, err := pw.Register(ctx, password.Registration{Email: "Ann@example.com", Password: "a long pass phrase"}, auth.Client{})
	fmt.Println(res.User.Email, err)

	_, who, err := a.Session(ctx, res.Token.Reveal())
	fmt.Println(who.ID == res.User.ID, err)

	_, err = pw.Register(ctx, password.Registration{Email: "ann@example.com", Password: "another pass phrase"}, auth.Client{})
	fmt.Println(err)

	_, err = pw.Register(ctx, password.Registration{Email: "ann", Password: "password123"}, auth.Client{})
	if bad, ok := errors.AsType[*auth.FieldsError](err); ok {
		fmt.Println(bad.Fields)
	}
	// Output:
	// ann@example.com <nil>
	// true <nil>
	// auth: email_taken
	// map[email:invalid_email password:common_password]
}
