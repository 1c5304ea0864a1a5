package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions/verify"
)

var noon = time.Date(2030, time.January, 2, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// random is a secret as openssl rand -base64 32 gives it.
var random = []byte("pUO1YKmYlqFYbs4Ov0vKkIs8ZoxJo2VTKUyFV5q5n7g=")

// good are claims that are right at noon.
var good = fmt.Sprintf(`{"sub":"usr_1","jti":"ses_1","iss":"site","aud":"app","iat":%d,"exp":%d}`, noon.Unix(), noon.Add(time.Hour).Unix())

// pair is a key on both sides.
type pair struct {
	alg     string
	private any // []byte or crypto.Signer
	verify  verify.Key
}

var pairs = sync.OnceValue(func() map[string]pair {
	rsaKey, err1 := rsa.GenerateKey(rand.Reader, 2048)
	ecKey, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, err3 := ed25519.GenerateKey(rand.Reader)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			panic(err)
		}
	}
	list := map[string]pair{}
	for alg, private := range map[string]any{"HS256": random, "RS256": rsaKey, "ES256": ecKey, "EdDSA": edKey} {
		var k verify.Key
		var err error
		if signer, ok := private.(crypto.Signer); ok {
			k, err = verify.KeyFrom("k", signer.Public())
		} else {
			k, err = verify.HS256("k", random)
		}
		if err != nil {
			panic(err)
		}
		list[alg] = pair{alg, private, k}
	}
	return list
})

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign signs anything, without golang-jwt and without looking at it.
func (p pair) sign(input string) string {
	sum := sha256.Sum256([]byte(input))
	var signature []byte
	var err error
	switch k := p.private.(type) {
	case []byte:
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(input))
		signature = mac.Sum(nil)
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, e := ecdsa.Sign(rand.Reader, k, sum[:])
		signature, err = make([]byte, 64), e
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	case ed25519.PrivateKey:
		signature = ed25519.Sign(k, []byte(input))
	}
	if err != nil {
		panic(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// token signs a header and claims, as they are.
func (p pair) token(header, claims string) string { return p.sign(b64(header) + "." + b64(claims)) }

func (p pair) header() string { return `{"alg":"` + p.alg + `","kid":"k","typ":"at+jwt"}` }

// verifier is one for tokens like good.
func verifier(t testing.TB, keys ...verify.Key) *verify.Verifier {
	t.Helper()
	v, err := verify.New(verify.Config{Keys: keys, Issuer: "site", Audience: "app", MaxLifetime: 24 * time.Hour, Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func publicOf(p pair) crypto.PublicKey { return p.private.(crypto.Signer).Public() }

func block(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkix(public any) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	return block("PUBLIC KEY", der, err)
}
