package auth_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// What a program can learn from an error, without reading its text.
func ExampleError() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	clock := &exampleClock{now: time.Now()}
	_, ann, done := startExample(ctx, auth.Config{Providers: []auth.Provider{pw}, Now: clock.Now})
	defer done()

	_, err := pw.Register(ctx, password.Registration{Email: ann.Email, Password: "a long pass phrase"}, auth.Client{})
	fmt.Println(errors.Is(err, auth.ErrEmailTaken))

	_, err = pw.Register(ctx, password.Registration{Email: "bob@", Password: "short"}, auth.Client{})
	if bad, ok := errors.AsType[*auth.FieldsError](err); ok {
		fmt.Println(bad.Fields)
	}

	for range 6 {
		_, err = pw.SignIn(ctx, password.Credentials{Email: ann.Email, Password: "a guess"}, auth.Client{})
		if known, ok := errors.AsType[*auth.Error](err); ok {
			fmt.Println(known.Status, known.Code)
		}
	}
	if wait, ok := errors.AsType[*auth.RetryError](err); ok {
		fmt.Println("again in", wait.After)
	}
	// Output:
	// true
	// map[email:invalid_email password:weak_password]
	// 401 invalid_credentials
	// 401 invalid_credentials
	// 401 invalid_credentials
	// 401 invalid_credentials
	// 401 invalid_credentials
	// 429 too_many_attempts
	// again in 1m0s
}
