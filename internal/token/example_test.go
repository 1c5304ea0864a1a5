package token_test

import (
	"errors"
	"fmt"

	"github.com/torii-go/torii/internal/token"
)

// A token goes to the browser; only its hash is stored.
func Example() {
	secret := token.New()
	stored := token.HashOf(secret.Reveal())

	hash, ok := token.Parse(secret.Reveal())
	fmt.Println(ok, hash == stored)
	fmt.Println(secret)
	// Output:
	// true true
	// [redacted]
}

// A sealed column opens where it was written and nowhere else.
func ExampleKeys_Seal() {
	keys, err := token.NewKeys([][]byte{[]byte("0Qm6vDPKx1f8nYbzW3tRkC5aGhJsUeLo")})
	if err != nil {
		panic(err)
	}
	sealed, err := keys.Seal(token.PurposeBlob, []byte("JBSWY3DPEHPK3PXP"), "credentials", "7", "secret")
	if err != nil {
		panic(err)
	}

	plain, err := keys.Open(token.PurposeBlob, sealed, "credentials", "7", "secret")
	fmt.Println(string(plain), err)

	_, err = keys.Open(token.PurposeBlob, sealed, "credentials", "8", "secret")
	fmt.Println(errors.Is(err, token.ErrOpen))
	// Output:
	// JBSWY3DPEHPK3PXP <nil>
	// true
}
