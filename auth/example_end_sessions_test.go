package auth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
)

// Signed out everywhere but here.
func ExampleAuth_EndSessions() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()
	var here auth.Result
	for _, device := range []string{"phone", "tablet", "laptop"} {
		var err error
		if here, err = a.CreateSession(ctx, ann.ID, auth.Client{UserAgent: device}); err != nil {
			log.Fatal(err)
		}
	}

	n, err := a.EndSessions(ctx, ann.ID, here.Session.ID)
	fmt.Println(n, "ended,", err)
	left, err := a.Sessions(ctx, ann.ID)
	fmt.Println(len(left), "left:", left[0].UserAgent, err)
	// Output:
	// 2 ended, <nil>
	// 1 left: laptop <nil>
}
