package authtest_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/torii-go/torii/authtest"
)

// A site's passkeys are tested without a browser: what its begin routes answer goes to the
// authenticator, and what that answers goes to the finish routes.
func ExampleAuthenticator() {
	phone := authtest.NewAuthenticator()
	answer, err := phone.Create([]byte(`{"publicKey": {
		"rp": {"id": "app.example", "name": "App"},
		"user": {"id": "YW5u", "name": "ann@example.com", "displayName": "Ann"},
		"challenge": "dGhpcyBpcyBvbmUgY2hhbGxlbmdl",
		"pubKeyCredParams": [{"type": "public-key", "alg": -7}]
	}}`))
	var registration struct{ Type, AuthenticatorAttachment string }
	fmt.Println(err, json.Unmarshal(answer, &registration), registration)
	for _, p := range phone.Credentials() {
		fmt.Println(p.RPID, p.UserName, p.Discoverable)
	}

	// A site that signs somebody in now does not look at the challenge.
	phone.Lie(authtest.PasskeyChallengeOther)
	begun := []byte(`{"publicKey": {"challenge": "YW5kIHRoaXMgaXMgYW5vdGhlcg", "rpId": "app.example"}}`)
	_, err = phone.Get(begun)
	fmt.Println(err)

	phone.Lie() // honest again
	phone.Forget(phone.Credentials()[0].ID)
	_, err = phone.Get(begun)
	fmt.Println(errors.Is(err, authtest.ErrNotAllowed))
	// Output:
	// <nil> <nil> {public-key platform}
	// app.example ann@example.com true
	// <nil>
	// true
}
