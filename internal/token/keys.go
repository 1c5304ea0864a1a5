package token

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// MinSecret is the least length of a secret given to NewKeys, in bytes.
const MinSecret = 32

// minDistinct is how many different bytes a secret must have. It catches
// zeroes and placeholders ("testtest…"), not weak secrets in general; fewer
// than six among 32 random hexadecimal digits happens once in 10^12.
const minDistinct = 6

// Purpose names what a key is for. Each purpose has keys of its own, so that
// a value made for one is refused for every other. A new purpose is a new
// constant here, without a slash; renaming one invalidates all its values.
type Purpose string

// The purposes in use.
const (
	PurposeCode       Purpose = "code"       // short codes sent by mail
	PurposeChallenge  Purpose = "challenge"  // state of a ceremony under way
	PurposeBlob       Purpose = "blob"       // sealed database columns
	PurposeCookie     Purpose = "cookie"     // cookies signed or sealed
	PurposeIdentifier Purpose = "identifier" // identifiers of unknown accounts in events
	PurposeJWT        Purpose = "jwt"        // JSON Web Tokens of this application alone
	PurposeHandle     Purpose = "handle"     // what authenticators know users as
)

// Keys is a ring of keys derived from the host's secrets: the first signs and
// seals, all verify and open. It never changes, is safe for concurrent use,
// and prints as "[redacted]". Make one with NewKeys; the zero Keys verifies
// and opens nothing, and panics when asked to sign or seal.
type Keys struct {
	ring []*key
}

type key struct {
	id string // public
	// prk is the HKDF pseudorandom key (RFC 5869, section 2.2), behind a function:
	// fmt looks through the unexported fields of whatever holds a Keys, slices and,
	// for some verbs, pointers among them, but prints only the address of a function.
	prk func() []byte
}

// NewKeys makes the ring from secrets, newest first. There must be at least
// one, each of MinSecret random bytes or more; the error names every secret
// that will not do. To rotate, put a new secret first, and drop the old one
// when everything made under it has expired or been sealed again: it is
// refused from then on. NewKeys keeps nothing of its argument.
func NewKeys(secrets [][]byte) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("token: no secret: " + cure)
	}
	var errs []error
	ring := make([]*key, 0, len(secrets))
	for i, secret := range secrets {
		k, err := newKey(secret)
		if err != nil {
			errs = append(errs, fmt.Errorf("token: secret %d %w: %s", i, err, cure))
		}
		ring = append(ring, k)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Keys{ring: ring}, nil
}

const cure = "make one with `openssl rand -base64 32` and keep it outside the database"

func newKey(secret []byte) (*key, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("has %d bytes, needs at least %d", len(secret), MinSecret)
	}
	distinct := make(map[byte]struct{}, minDistinct)
	for _, b := range secret {
		distinct[b] = struct{}{}
	}
	if len(distinct) < minDistinct {
		return nil, fmt.Errorf("repeats %d byte values and is not random", len(distinct))
	}
	prk, err := hkdf.Extract(sha256.New, secret, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot be used: %w", err)
	}
	k := &key{prk: func() []byte { return prk }}
	// Outside "torii/v1/", where no purpose can ask for the same bytes.
	k.id = hex.EncodeToString(k.expand("torii/kid/v1", 8))
	return k, nil
}

// Derived is one key of the ring for use outside of this package.
type Derived struct {
	// ID is public; it names the key in what the key signed.
	ID string
	// Key is 32 bytes.
	Key []byte
}

// Derive returns the keys of a purpose, the newest first, for algorithms that this
// package does not have. They are apart from those that MAC and Seal use.
func (k *Keys) Derive(p Purpose) []Derived {
	list := make([]Derived, len(k.ring))
	for i, key := range k.ring {
		list[i] = Derived{ID: key.id, Key: key.expand("torii/v1/"+string(p)+"/derived", sha256.Size)}
	}
	return list
}

// expand derives n bytes for a label.
func (k *key) expand(label string, n int) []byte {
	b, err := hkdf.Expand(sha256.New, k.prk(), label, n)
	if err != nil {
		// RFC 5869 allows 255 × 32 bytes; ours are at most 32.
		panic("token: " + err.Error())
	}
	return b
}

// join writes parts one after the other, each behind its length, so that no
// two lists of parts give the same bytes.
func join[T ~string | ~[]byte](parts ...T) []byte {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// String returns "[redacted]".
func (Keys) String() string { return redacted }

// GoString returns "[redacted]".
func (Keys) GoString() string { return redacted }

// Format writes "[redacted]" for every verb that asks it.
func (Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns "[redacted]" for log/slog.
func (Keys) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Keys) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]".
func (Keys) MarshalText() ([]byte, error) { return []byte(redacted), nil }
