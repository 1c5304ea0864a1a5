package auth_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"strings"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// The life of an opaque session, from signing up to signing out. Its token means nothing
// to anybody but the database.
func ExampleAuth_Session_opaque() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, _, done := startExample(ctx, auth.Config{Providers: []auth.Provider{pw}})
	defer done()

	browser := auth.Client{UserAgent: "Test Agent", IP: netip.MustParseAddr("127.0.0.1")}
	res, err := pw.Register(ctx, password.Registration{Email: "bob@example.com", Password: "a long pass phrase"}, browser)
	if err != nil {
		log.Fatal(err)
	}
	token := res.Token.Reveal()
	fmt.Println(len(token), "characters, a dot among them:", strings.Contains(token, "."))

	s, u, err := a.Session(ctx, token)
	fmt.Println(u.ID == res.User.ID, u.Email, s.UserAgent, s.IP, err)

	fmt.Println("sign out:", a.SignOut(ctx, auth.Client{Sessions: []string{token}}))
	_, _, err = a.Session(ctx, token)
	fmt.Println(err)
	// Output:
	// 43 characters, a dot among them: false
	// true bob@example.com Test Agent 127.0.0.1 <nil>
	// sign out: <nil>
	// auth: unauthenticated
}
