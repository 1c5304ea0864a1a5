package sessions

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/torii-go/torii/sessions/verify"
)

// SigningKey signs JSON Web Tokens by its one algorithm. Make one with [HS256Key],
// [RS256Key], [ES256Key] or [EdDSAKey]; the zero SigningKey is refused. It prints as
// algorithm and id, never as the key.
type SigningKey struct {
	k *signingKey
}

type signingKey struct {
	method jwt.SigningMethod
	// private is a []byte or a crypto.Signer. It is behind a pointer of its own, because
	// for a verb that a pointer has not (%s) fmt prints the structure behind it.
	private   *any
	verifying verify.Key
}

// HS256Key returns a key that signs with HMAC-SHA-256 and a secret of at least 32
// random bytes; placeholders, repetitions and secrets out of manuals are refused. An id
// of "" is derived from the secret, which it does not tell. Other services that are to
// verify need the secret too, and could sign: give them a public key instead.
func HS256Key(id string, secret []byte) (SigningKey, error) {
	verifying, err := verify.HS256(id, secret)
	if err != nil {
		return SigningKey{}, fmt.Errorf("sessions: signing key: %w", err)
	}
	return newSigningKey(jwt.SigningMethodHS256, bytes.Clone(secret), verifying), nil
}

// RS256Key returns a key that signs with RSA, PKCS #1 v1.5 and SHA-256, from a private
// key of at least 2048 bits in PEM, as PKCS #8 or PKCS #1 and not encrypted. An id of ""
// is the public key's thumbprint (RFC 7638).
func RS256Key(id string, privatePEM []byte) (SigningKey, error) {
	return signingFromPEM(jwt.SigningMethodRS256, id, privatePEM)
}

// RS256KeyFile is [RS256Key] with the PEM in a file.
func RS256KeyFile(id, path string) (SigningKey, error) {
	return signingFromFile(jwt.SigningMethodRS256, id, path)
}

// ES256Key returns a key that signs with ECDSA on P-256 and SHA-256, from a private key
// in PEM, as PKCS #8 or SEC 1 and not encrypted. An id of "" is the public key's
// thumbprint (RFC 7638).
func ES256Key(id string, privatePEM []byte) (SigningKey, error) {
	return signingFromPEM(jwt.SigningMethodES256, id, privatePEM)
}

// ES256KeyFile is [ES256Key] with the PEM in a file.
func ES256KeyFile(id, path string) (SigningKey, error) {
	return signingFromFile(jwt.SigningMethodES256, id, path)
}

// EdDSAKey returns a key that signs with Ed25519, from a private key in PEM, as PKCS #8
// and not encrypted. An id of "" is the public key's thumbprint (RFC 8037).
func EdDSAKey(id string, privatePEM []byte) (SigningKey, error) {
	return signingFromPEM(jwt.SigningMethodEdDSA, id, privatePEM)
}

// EdDSAKeyFile is [EdDSAKey] with the PEM in a file.
func EdDSAKeyFile(id, path string) (SigningKey, error) {
	return signingFromFile(jwt.SigningMethodEdDSA, id, path)
}

func signingFromFile(method jwt.SigningMethod, id, path string) (SigningKey, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the host names its own file
	if err != nil {
		return SigningKey{}, fmt.Errorf("sessions: signing key: %w", err)
	}
	return signingFromPEM(method, id, text)
}

func signingFromPEM(method jwt.SigningMethod, id string, text []byte) (SigningKey, error) {
	private, err := parsePrivate(text)
	if err != nil {
		return SigningKey{}, fmt.Errorf("sessions: signing key for %s: %w", method.Alg(), err)
	}
	verifying, err := verify.KeyFrom(id, private.Public())
	if err != nil {
		return SigningKey{}, fmt.Errorf("sessions: signing key for %s: %w", method.Alg(), err)
	}
	if verifying.Algorithm() != method.Alg() {
		return SigningKey{}, fmt.Errorf("sessions: the signing key is for %s, not for %s", verifying.Algorithm(), method.Alg())
	}
	return newSigningKey(method, private, verifying), nil
}

func newSigningKey(method jwt.SigningMethod, private any, verifying verify.Key) SigningKey {
	return SigningKey{&signingKey{method, &private, verifying}}
}

// parsePrivate reads the one private key of a PEM text. Its errors say nothing of it.
func parsePrivate(text []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(text)
	if block != nil && block.Type == "EC PARAMETERS" { // openssl ecparam puts them first
		block, rest = pem.Decode(rest)
	}
	switch {
	case block == nil:
		return nil, errors.New("no PEM block found")
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("more follows the first PEM block: give one key")
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("it is encrypted: decrypt it first (openssl pkey)")
	case strings.HasSuffix(block.Type, "PUBLIC KEY"):
		return nil, errors.New("a public key: whoever signs needs the private one")
	}
	var (
		private any
		err     error
	)
	switch block.Type {
	case "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, errors.New("the PEM block is not a PRIVATE KEY")
	}
	signer, ok := private.(crypto.Signer)
	if err != nil || !ok {
		return nil, errors.New("the PEM block holds no private key that can sign")
	}
	return signer, nil
}

// Verifying is the key that verifies what this one signs: for a public-key algorithm
// the public key.
func (k SigningKey) Verifying() verify.Key {
	if k.k == nil {
		return verify.Key{}
	}
	return k.k.verifying
}

// String is the algorithm and the id.
func (k SigningKey) String() string { return k.Verifying().String() }

// Format writes what String returns for every verb.
func (k SigningKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is what String returns, for log/slog.
func (k SigningKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON gives what String returns.
func (k SigningKey) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// MarshalText gives what String returns.
func (k SigningKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
