package sessions_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

// The flow of a session that is a JSON Web Token: signed, told from an opaque one,
// verified, expired.
func ExampleSigner() {
	key, err := sessions.HS256Key("", []byte("pUO1YKmYlqFYbs4Ov0vKkIs8ZoxJo2VTKUyFV5q5n7g=")) // from the environment
	if err != nil {
		log.Fatal(err)
	}
	now := noon
	signer, err := sessions.NewSigner(sessions.JWTConfig{
		Keys: []sessions.SigningKey{key}, Issuer: "test-app", Metadata: true,
	}, func() time.Time { return now })
	if err != nil {
		log.Fatal(err)
	}

	_, token, err := signer.Sign(sessions.Session{UserID: "usr_1", UserAgent: "Test Agent", IP: "127.0.0.1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verify.LooksLikeJWT(token.Reveal()), verify.LooksLikeJWT("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"))

	s, err := signer.Verify(token.Reveal())
	fmt.Println(s.UserID, s.UserAgent, s.IP, s.ExpiresAt.Sub(now.Truncate(time.Second)), err)

	now = now.Add(time.Hour)
	_, err = signer.Verify(token.Reveal())
	fmt.Println(errors.Is(err, sessions.ErrNotFound), errors.Is(err, verify.ErrExpired))
	// Output:
	// true false
	// usr_1 Test Agent 127.0.0.1 1h0m0s <nil>
	// true true
}

// An RSA key in a file, as openssl genrsa 3072 makes it.
func ExampleRS256KeyFile() {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "private_key.pem")
	if err := os.WriteFile(path, newRSA(), 0o600); err != nil {
		log.Fatal(err)
	}

	key, err := sessions.RS256KeyFile("2030-01", path)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sessions.NewSigner(sessions.JWTConfig{Keys: []sessions.SigningKey{key}}, time.Now)
	if err != nil {
		log.Fatal(err)
	}
	_, token, err := signer.Sign(sessions.Session{UserID: "usr_1"})
	if err != nil {
		log.Fatal(err)
	}
	s, err := signer.Verify(token.Reveal())
	fmt.Println(key, s.UserID, err)
	fmt.Println(strings.Contains(string(signer.JWKS()), `"kid":"2030-01"`), strings.Contains(string(signer.JWKS()), `"d":`))
	// Output:
	// RS256 2030-01 usr_1 <nil>
	// true false
}

// Another service verifies what the site signs, with the public key alone.
func ExampleSigningKey_Verifying() {
	key, err := sessions.ES256Key("", newEC()) // on the site
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sessions.NewSigner(sessions.JWTConfig{
		Keys: []sessions.SigningKey{key}, Issuer: "https://site.example", Audience: "reports",
	}, time.Now)
	if err != nil {
		log.Fatal(err)
	}
	_, token, err := signer.Sign(sessions.Session{UserID: "usr_1", Factors: []sessions.Factor{{Kind: "password", At: time.Now()}}})
	if err != nil {
		log.Fatal(err)
	}

	service, err := verify.New(verify.Config{ // elsewhere, by verify.ES256File
		Keys: []verify.Key{key.Verifying()}, Issuer: "https://site.example", Audience: "reports",
	})
	if err != nil {
		log.Fatal(err)
	}
	claims, err := service.Verify(token.Reveal())
	fmt.Println(claims.Subject, claims.Factors[0].Kind, err)

	_, err = service.Verify(token.Reveal() + "x")
	fmt.Println(errors.Is(err, verify.ErrInvalid))
	// Output:
	// usr_1 password <nil>
	// true
}

func newRSA() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func newEC() []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
