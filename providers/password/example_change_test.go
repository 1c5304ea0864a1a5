package password_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

func ExampleProvider_Change() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, _, done := example(pw)
	defer done()
	here, err := pw.Register(ctx, password.Registration{Email: "ann@example.com", Password: "a long pass phrase"}, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	elsewhere, err := a.CreateSession(ctx, here.User.ID, auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = pw.Change(ctx, here.Session, "a guess", "another pass phrase", auth.Client{})
	fmt.Println(err)
	changed, err := pw.Change(ctx, here.Session, "a long pass phrase", "another pass phrase", auth.Client{})
	fmt.Println(changed.Session.ID == here.Session.ID, err)

	_, _, err = a.Session(ctx, changed.Token.Reveal())
	fmt.Println("here, with the new token:", err)
	_, _, err = a.Session(ctx, elsewhere.Token.Reveal())
	fmt.Println("elsewhere:", err)
	// Output:
	// auth: wrong_password
	// true <nil>
	// here, with the new token: <nil>
	// elsewhere: auth: unauthenticated
}
