package verify_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/torii-go/torii/sessions/verify"
)

// A service that takes tokens of one issuer, for itself, and none that is older than an
// hour, however long its signer lets it live.
func ExampleVerifier_Verify() {
	site := pairs()["HS256"]
	v, err := verify.New(verify.Config{Keys: []verify.Key{site.verify}, Issuer: "site", Audience: "reports", Now: atNoon})
	if err != nil {
		log.Fatal(err)
	}
	check := func(token string) (string, error) {
		c, err := v.Verify(token)
		if err == nil && noon.Sub(c.IssuedAt) > time.Hour {
			err = errors.New("too old for us")
		}
		return c.Subject, err
	}
	const claims = `{"sub":"usr_1","jti":"ses_1","iss":%q,"aud":%q,"iat":%d,"exp":%d}`
	sign := func(issuer, audience string, issued, expires time.Duration) string {
		return site.token(site.header(), fmt.Sprintf(claims, issuer, audience, noon.Add(issued).Unix(), noon.Add(expires).Unix()))
	}

	fmt.Println(check(sign("site", "reports", -time.Hour, time.Hour)))
	fmt.Println(check(sign("site", "reports", -2*time.Hour, time.Hour)))
	fmt.Println(check(sign("elsewhere", "reports", -time.Hour, time.Hour)))
	fmt.Println(check(sign("site", "invoices", -time.Hour, time.Hour)))
	_, err = check(sign("site", "reports", -time.Hour, 0))
	fmt.Println(err, errors.Is(err, verify.ErrExpired))
	// Output:
	// usr_1 <nil>
	// usr_1 too old for us
	//  verify: invalid token: it is of another issuer
	//  verify: invalid token: it is for another audience
	// verify: invalid token: it has expired true
}
