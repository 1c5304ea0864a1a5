package verify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/torii-go/torii/sessions/verify"
)

// A selection of Wycheproof's vectors (Apache-2.0); its first members say of which.
//
//go:embed testdata/wycheproof.json
var wycheproof []byte

// JWT-16.
func TestWycheproof(t *testing.T) {
	var all struct {
		JWS []struct {
			Comment string
			Key     map[string]string
			Tests   []struct {
				ID      int
				Comment string
				JWS     string
				Valid   bool
			}
		}
		Signatures []struct {
			Alg, PEM string
			Tests    []struct {
				ID                int
				Comment, Msg, Sig string
				Valid             bool
			}
		}
	}
	if err := json.Unmarshal(wycheproof, &all); err != nil {
		t.Fatal(err)
	}
	count := map[bool]int{}
	for _, g := range all.JWS {
		key, err := keyOf(g.Key)
		if err != nil {
			t.Fatal(err)
		}
		v, err := verify.New(verify.Config{Keys: []verify.Key{key}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Tests {
			if got := v.Opens(c.JWS); got != c.Valid {
				t.Errorf("%s %d (%s): %v, want %v", g.Comment, c.ID, c.Comment, got, c.Valid)
			}
			count[c.Valid]++
		}
	}
	for _, g := range all.Signatures {
		key, err := map[string]func(string, []byte) (verify.Key, error){"ES256": verify.ES256, "EdDSA": verify.EdDSA}[g.Alg]("k", []byte(g.PEM))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Tests {
			if got := key.Check(unhex(t, c.Msg), []byte(unhex(t, c.Sig))); got != c.Valid {
				t.Errorf("%s %d (%s): %v, want %v", g.Alg, c.ID, c.Comment, got, c.Valid)
			}
			count[c.Valid]++
		}
	}
	if count[true] < 10 || count[false] < 100 {
		t.Errorf("%d vectors are valid and %d are not: too few to prove anything", count[true], count[false])
	}
}

func unhex(t *testing.T, s string) string {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// keyOf reads a JWK, which the package does not.
func keyOf(j map[string]string) (verify.Key, error) {
	number := func(name string) *big.Int {
		b, _ := base64.RawURLEncoding.DecodeString(j[name])
		return new(big.Int).SetBytes(b)
	}
	switch j["kty"] {
	case "oct":
		return verify.HS256(j["kid"], number("k").Bytes())
	case "RSA":
		return verify.KeyFrom(j["kid"], &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())})
	}
	point := append([]byte{4}, append(number("x").FillBytes(make([]byte, 32)), number("y").FillBytes(make([]byte, 32))...)...)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return verify.Key{}, err
	}
	return verify.KeyFrom(j["kid"], public)
}
