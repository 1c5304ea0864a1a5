package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
)

// The life of a session: opened, presented, ended.
func ExampleAuth_Session() {
	ctx := context.Background()
	a, ann, done := startExample(ctx, auth.Config{})
	defer done()
	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	token := res.Token.Reveal()

	s, u, err := a.Session(ctx, token)
	fmt.Println(u.Email, s.ID == res.Session.ID, err)

	if err := a.EndSession(ctx, u.ID, s.ID); err != nil {
		log.Fatal(err)
	}
	_, _, err = a.Session(ctx, token)
	fmt.Println(errors.Is(err, auth.ErrUnauthenticated))
	// Output:
	// ann@example.com true <nil>
	// true
}
