package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // #nosec G505 -- for a lie
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"slices"
)

// Labels and values of COSE keys (RFC 9052 section 7, RFC 9053 section 7).
const (
	coseKty = 1
	coseAlg = 3
	coseOKP = 1
	coseEC2 = 2
	coseRSA = 3
)

// passkeyKey is a key pair. It does not change.
type passkeyKey struct {
	algorithm int // as it says of itself
	signer    crypto.Signer
	cose      []cborPair
	sign      func(data []byte) ([]byte, error)
}

func cosePair(label int, value []byte) cborPair { return cborPair{cborInt(label), value} }

func (k *passkeyKey) encoded() []byte { return cborMap(k.cose...) }

// spki is the public half as browsers hand it out.
func (k *passkeyKey) spki() ([]byte, error) { return x509.MarshalPKIXPublicKey(k.signer.Public()) }

// newKey makes an honest key.
func newKey(algorithm int) (*passkeyKey, error) {
	switch algorithm {
	case CoseES256:
		return newEC(elliptic.P256(), 1)
	case CoseEdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return okp(algorithm, 6, private.Public().(ed25519.PublicKey), private), nil
	case CoseRS256:
		return newRSA(2048)
	}
	return nil, fmt.Errorf("%w: %d", ErrNotSupported, algorithm)
}

func okp(algorithm, curve int, x []byte, private ed25519.PrivateKey) *passkeyKey {
	return &passkeyKey{
		algorithm: algorithm, signer: private,
		cose: []cborPair{
			cosePair(coseKty, cborInt(coseOKP)), cosePair(coseAlg, cborInt(algorithm)),
			cosePair(-1, cborInt(curve)), cosePair(-2, cborBytes(x)),
		},
		sign: func(data []byte) ([]byte, error) { return ed25519.Sign(private, data), nil },
	}
}

// newEC makes a key that says ES256, on whatever curve.
func newEC(curve elliptic.Curve, number int) (*passkeyKey, error) {
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return nil, err
	}
	point, err := private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, err
	}
	half := 1 + len(point)/2
	return &passkeyKey{
		algorithm: CoseES256, signer: private,
		cose: []cborPair{
			cosePair(coseKty, cborInt(coseEC2)), cosePair(coseAlg, cborInt(CoseES256)),
			cosePair(-1, cborInt(number)), cosePair(-2, cborBytes(point[1:half])), cosePair(-3, cborBytes(point[half:])),
		},
		sign: func(data []byte) ([]byte, error) {
			sum := sha256.Sum256(data)
			return ecdsa.SignASN1(rand.Reader, private, sum[:])
		},
	}, nil
}

func newRSA(bits int) (*passkeyKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, err
	}
	e := binary.BigEndian.AppendUint32(nil, uint32(private.E)) // #nosec G115 -- 65537
	return &passkeyKey{
		algorithm: CoseRS256, signer: private,
		cose: []cborPair{
			cosePair(coseKty, cborInt(coseRSA)), cosePair(coseAlg, cborInt(CoseRS256)),
			cosePair(-1, cborBytes(private.N.Bytes())), cosePair(-2, cborBytes(e[1:])),
		},
		sign: func(data []byte) ([]byte, error) {
			sum := sha256.Sum256(data)
			return rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
		},
	}, nil
}

// newKeyLike is another key of the same kind.
func newKeyLike(k *passkeyKey) (*passkeyKey, error) {
	switch k.signer.(type) {
	case ed25519.PrivateKey:
		return newKey(CoseEdDSA)
	case *rsa.PrivateKey:
		return newKey(CoseRS256)
	}
	return newKey(CoseES256)
}

// makeKey is newKey, unless a lie is about the key. What it signs later is right by the
// key as far as that can be: whoever takes the key is then signed in with it.
func makeKey(algorithm int, offered []int, lies passkeyTold) (*passkeyKey, error) {
	k, err := newKeyFor(algorithm, lies)
	if err != nil {
		return nil, err
	}
	say := func(n int) { k.algorithm, k.cose[1].value = n, cborInt(n) }
	private, isRSA := k.signer.(*rsa.PrivateKey)
	switch {
	case lies[PasskeyKeyRS1] && isRSA:
		say(-65535)
		k.sign = func(data []byte) ([]byte, error) {
			sum := sha1.Sum(data) // #nosec G401 -- the lie
			return rsa.SignPKCS1v15(nil, private, crypto.SHA1, sum[:])
		}
	case lies[PasskeyKeyExponent1] && isRSA:
		k.cose[3].value = cborBytes([]byte{1})
		k.sign = func(data []byte) ([]byte, error) { return unsignedRSA(data, private.Size()), nil }
	case lies[PasskeyKeyOffCurve]:
		y := slices.Clone(k.cose[4].value)
		y[len(y)-1] ^= 1
		k.cose[4].value = y
	case lies[PasskeyKeyAlgMissing]:
		k.algorithm, k.cose = 0, slices.Delete(k.cose, 1, 2)
	case lies[PasskeyKeyAlgOther]:
		say(anotherOf(k.algorithm, offered))
	case lies[PasskeyKeyTwice]:
		k.cose = slices.Insert(k.cose, 1, k.cose[0])
	}
	return k, nil
}

// newKeyFor is newKey where a lie does not need another kind of key.
func newKeyFor(algorithm int, lies passkeyTold) (*passkeyKey, error) {
	switch {
	case lies[PasskeyKeyEd448]:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return okp(-53, 7, random(57), private), err
	case lies[PasskeyKeyRS1], lies[PasskeyKeyExponent1]:
		return newRSA(2048)
	case lies[PasskeyKeyRSA1024]:
		return newRSA(1024)
	case lies[PasskeyKeyOffCurve]:
		return newEC(elliptic.P256(), 1)
	case lies[PasskeyKeyCurveOther]:
		return newEC(elliptic.P384(), 2)
	}
	return newKey(algorithm)
}

// anotherOf is an algorithm that is offered too, so that only the key's kind tells.
func anotherOf(algorithm int, offered []int) int {
	for _, n := range append(offered, CoseRS256, CoseES256) {
		if n != algorithm && slices.Contains([]int{CoseES256, CoseEdDSA, CoseRS256}, n) {
			return n
		}
	}
	return algorithm
}

// unsignedRSA is what anybody can make where the exponent is 1: the padded hash itself
// (RFC 8017 section 9.2).
func unsignedRSA(data []byte, size int) []byte {
	sum := sha256.Sum256(data)
	info := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	end := slices.Concat([]byte{0}, info, sum[:])
	padded := slices.Concat([]byte{0, 1}, slices.Repeat([]byte{0xff}, size-2-len(end)), end)
	return padded
}
