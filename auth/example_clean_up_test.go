package auth_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// Expired sessions are refused at once; cleaning up is for the disk, and happens by
// itself every ten minutes.
func ExampleAuth_CleanUp() {
	ctx := context.Background()
	clock := &exampleClock{now: time.Now()}
	a, ann, done := startExample(ctx, auth.Config{
		Now:      clock.Now,
		Sessions: sessions.Config{Lifetime: time.Hour},
	})
	defer done()
	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}

	clock.Advance(time.Hour + time.Second)
	list, err := a.Sessions(ctx, ann.ID)
	fmt.Println(len(list), "sessions,", err)
	n, err := a.CleanUp(ctx)
	fmt.Println(n, "row deleted,", err)
	_, _, err = a.Session(ctx, res.Token.Reveal())
	fmt.Println(err)
	// Output:
	// 0 sessions, <nil>
	// 1 row deleted, <nil>
	// auth: unauthenticated
}
