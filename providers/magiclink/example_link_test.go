package magiclink_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/providers/magiclink"
)

// Somebody asks for a link. The mail writes itself; what the program keeps, in a cookie
// of the browser that asked, is the flow.
func ExampleProvider_Send() {
	ctx := context.Background()
	ml := magiclink.New(magiclink.Config{})
	a, outbox, done := example(ml)
	defer done()

	flow, err := ml.Send(ctx, "ann@example.com", "/inbox", auth.Client{Language: "en"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(flow), "characters for a cookie")

	if err := a.Deliver(ctx); err != nil { // happens by itself where requests are served
		fmt.Println(err)
		return
	}
	letter, _ := outbox.Last("ann@example.com")
	link := linkIn(letter)
	fmt.Println(letter.Subject)
	fmt.Println(link.Host+link.Path, len(link.Query().Get("token")), "characters in the link")
	fmt.Println(len(letter.Code()), "to type")
	// Output:
	// 43 characters for a cookie
	// Sign in to Engines
	// localhost:8080/auth/magic-link/verify 43 characters in the link
	// 9 to type
}

// The link is pressed in the browser that asked for it.
func ExampleProvider_Verify() {
	ctx := context.Background()
	ml := magiclink.New(magiclink.Config{})
	a, outbox, done := example(ml)
	defer done()
	browser := auth.Client{UserAgent: "Browser User Agent", IP: netip.MustParseAddr("127.0.0.1")}
	flow, err := ml.Send(ctx, "ann@example.com", "/inbox", browser)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := a.Deliver(ctx); err != nil {
		fmt.Println(err)
		return
	}
	letter, _ := outbox.Last("ann@example.com")
	token := linkIn(letter).Query().Get("token")

	_, err = ml.Verify(ctx, auth.Mailed{Secret: token}, browser)
	fmt.Println("without the flow:", err)

	browser.Flows = []string{flow}
	res, err := ml.Verify(ctx, auth.Mailed{Secret: token}, browser)
	fmt.Println(res.User.Email, "proven:", res.User.EmailVerifiedAt != nil, err)
	fmt.Println(res.Session.UserAgent, res.Session.IP, res.ReturnTo)
	_, who, err := a.Session(ctx, res.Token.Reveal())
	fmt.Println(who.ID == res.User.ID, err)

	_, err = ml.Verify(ctx, auth.Mailed{Secret: token}, browser)
	fmt.Println("once more:", err)
	// Output:
	// without the flow: auth: invalid_token
	// ann@example.com proven: true <nil>
	// Browser User Agent 127.0.0.1 /inbox
	// true <nil>
	// once more: auth: invalid_token
}
