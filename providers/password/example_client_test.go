package password_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/password"
)

// A program of one's own in front of the methods says who is asking. The session
// remembers it, and guesses are counted by it.
func ExampleProvider_SignIn_client() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, _, done := example(pw)
	defer done()
	who := auth.Client{UserAgent: "Mozilla/5.0 (compatible browser)", IP: netip.MustParseAddr("192.168.1.100")}
	if _, err := pw.Register(ctx, password.Registration{Email: "ann@example.com", Password: "a long pass phrase"}, who); err != nil {
		fmt.Println(err)
		return
	}

	res, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.com", Password: "a long pass phrase"}, who)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, u, err := a.Session(ctx, res.Token.Reveal()) // what a cookie or a header brings back
	fmt.Println(u.Email, err)
	fmt.Println(s.UserAgent)
	fmt.Println(s.IP, s.Factors[0].Kind)
	// Output:
	// ann@example.com <nil>
	// Mozilla/5.0 (compatible browser)
	// 192.168.1.100 password
}
