package mail_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/mail"
)

// A test reads the link and the code that a site has mailed.
func ExampleOutbox() {
	var outbox mail.Outbox // given to the site as its Sender

	err := outbox.Send(context.Background(), mail.Message{
		From:    mail.Address{Address: "no-reply@example.com"},
		To:      mail.Address{Address: "ann@example.org"},
		Subject: "Sign in to Example",
		Text:    "Sign in:\n\n    https://example.com/auth/magic-link/verify?token=abc\n\nOr type this code:\n\n    K7QW-3M9X\n",
	})
	if err != nil {
		fmt.Println(err)
	}

	m, ok := outbox.Last("ann@example.org")
	fmt.Println(ok, m.Links()[0], m.Code())
	// Output: true https://example.com/auth/magic-link/verify?token=abc K7QW-3M9X
}
