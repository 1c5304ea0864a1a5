package authtest_test

import (
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
)

// Twenty people register one address at the same moment, each in a browser of their
// own. One gets the account.
func ExampleInParallel() {
	t := &standIn{} // in a test: its *testing.T
	defer t.done()
	site := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})

	got := authtest.InParallel(20, func(int) int {
		reply := site.Browser().Post("/auth/register", map[string]string{
			"email": "ann@example.com", "password": "a long pass phrase",
		})
		return reply.Status
	})
	fmt.Println(got)
	// Output: map[201:1 409:19]
}
