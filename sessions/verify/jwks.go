package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
)

// jwk has public members only, in the order of RFC 7638, section 3.3.
type jwk struct {
	Alg string `json:"alg,omitempty"`
	Crv string `json:"crv,omitempty"`
	E   string `json:"e,omitempty"`
	Kid string `json:"kid,omitempty"`
	Kty string `json:"kty"`
	N   string `json:"n,omitempty"`
	Use string `json:"use,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
}

// JWKS returns the JSON Web Key Set (RFC 7517) of the public keys among keys, for
// those who verify by other libraries. Keys of HS256 are never in it.
func JWKS(keys ...Key) ([]byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, k := range keys {
		if k.k == nil {
			return nil, errors.New("verify: a key of the set is empty: make it with RS256, ES256 or EdDSA")
		}
		if k.k.symmetric() {
			continue
		}
		j := publicJWK(*k.k.value)
		j.Alg, j.Kid, j.Use = k.Algorithm(), k.ID(), "sig"
		set.Keys = append(set.Keys, j)
	}
	return json.Marshal(set)
}

// publicJWK has the members of which RFC 7638 makes a thumbprint. The key has passed
// methodOf.
func publicJWK(public crypto.PublicKey) jwk {
	b64 := base64.RawURLEncoding.EncodeToString
	switch p := public.(type) {
	case *rsa.PublicKey:
		return jwk{Kty: "RSA", N: b64(p.N.Bytes()), E: b64(big.NewInt(int64(p.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 0x04, x, y (SEC 1, section 2.3.3)
		if err != nil {
			panic("verify: " + err.Error())
		}
		return jwk{Kty: "EC", Crv: "P-256", X: b64(point[1:33]), Y: b64(point[33:])}
	case ed25519.PublicKey:
		return jwk{Kty: "OKP", Crv: "Ed25519", X: b64(p)}
	}
	panic("verify: a key of an unknown kind")
}

// thumbprint is the key's name everywhere (RFC 7638): 43 characters.
func thumbprint(public crypto.PublicKey) string {
	text, err := json.Marshal(publicJWK(public))
	if err != nil {
		panic("verify: " + err.Error()) // strings of base64url
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
