package magiclink_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/magiclink"
)

// The mail is read on a telephone, and its code typed where the sign-in began.
func ExampleProvider_Verify_code() {
	ctx := context.Background()
	ml := magiclink.New(magiclink.Config{})
	a, outbox, done := example(ml)
	defer done()
	flow, err := ml.Send(ctx, "ann@example.com", "", auth.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := a.Deliver(ctx); err != nil {
		fmt.Println(err)
		return
	}
	letter, _ := outbox.Last("ann@example.com")
	browser := auth.Client{Flows: []string{flow}}

	_, err = ml.Verify(ctx, auth.Mailed{Code: "0000-0000"}, browser)
	fmt.Println("a guess:", err)
	typed := strings.ToLower(letter.Code()) // capitals and the hyphen do not matter
	res, err := ml.Verify(ctx, auth.Mailed{Code: typed}, browser)
	fmt.Println(res.User.Email, res.Session.Factors[0].Kind, err)
	// Output:
	// a guess: auth: invalid_token
	// ann@example.com email <nil>
}
