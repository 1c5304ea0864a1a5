package auth_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
)

// Lifetime ends every session; IdleTimeout ends those that nobody uses.
func ExampleAuth_Session_expiry() {
	ctx := context.Background()
	clock := &exampleClock{now: time.Now()}
	a, ann, done := startExample(ctx, auth.Config{
		Now:      clock.Now,
		Sessions: sessions.Config{Lifetime: 12 * time.Hour, IdleTimeout: time.Hour},
	})
	defer done()
	open := func() string {
		res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
		if err != nil {
			log.Fatal(err)
		}
		return res.Token.Reveal()
	}
	idle, busy := open(), open()

	for range 11 {
		clock.Advance(59 * time.Minute)
		if status := getMe(a, busy); status != 200 {
			fmt.Println("in use:", status)
		}
	}
	fmt.Println("not used for an hour:", getMe(a, idle))
	fmt.Println("in use until shortly before the end:", getMe(a, busy))
	clock.Advance(72 * time.Minute)
	fmt.Println("in use, after 12 hours and a minute:", getMe(a, busy))
	// Output:
	// not used for an hour: 401
	// in use until shortly before the end: 200
	// in use, after 12 hours and a minute: 401
}
