package auth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
)

// A session on the application's own word: in an administrator's tool, after an import.
func ExampleAuth_CreateSession() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()

	res, err := a.CreateSession(ctx, ann.ID, auth.Client{UserAgent: "admin tool"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.User.Email, "by", res.Session.UserAgent)
	fmt.Println(len(res.Token.Reveal()), "characters that are shown once:", res.Token)
	// Output:
	// ann@example.com by admin tool
	// 43 characters that are shown once: [redacted]
}
