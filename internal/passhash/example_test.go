package passhash_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/internal/passhash"
)

func Example() {
	ctx := context.Background()
	hasher, err := passhash.New(passhash.Config{})
	if err != nil {
		panic(err)
	}
	encoded, err := hasher.Hash(ctx, "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	fmt.Println(encoded[:30])

	match, err := hasher.Verify(ctx, encoded, "correct horse battery staple")
	fmt.Println(match.OK, match.Rehash, err)

	match, err = hasher.Verify(ctx, encoded, "Tr0ub4dor&3")
	fmt.Println(match.OK, match.Rehash, err)
	// Output:
	// $argon2id$v=19$m=19456,t=2,p=1
	// true false <nil>
	// false false <nil>
}
