package mail_test

import (
	"fmt"

	"github.com/torii-go/torii/mail"
)

// The language comes from the header Accept-Language of who asks for the mail.
func ExampleCatalogue_MatchLocale() {
	catalogue := mail.DefaultCatalogue()
	for _, header := range []string{"de-AT,de;q=0.9,en;q=0.8", "fr", ""} {
		fmt.Println(catalogue.MatchLocale(header))
	}
	// Output:
	// de
	// en
	// en
}
