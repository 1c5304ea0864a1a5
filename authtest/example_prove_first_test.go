package authtest_test

import (
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
)

// Somebody signs up, and types the code that was mailed.
func ExampleProveFirst() {
	t := &standIn{} // in a test: its *testing.T
	defer t.done()

	site := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}}, authtest.ProveFirst())
	ann := site.Browser()
	body := map[string]string{"email": "ann@example.com", "password": "a long pass phrase"}
	fmt.Println(ann.Post("/auth/register", body).Status, ann.Session() != "")

	letter := site.Mail(t, "ann@example.com")
	fmt.Println(letter.Subject)
	fmt.Println(ann.Post("/auth/email/verify", map[string]string{"code": letter.Code()}).Status, ann.Session() != "")
	// Output:
	// 202 false
	// Confirm your e-mail address for app.example
	// 200 true
}
