package mail_test

import (
	"errors"
	"fmt"

	"github.com/torii-go/torii/mail"
)

// The sender's address comes from a configuration.
func ExampleParseAddress() {
	from, err := mail.ParseAddress("Märkte <no-reply@example.com>")
	fmt.Println(from, err)
	_, err = mail.ParseAddress("no-reply@example.com\r\nBcc: everybody@example.com")
	fmt.Println(errors.Is(err, mail.ErrInvalidMessage))
	// Output:
	// =?utf-8?q?M=C3=A4rkte?= <no-reply@example.com> <nil>
	// true
}
