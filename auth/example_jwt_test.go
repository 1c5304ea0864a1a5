package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

// The flow of a session that is a JSON Web Token. Nothing of it is in the database, and
// so nothing can end it but its own hour.
func ExampleAuth_Session_jwt() {
	ctx := context.Background()
	key, err := sessions.HS256Key("", []byte("pUO1YKmYlqFYbs4Ov0vKkIs8ZoxJo2VTKUyFV5q5n7g=")) // os.Getenv("JWT_SECRET")
	if err != nil {
		log.Fatal(err)
	}
	clock := &exampleClock{now: time.Now()}
	pw := password.New(password.Config{})
	a, _, done := startExample(ctx, auth.Config{
		Providers: []auth.Provider{pw}, Now: clock.Now,
		Sessions: sessions.Config{Kind: sessions.KindJWT, JWT: sessions.JWTConfig{
			Keys: []sessions.SigningKey{key}, Issuer: "test-app", Metadata: true, Lifetime: time.Hour,
		}},
	})
	defer done()

	browser := auth.Client{UserAgent: "Test Agent", IP: netip.MustParseAddr("127.0.0.1")}
	res, err := pw.Register(ctx, password.Registration{Email: "bob@example.com", Password: "a long pass phrase"}, browser)
	if err != nil {
		log.Fatal(err)
	}
	token := res.Token.Reveal()
	s, u, err := a.Session(ctx, token)
	fmt.Println(verify.LooksLikeJWT(token), u.Email, s.UserAgent, s.IP, err)
	list, err := a.Sessions(ctx, u.ID)
	fmt.Println(len(list), "in the database,", err)

	err = a.SignOut(ctx, auth.Client{Sessions: []string{token}})
	fmt.Println("sign out:", errors.Is(err, auth.ErrNotRevocable))
	_, _, err = a.Session(ctx, token)
	fmt.Println("as good as before:", err)
	clock.Advance(time.Hour)
	_, _, err = a.Session(ctx, token)
	fmt.Println("an hour later:", err)
	// Output:
	// true bob@example.com Test Agent 127.0.0.1 <nil>
	// 0 in the database, <nil>
	// sign out: true
	// as good as before: <nil>
	// an hour later: auth: unauthenticated
}
