package verify_test

import (
	"fmt"

	"github.com/torii-go/torii/sessions/verify"
)

// A gateway that verifies stateless tokens itself and sends the others on, to whoever
// has the database. The form decides alone; it proves nothing.
func ExampleLooksLikeJWT() {
	for _, token := range []string{
		"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl",
		"usr_1.guess.ed",
	} {
		fmt.Println(verify.LooksLikeJWT(token))
	}
	// Output:
	// false
	// true
	// false
}
