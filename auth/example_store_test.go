package auth_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

// Users in one database, sessions in another. What happens to a user reaches both.
func ExampleNew_store() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "sessions.db"), migrate.SessionsOnly())
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	users, done := openExample(ctx)
	defer done()
	a := newExample(users, auth.Config{Sessions: sessions.Config{Store: store}})

	ann, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	_, u, err := a.Session(ctx, res.Token.Reveal())
	fmt.Println(u.Email, err)
	fmt.Println(users.Session.Query().CountX(ctx), "beside the users,", store.Session.Query().CountX(ctx), "apart")

	fmt.Println("disable:", a.DisableUser(ctx, ann.ID))
	fmt.Println(store.Session.Query().CountX(ctx), "apart")
	_, _, err = a.Session(ctx, res.Token.Reveal())
	fmt.Println(err)
	// Output:
	// ann@example.com <nil>
	// 0 beside the users, 1 apart
	// disable: <nil>
	// 0 apart
	// auth: unauthenticated
}
