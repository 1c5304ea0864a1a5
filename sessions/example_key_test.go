package sessions_test

import (
	"fmt"

	"github.com/torii-go/torii/sessions"
)

// A secret from the environment. What is too short, or was copied from a manual, is
// refused when the program starts, and no error repeats it.
func ExampleHS256Key() {
	for _, secret := range []string{ // os.Getenv("JWT_SECRET")
		"my-secret-key",
		"your-secret-key-at-least-32-chars-long!",
		"9tq2Vn4nq0bq9cRrGmYw3yKzTtGd0m1s7u3Xo5hJ2iE=",
	} {
		key, err := sessions.HS256Key("2030-01", []byte(secret))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(key) // never the secret
	}
	// Output:
	// sessions: signing key: verify: HS256 secret has 13 bytes, needs at least 32 random ones: make one with `openssl rand -base64 32`
	// sessions: signing key: verify: HS256 secret is a known one or was made up by a person: make one with `openssl rand -base64 32`
	// HS256 2030-01
}
