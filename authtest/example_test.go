package authtest_test

import (
	"fmt"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
)

func Example() {
	t := &standIn{} // in a test: its *testing.T
	defer t.done()

	site := authtest.New(t, auth.Config{Providers: []auth.Provider{password.New(password.Config{})}})
	ann := site.Browser()
	ann.Post("/auth/register", map[string]string{"email": "ann@example.com", "password": "a long pass phrase"})
	fmt.Println(ann.Get("/auth/user").Status)

	site.Clock.Advance(31 * 24 * time.Hour)
	fmt.Println(ann.Get("/auth/user"))
	// Output:
	// 200
	// 401 {"error":{"code":"unauthenticated","message":"Sign in first."}}
}
