package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

const (
	maxID      = 64   // bytes of a key id, a subject, a token's or a session's id
	minRSABits = 2048 // RFC 7518, section 3.3
)

// Key verifies the tokens that name its id, by its one algorithm. Make one with
// [HS256], [RS256], [ES256], [EdDSA] or [KeyFrom]; the zero Key is refused by [New]. It
// prints as algorithm and id, never as the key.
type Key struct{ k *key }

type key struct {
	id     string
	method jwt.SigningMethod
	// value is what method verifies with: []byte, *rsa.PublicKey, *ecdsa.PublicKey or
	// ed25519.PublicKey. It is behind a pointer of its own, because for a verb that a
	// pointer has not (%s) fmt prints the structure behind it.
	value *any
}

// check tells whether a signature is this key's.
func (k *key) check(input string, signature []byte) bool {
	return k.method.Verify(input, signature, *k.value) == nil
}

func (k *key) symmetric() bool { return k.method == jwt.SigningMethodHS256 }

// HS256 returns the key for HMAC-SHA-256 with a secret of at least 32 random bytes;
// placeholders, repetitions and secrets out of manuals are refused. An id of "" is
// derived from the secret, which it does not tell. Whoever can verify can sign.
func HS256(id string, secret []byte) (Key, error) {
	if err := checkSecret(secret); err != nil {
		return Key{}, fmt.Errorf("verify: HS256 secret %w: %s", err, cureSecret)
	}
	secret = append([]byte(nil), secret...)
	if id == "" {
		id = secretID(secret)
	}
	return newKey(id, jwt.SigningMethodHS256, secret)
}

// RS256 returns the key for RSA PKCS #1 v1.5 with SHA-256 from a public key of at least
// 2048 bits in PEM, as PKIX ("PUBLIC KEY") or PKCS #1 ("RSA PUBLIC KEY"). An id of ""
// is the key's thumbprint (RFC 7638).
func RS256(id string, pem []byte) (Key, error) { return fromPEM("RS256", id, pem) }

// RS256File is [RS256] with the PEM in a file.
func RS256File(id, path string) (Key, error) { return fromFile("RS256", id, path) }

// ES256 returns the key for ECDSA on the curve P-256 with SHA-256 from a public key in
// PEM ("PUBLIC KEY"). An id of "" is the key's thumbprint (RFC 7638).
func ES256(id string, pem []byte) (Key, error) { return fromPEM("ES256", id, pem) }

// ES256File is [ES256] with the PEM in a file.
func ES256File(id, path string) (Key, error) { return fromFile("ES256", id, path) }

// EdDSA returns the key for Ed25519 from a public key in PEM ("PUBLIC KEY"). An id of
// "" is the key's thumbprint (RFC 8037, appendix A.3).
func EdDSA(id string, pem []byte) (Key, error) { return fromPEM("EdDSA", id, pem) }

// EdDSAFile is [EdDSA] with the PEM in a file.
func EdDSAFile(id, path string) (Key, error) { return fromFile("EdDSA", id, path) }

// KeyFrom returns the key of a public key at hand: RS256 for an *rsa.PublicKey, ES256
// for an *ecdsa.PublicKey on P-256, EdDSA for an ed25519.PublicKey. An id of "" is the
// key's thumbprint.
func KeyFrom(id string, public crypto.PublicKey) (Key, error) {
	method, err := methodOf(public)
	if err != nil {
		return Key{}, fmt.Errorf("verify: %w", err)
	}
	if id == "" {
		id = thumbprint(public)
	}
	return newKey(id, method, public)
}

// methodOf names the one algorithm of a public key that is fit for it.
func methodOf(public crypto.PublicKey) (jwt.SigningMethod, error) {
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p == nil || p.N == nil || p.N.BitLen() < minRSABits || p.E < 3 || p.E%2 == 0 {
			return nil, fmt.Errorf("RSA key is not usable: it needs at least %d bits and an odd exponent", minRSABits)
		}
		return jwt.SigningMethodRS256, nil
	case *ecdsa.PublicKey:
		if p == nil || p.Curve != elliptic.P256() {
			return nil, errors.New("ECDSA key is not on P-256, the only curve of ES256")
		}
		if _, err := p.ECDH(); err != nil {
			return nil, errors.New("ECDSA key is not a point of P-256")
		}
		return jwt.SigningMethodES256, nil
	case ed25519.PublicKey:
		if len(p) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("Ed25519 key has %d bytes, needs %d", len(p), ed25519.PublicKeySize)
		}
		return jwt.SigningMethodEdDSA, nil
	}
	return nil, fmt.Errorf("%T is no public key for RS256, ES256 or EdDSA", public)
}

func newKey(id string, method jwt.SigningMethod, value any) (Key, error) {
	if !validKeyID(id) {
		return Key{}, fmt.Errorf("verify: key id must have 1 to %d characters of printable ASCII without space, quote and backslash; leave it empty for a derived one", maxID)
	}
	return Key{&key{id: id, method: method, value: &value}}, nil
}

// validKeyID keeps ids such that they stand in JSON and in logs as they are.
func validKeyID(id string) bool {
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

func fromPEM(algorithm, id string, text []byte) (Key, error) {
	public, err := parsePublic(text)
	if err != nil {
		return Key{}, fmt.Errorf("verify: %s key: %w", algorithm, err)
	}
	k, err := KeyFrom(id, public)
	if err != nil {
		return Key{}, err
	}
	if k.Algorithm() != algorithm {
		return Key{}, fmt.Errorf("verify: the key is for %s, not for %s", k.Algorithm(), algorithm)
	}
	return k, nil
}

func fromFile(algorithm, id, path string) (Key, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the host names its own file
	if err != nil {
		return Key{}, fmt.Errorf("verify: %s key: %w", algorithm, err)
	}
	return fromPEM(algorithm, id, text)
}

// ID is the key id (kid) that tokens name. It is public.
func (k Key) ID() string {
	if k.k == nil {
		return ""
	}
	return k.k.id
}

// Algorithm is the one algorithm (alg) that the key verifies; "" for the zero Key.
func (k Key) Algorithm() string {
	if k.k == nil {
		return ""
	}
	return k.k.method.Alg()
}

// String is the algorithm and the id.
func (k Key) String() string { return strings.TrimSpace(k.Algorithm() + " " + k.ID()) }

// Format writes what String returns for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is what String returns, for log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is what String returns, also for encoding/json.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
