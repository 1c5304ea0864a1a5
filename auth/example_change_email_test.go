package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// A link to the new address changes it, in the session that asked. The old address can
// take the change back for seven days.
func ExampleAuth_ConfirmEmailChange() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()
	ada := exampleSignUp(ctx, a, pw, outbox)

	if err := a.RequestEmailChange(ctx, ada.Session, "lovelace@example.org", auth.Client{}); err != nil {
		log.Fatal(err)
	}
	letter := exampleMail(ctx, a, outbox, "lovelace@example.org")
	u, err := a.User(ctx, ada.User.ID)
	fmt.Println("until it is confirmed:", u.Email, err)

	elsewhere, err := a.CreateSession(ctx, ada.User.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = a.ConfirmEmailChange(ctx, elsewhere.Session, linkSecret(letter), auth.Client{})
	fmt.Println("in another session:", err)
	res, err := a.ConfirmEmailChange(ctx, ada.Session, linkSecret(letter), auth.Client{})
	fmt.Println(res.User.Email, "a new token:", res.Token.Reveal() != ada.Token.Reveal(), err)

	notice := exampleMail(ctx, a, outbox, "ada@example.org")
	fmt.Println(notice.Subject)
	// Output:
	// until it is confirmed: ada@example.org <nil>
	// in another session: auth: invalid_token
	// lovelace@example.org a new token: true <nil>
	// Your e-mail address at Engines was changed
}

// Whether an address has an account is not told: then nothing is sent.
func ExampleAuth_RequestEmailChange() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()
	ada := exampleSignUp(ctx, a, pw, outbox)
	if _, err := a.CreateUser(ctx, auth.NewUser{Email: "bob@example.org"}); err != nil {
		log.Fatal(err)
	}

	for _, email := range []string{"lovelace@example.org", "bob@example.org", "ADA@example.org", "no address"} {
		err := a.RequestEmailChange(ctx, ada.Session, email, auth.Client{})
		if bad, ok := errors.AsType[*auth.FieldsError](err); ok {
			fmt.Println(bad.Fields)
			continue
		}
		if err := a.Deliver(ctx); err != nil {
			log.Fatal(err)
		}
		_, mailed := outbox.Last(email)
		fmt.Println(err, "mailed:", mailed)
	}
	// Output:
	// <nil> mailed: true
	// <nil> mailed: false
	// map[email:unchanged]
	// map[email:invalid_email]
}

// Somebody else has changed the address and then the password. The owner, who was told at
// the old address, undoes both.
func ExampleAuth_UndoEmailChange() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, outbox, done := startExampleMailing(ctx, pw)
	defer done()
	stolen := exampleSignUp(ctx, a, pw, outbox) // a session that is not in its owner's hands any more
	if err := a.RequestEmailChange(ctx, stolen.Session, "mallory@example.com", auth.Client{}); err != nil {
		log.Fatal(err)
	}
	secret := linkSecret(exampleMail(ctx, a, outbox, "mallory@example.com"))
	stolen, err := a.ConfirmEmailChange(ctx, stolen.Session, secret, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	undo := linkSecret(exampleMail(ctx, a, outbox, "ada@example.org"))
	if err := pw.Set(ctx, stolen.User.ID, "a password of Mallory"); err != nil {
		log.Fatal(err)
	}

	fmt.Println(a.UndoEmailChange(ctx, undo, auth.Client{}))
	u, err := a.User(ctx, stolen.User.ID)
	fmt.Println(u.Email, err)
	_, _, err = a.Session(ctx, stolen.Token.Reveal())
	fmt.Println("the thief's session:", err)
	_, err = pw.SignIn(ctx, password.Credentials{Email: "ada@example.org", Password: "a password of Mallory"}, auth.Client{})
	fmt.Println("the thief's password:", err)
	fmt.Println(exampleMail(ctx, a, outbox, "ada@example.org").Subject)
	fmt.Println("once more:", a.UndoEmailChange(ctx, undo, auth.Client{}))
	// Output:
	// <nil>
	// ada@example.org <nil>
	// the thief's session: auth: unauthenticated
	// the thief's password: auth: invalid_credentials
	// Set a new password for Engines
	// once more: auth: invalid_token
}

// exampleSignUp makes an account whose address is proven, signed in.
func exampleSignUp(ctx context.Context, a *auth.Auth, pw *password.Provider, outbox *mail.Outbox) auth.Result {
	_, err := pw.Register(ctx, password.Registration{Email: "ada@example.org", Password: "a long and lovely password"}, auth.Client{})
	waits, ok := errors.AsType[*auth.CheckEmailError](err)
	if !ok {
		log.Fatal(err)
	}
	m := auth.Mailed{Secret: linkSecret(exampleMail(ctx, a, outbox, "ada@example.org"))}
	res, err := a.VerifyEmail(ctx, m, auth.Client{Flows: []string{waits.Flow}})
	if err != nil {
		log.Fatal(err)
	}
	return res
}
