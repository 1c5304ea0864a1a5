package password_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/url"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// Somebody forgot the password: a link by mail sets another.
func ExampleProvider_ConfirmReset() {
	ctx := context.Background()
	outbox, pw := &mail.Outbox{}, password.New(password.Config{})
	client, done := openExample()
	defer done()
	a, err := auth.New(client, auth.Config{
		AppName:   "Engines",
		BaseURL:   "http://localhost:8080",
		Mail:      auth.MailConfig{Sender: outbox, From: mail.Address{Name: "Engines", Address: "app@engines.example"}},
		Providers: []auth.Provider{pw},
		Logger:    slog.New(slog.DiscardHandler),

		SkipEmailVerification: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)
	_, err = pw.Register(ctx, password.Registration{Email: "ada@example.org", Password: "a long and lovely password"}, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}

	// The answer is the same for an address without an account.
	if err := pw.RequestReset(ctx, "ada@example.org", auth.Client{Language: "en"}); err != nil {
		log.Fatal(err)
	}
	if err := a.Deliver(ctx); err != nil { // happens by itself where requests are served
		log.Fatal(err)
	}
	letter, _ := outbox.Last("ada@example.org")
	fmt.Println(letter.Subject)
	link, err := url.Parse(letter.Links()[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link.Path)
	secret := link.Query().Get("token")
	fmt.Println(pw.ResetValid(ctx, secret))
	fmt.Println(pw.ConfirmReset(ctx, secret, "another long password", auth.Client{}))
	fmt.Println(pw.ConfirmReset(ctx, secret, "a third long password", auth.Client{}))
	// Output:
	// Set a new password for Engines
	// /auth/password/reset
	// true <nil>
	// <nil>
	// auth: invalid_token
}
