package sessions_test

import (
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/torii-go/torii/sessions"
)

// A new key in front of the old one: the new one signs, both verify. When the last
// token of the old key has expired, that key goes; sooner, it ends them all.
func ExampleJWTConfig_rotation() {
	newKey := func(id string) sessions.SigningKey {
		key, err := sessions.HS256Key(id, []byte(rand.Text()+rand.Text()))
		if err != nil {
			log.Fatal(err)
		}
		return key
	}
	newSigner := func(keys ...sessions.SigningKey) *sessions.Signer {
		signer, err := sessions.NewSigner(sessions.JWTConfig{Keys: keys}, time.Now)
		if err != nil {
			log.Fatal(err)
		}
		return signer
	}
	sign := func(signer *sessions.Signer) string {
		_, token, err := signer.Sign(sessions.Session{UserID: "usr_1"})
		if err != nil {
			log.Fatal(err)
		}
		return token.Reveal()
	}
	december, january := newKey("2029-12"), newKey("2030-01")
	before, during, after := newSigner(december), newSigner(january, december), newSigner(january)
	old, young := sign(before), sign(during)

	check := func(name string, signer *sessions.Signer, token string) {
		s, err := signer.Verify(token)
		fmt.Printf("%s: %q, %v\n", name, s.UserID, err)
	}
	check("old token, both keys", during, old)
	check("new token, new key", after, young)
	check("old token, new key", after, old)
	// Output:
	// old token, both keys: "usr_1", <nil>
	// new token, new key: "usr_1", <nil>
	// old token, new key: "", sessions: no such session: verify: invalid token: no key has its id
}
