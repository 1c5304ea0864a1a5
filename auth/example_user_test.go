package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/torii-go/torii/auth"
)

// What is known of a user.
func ExampleAuth_User() {
	ctx := context.Background()
	clock := &exampleClock{now: time.Date(2030, time.January, 2, 12, 0, 0, 0, time.UTC)}
	a, _, done := startExample(ctx, auth.Config{Now: clock.Now})
	defer done()
	made, err := a.CreateUser(ctx, auth.NewUser{Email: "Bob@Example.com"})
	if err != nil {
		log.Fatal(err)
	}
	clock.Advance(time.Hour)
	name := "Bob"
	if _, err := a.UpdateUser(ctx, made.ID, auth.UserUpdate{Name: &name}); err != nil {
		log.Fatal(err)
	}

	u, err := a.User(ctx, made.ID)
	fmt.Println(strings.HasPrefix(u.ID, "usr_"), u.Email, *u.Name, err)
	fmt.Println(u.CreatedAt.Format("15:04"), u.UpdatedAt.Format("15:04"), "address proven:", u.EmailVerifiedAt != nil)

	same, err := a.UserByEmail(ctx, "bob@EXAMPLE.com")
	fmt.Println(same.ID == u.ID, err)
	_, err = a.User(ctx, "usr_unknown")
	fmt.Println(errors.Is(err, auth.ErrNotFound))
	// Output:
	// true bob@example.com Bob <nil>
	// 12:00 13:00 address proven: false
	// true <nil>
	// true
}
