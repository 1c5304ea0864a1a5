package auth_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/torii-go/torii/auth"
)

// A hook that lets nobody in during maintenance. Whatever had been written for the
// sign-in is undone.
func ExampleHook() {
	ctx := context.Background()
	maintenance := func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		if e.Kind == auth.EventSignedIn {
			return fmt.Errorf("maintenance: %w", auth.ErrRefused)
		}
		return nil
	}
	a, ann, done := startExample(ctx, auth.Config{Hooks: []auth.Hook{maintenance}})
	defer done()

	_, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	fmt.Println(errors.Is(err, auth.ErrRefused))
	list, err := a.Sessions(ctx, ann.ID)
	fmt.Println(len(list), "sessions,", err)
	// Output:
	// true
	// 0 sessions, <nil>
}
