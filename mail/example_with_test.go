package mail_test

import (
	"fmt"
	"testing/fstest"
	"time"

	"github.com/torii-go/torii/mail"
)

// A host changes one text. In a program the files come from an embed.FS or os.DirFS.
func ExampleCatalogue_With() {
	files := fstest.MapFS{"en/sign_in.tmpl": {Data: []byte(`Subject: Your key to {{.AppName}}

Welcome back! This opens the door:

{{button "Come in" .Link}}

{{code .Code}}

It fits once, for {{.ExpiresIn}}. Nobody will ever ask you for it. If you did not ask for it, throw it away.
`)}}
	catalogue, err := mail.DefaultCatalogue().With(files)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := catalogue.Render(mail.SignIn, "en", mail.Data{
		AppName: "Example", Link: "https://example.com/auth/magic-link/verify?token=abc", Code: "K7QW-3M9X", ExpiresIn: 10 * time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Subject)
	fmt.Println()
	fmt.Print(m.Text)
	// Output:
	// Your key to Example
	//
	// Welcome back! This opens the door:
	//
	// Come in:
	//
	//     https://example.com/auth/magic-link/verify?token=abc
	//
	//     K7QW-3M9X
	//
	// It fits once, for 10 minutes. Nobody will ever ask you for it. If you did not ask for it, throw it away.
	//
	// --
	// Example sent this message automatically. It needs no answer.
}
