package sessions_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/torii-go/torii/sessions"
)

// What a token says, readable for everybody who sees one. Issuer and Metadata are
// optional.
func ExampleSigner_Sign() {
	key, err := sessions.HS256Key("", []byte("pUO1YKmYlqFYbs4Ov0vKkIs8ZoxJo2VTKUyFV5q5n7g="))
	if err != nil {
		log.Fatal(err)
	}
	now := func() time.Time { return time.Date(2030, time.January, 2, 12, 0, 0, 0, time.UTC) }
	signer, err := sessions.NewSigner(sessions.JWTConfig{
		Keys: []sessions.SigningKey{key}, Issuer: "your-app", Metadata: true, Lifetime: 2 * time.Hour,
	}, now)
	if err != nil {
		log.Fatal(err)
	}
	_, token, err := signer.Sign(sessions.Session{
		UserID: "usr_1", UserAgent: "Mozilla/5.0", IP: "192.168.1.100", Factors: []sessions.Factor{{Kind: "password", At: now()}},
	})
	if err != nil {
		log.Fatal(err)
	}

	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[1])
	if err != nil {
		log.Fatal(err)
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"sub", "iss", "iat", "exp", "factors", "metadata"} {
		fmt.Println(name, string(claims[name]))
	}
	// Output:
	// sub "usr_1"
	// iss "your-app"
	// iat 1893585600
	// exp 1893592800
	// factors {"password":1893585600}
	// metadata {"user_agent":"Mozilla/5.0","ip_address":"192.168.1.100"}
}
