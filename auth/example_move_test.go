package auth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

// A site moves from opaque sessions to JSON Web Tokens. Nobody is signed out: the old
// sessions are good until they expire, and new ones are of the new kind. What must not
// wait can be exchanged.
func ExampleAuth_CreateSession_move() {
	ctx := context.Background()
	client, done := openExample(ctx)
	defer done()
	yesterday := newExample(client, auth.Config{})
	today := newExample(client, auth.Config{Sessions: sessions.Config{Kind: sessions.KindJWT}})

	ann, err := yesterday.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	opened, err := yesterday.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	opaque := opened.Token.Reveal()
	s, u, err := today.Session(ctx, opaque)
	fmt.Println(verify.LooksLikeJWT(opaque), s.Stateless, u.Email, err)

	// The session that is presented ends with the sign-in that follows it.
	moved, err := today.CreateSession(ctx, u.ID, auth.Client{Sessions: []string{opaque}})
	if err != nil {
		log.Fatal(err)
	}
	s, u, err = today.Session(ctx, moved.Token.Reveal())
	fmt.Println(verify.LooksLikeJWT(moved.Token.Reveal()), s.Stateless, u.Email, err)
	_, _, err = today.Session(ctx, opaque)
	fmt.Println(err)
	// Output:
	// false false ann@example.com <nil>
	// true true ann@example.com <nil>
	// auth: unauthenticated
}
