package passkey_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// seeded is n bytes that are the same each time.
func seeded(seed string, n int) []byte {
	var b []byte
	for i := uint32(0); len(b) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte(seed), i))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

// vectorKey is a key pair as an authenticator has it.
type vectorKey struct {
	algorithm int
	cose      []byte
	sign      func(data []byte) []byte
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keyOf makes the key of an algorithm that a seed has.
func keyOf(t testing.TB, algorithm int, seed string) vectorKey {
	t.Helper()
	switch algorithm {
	case -7:
		return ecKey(t, algorithm, 1, elliptic.P256(), crypto.SHA256, seed)
	case -35:
		return ecKey(t, algorithm, 2, elliptic.P384(), crypto.SHA384, seed)
	case -36:
		return ecKey(t, algorithm, 3, elliptic.P521(), crypto.SHA512, seed)
	case -8:
		private := ed25519.NewKeyFromSeed(seeded(seed, ed25519.SeedSize))
		return vectorKey{
			algorithm: algorithm,
			cose:      encoded(t, map[int]any{1: 1, 3: algorithm, -1: 6, -2: []byte(private.Public().(ed25519.PublicKey))}),
			sign:      func(data []byte) []byte { return ed25519.Sign(private, data) },
		}
	case -53: // nothing here signs with Ed448: it has to be refused before
		return vectorKey{
			algorithm: algorithm,
			cose:      encoded(t, map[int]any{1: 1, 3: algorithm, -1: 7, -2: seeded(seed, 57)}),
			sign:      func([]byte) []byte { return seeded(seed, 114) },
		}
	}
	private := rsaKey(t, seed)
	return vectorKey{
		algorithm: algorithm,
		cose:      encoded(t, map[int]any{1: 3, 3: algorithm, -1: private.N.Bytes(), -2: []byte{1, 0, 1}}),
		sign:      func(data []byte) []byte { return signedBy(t, private, crypto.SHA256, data) },
	}
}

func ecKey(t testing.TB, algorithm, number int, curve elliptic.Curve, hash crypto.Hash, seed string) vectorKey {
	t.Helper()
	scalar := seeded(seed, (curve.Params().BitSize+7)/8)
	scalar[0] = 0 // below the order
	private, err := ecdsa.ParseRawPrivateKey(curve, scalar)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := 1 + len(point)/2
	return vectorKey{
		algorithm: algorithm,
		cose:      encoded(t, map[int]any{1: 2, 3: algorithm, -1: number, -2: point[1:half], -3: point[half:]}),
		sign:      func(data []byte) []byte { return signedBy(t, private, hash, data) },
	}
}

// signedBy signs without chance: RFC 6979, or PKCS #1 v1.5.
func signedBy(t testing.TB, private crypto.Signer, hash crypto.Hash, data []byte) []byte {
	t.Helper()
	h := hash.New()
	h.Write(data)
	signature, err := private.Sign(nil, h.Sum(nil), hash)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// rsaKey is one of 2048 bits whose primes a seed has.
func rsaKey(t testing.TB, seed string) *rsa.PrivateKey {
	t.Helper()
	one := big.NewInt(1)
	public := big.NewInt(65537)
	prime := func(name string) *big.Int {
		raw := seeded(seed+name, 128)
		raw[0] |= 0xc0
		p := new(big.Int).SetBytes(raw)
		p.SetBit(p, 0, 1)
		for !p.ProbablyPrime(20) || new(big.Int).GCD(nil, nil, public, new(big.Int).Sub(p, one)).Cmp(one) != 0 {
			p.Add(p, big.NewInt(2))
		}
		return p
	}
	p, q := prime("p"), prime("q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	private := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(public, phi), Primes: []*big.Int{p, q},
	}
	private.Precompute()
	if err := private.Validate(); err != nil {
		t.Fatal(err)
	}
	return private
}

// authenticatorData is that of section 6.1.
func authenticatorData(rpID string, flags byte, rest ...[]byte) []byte {
	hash := sha256.Sum256([]byte(rpID))
	return slices.Concat(hash[:], []byte{flags, 0, 0, 0, 0}, slices.Concat(rest...))
}
