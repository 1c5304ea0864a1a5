package mail_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/torii-go/torii/mail"
)

// A mail is rendered, addressed and sent; here to the terminal.
func ExampleCatalogue_Render() {
	catalogue := mail.DefaultCatalogue()
	m, err := catalogue.Render(mail.Reset, catalogue.MatchLocale("en-GB,en;q=0.8"), mail.Data{
		AppName:   "Example",
		Link:      "https://example.com/auth/password/reset?token=abc",
		ExpiresIn: time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m.From = mail.Address{Name: "Example", Address: "no-reply@example.com"}
	m.To = mail.Address{Address: "ann@example.org"}
	if err := mail.Log(os.Stdout).Send(context.Background(), m); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ----------------------------------------------------------------------
	// To: ann@example.org
	// Subject: Set a new password for Example
	//
	// Somebody, probably you, asked for a new password for your account at Example. Choose it here:
	//
	// Set a new password:
	//
	//     https://example.com/auth/password/reset?token=abc
	//
	// The link works once, within 1 hour. Setting a new password signs you out everywhere. Do not pass on this link. Nobody from Example will ever ask you for it, neither by telephone nor in a message.
	//
	// If you did not ask for this, do nothing: your password stays as it is.
	//
	// --
	// Example sent this message automatically. It needs no answer.
	// ----------------------------------------------------------------------
}
