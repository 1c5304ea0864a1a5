package password_test

import (
	"context"
	"fmt"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/password"
)

// A user comes from Laravel or Django with the hash that is in the table of users
// there. The first sign-in replaces it.
func ExampleProvider_Import() {
	ctx := context.Background()
	pw := password.New(password.Config{})
	a, client, closeDB := example(pw)
	defer closeDB()
	u, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = pw.Import(ctx, u.ID, "$2y$10$abcdefghijklmnopqrstuuxmM2LWfxFfsw7CBLfyuCzOrhaxxlSDy")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, secret := range []string{"not it", "lètmein"} {
		_, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.com", Password: secret}, auth.Client{})
		stored := client.Credential.Query().Where(credential.UserID(u.ID)).OnlyX(ctx).Secret
		fmt.Println(err, stored[:10])
	}

	err = pw.Import(ctx, u.ID, "5f4dcc3b5aa765d61d8327deb882cf99") // MD5
	fmt.Println(err)
	// Output:
	// auth: invalid_credentials $2y$10$abc
	// <nil> $argon2id$
	// auth: invalid_fields: passhash: stored hash is malformed: unknown scheme
}

// An export of Firebase, with the parameters that its console shows.
func ExampleFirebase_Encode() {
	project := password.Firebase{
		SignerKey:     "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
		SaltSeparator: "Bw==", Rounds: 8, MemCost: 14,
	}
	encoded, err := project.Encode(
		"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
		"42xEC+ixf3L2lw==",
	)
	fmt.Println(encoded[:42], err) // for Import
	// Output: $firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc <nil>
}
