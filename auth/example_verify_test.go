package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// Who signs up proves the address first: until then there is no account.
func ExampleAuth_VerifyEmail() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()

	_, err := pw.Register(ctx, password.Registration{Email: "ada@example.org", Password: "a long and lovely password"}, auth.Client{})
	fmt.Println(err)
	waits, ok := errors.AsType[*auth.CheckEmailError](err)
	if !ok {
		log.Fatal(err)
	}
	_, err = a.UserByEmail(ctx, "ada@example.org")
	fmt.Println("account:", err)

	letter := exampleMail(ctx, a, outbox, "ada@example.org")
	fmt.Println(letter.Subject)
	browser := auth.Client{Flows: []string{waits.Flow}} // its cookie keeps the flow
	res, err := a.VerifyEmail(ctx, auth.Mailed{Secret: linkSecret(letter)}, browser)
	fmt.Println(res.User.Email, "proven:", res.User.EmailVerifiedAt != nil, err)
	_, who, err := a.Session(ctx, res.Token.Reveal())
	fmt.Println("signed in:", who.ID == res.User.ID, err)
	// Output:
	// auth: a mail was sent; the account is made when it is answered
	// account: auth: not_found
	// Confirm your e-mail address for Engines
	// ada@example.org proven: true <nil>
	// signed in: true <nil>
}

// The link was opened on another device, which has no flow: what stands for it is the
// password that the sign-up began with.
func ExampleAuth_VerifyEmail_elsewhere() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()
	_, err := pw.Register(ctx, password.Registration{Email: "ada@example.org", Password: "a long and lovely password"}, auth.Client{})
	if !errors.Is(err, auth.ErrCheckEmail) {
		log.Fatal(err)
	}
	secret := linkSecret(exampleMail(ctx, a, outbox, "ada@example.org"))

	_, err = a.VerifyEmail(ctx, auth.Mailed{Secret: secret}, auth.Client{})
	fmt.Println("the link alone:", err)
	_, err = a.VerifyEmail(ctx, auth.Mailed{Secret: secret, Password: "a guess"}, auth.Client{})
	fmt.Println("a guess:", err)
	res, err := a.VerifyEmail(ctx, auth.Mailed{Secret: secret, Password: "a long and lovely password"}, auth.Client{})
	fmt.Println(res.User.Email, err)
	// Output:
	// the link alone: auth: invalid_token
	// a guess: auth: wrong_password
	// ada@example.org <nil>
}

// Another mail, for who did not get the first one. It works in the same flow, and so do
// the earlier ones until one is used.
func ExampleAuth_RequestVerification() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()
	_, err := pw.Register(ctx, password.Registration{Email: "ada@example.org", Password: "a long and lovely password"}, auth.Client{})
	waits, ok := errors.AsType[*auth.CheckEmailError](err)
	if !ok {
		log.Fatal(err)
	}
	browser := auth.Client{Flows: []string{waits.Flow}}
	first := exampleMail(ctx, a, outbox, "ada@example.org")

	flow, err := a.RequestVerification(ctx, "ada@example.org", browser)
	fmt.Println("the same flow:", flow == waits.Flow, err)
	second := exampleMail(ctx, a, outbox, "ada@example.org")

	res, err := a.VerifyEmail(ctx, auth.Mailed{Code: second.Code()}, browser)
	fmt.Println(res.User.Email, err)
	_, err = a.VerifyEmail(ctx, auth.Mailed{Code: first.Code()}, browser)
	fmt.Println("the first mail:", err)

	// Nobody has this address: no mail is sent, and that is not told.
	flow, err = a.RequestVerification(ctx, "nobody@example.org", auth.Client{})
	fmt.Println(len(flow), err)
	if err := a.Deliver(ctx); err != nil {
		log.Fatal(err)
	}
	_, mailed := outbox.Last("nobody@example.org")
	fmt.Println("mailed:", mailed)
	// Output:
	// the same flow: true <nil>
	// ada@example.org <nil>
	// the first mail: auth: invalid_token
	// 43 <nil>
	// mailed: false
}

// startExampleMailing returns an Auth that mails to an outbox, and so has addresses proven first.
func startExampleMailing(ctx context.Context, providers ...auth.Provider) (*auth.Auth, *mail.Outbox, func()) {
	client, closeClient := openExample(ctx)
	outbox := &mail.Outbox{}
	a := newExample(client, auth.Config{
		AppName:   "Engines",
		Mail:      auth.MailConfig{Sender: outbox, From: mail.Address{Name: "Engines", Address: "app@engines.example"}},
		Providers: providers,
	})
	return a, outbox, func() {
		a.Close(ctx)
		closeClient()
	}
}

// exampleMail delivers what waits, as happens by itself where requests are served, and
// returns the last mail to an address.
func exampleMail(ctx context.Context, a *auth.Auth, outbox *mail.Outbox, address string) mail.Message {
	if err := a.Deliver(ctx); err != nil {
		log.Fatal(err)
	}
	m, ok := outbox.Last(address)
	if !ok {
		log.Fatal("no mail to ", address)
	}
	return m
}

// linkSecret is what the link of a mail holds.
func linkSecret(m mail.Message) string {
	link, err := url.Parse(m.Links()[0])
	if err != nil {
		log.Fatal(err)
	}
	return link.Query().Get("token")
}
