package authtest_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

// What passes at registration may still be useless: this is what the key is good for then.
func TestKeysThatGoWebauthnLetsPass(t *testing.T) {
	for lie, want := range map[authtest.PasskeyLie]string{
		authtest.PasskeyKeyAlgOther:   "Unsupported EC2 algorithm",
		authtest.PasskeyKeyOffCurve:   "EC2 key point is not on curve",
		authtest.PasskeyKeyCurveOther: "must specify curve P-256 but it specified curve P-384",
		authtest.PasskeyKeyExponent1:  "crypto/rsa: public exponent too small",
		authtest.PasskeyKeyRSA1024:    "",
		authtest.PasskeyPackedSelf:    "",
		authtest.PasskeyCopiesOther:   "",
	} {
		p, a, spki, failed := tellOne(t, "create", lie)
		if failed != nil {
			t.Fatal(failed)
		}
		registered := p.user.keys[0]
		_, refused, failed := p.signIn(t, a, false)
		if refused != nil || (failed == nil) != (want == "") || failed != nil && !strings.Contains(failed.Error(), want) {
			t.Errorf("%s: signing in ends with %v, %v, want %q", lie, refused, failed, want)
		}
		public, err := x509.ParsePKIXPublicKey(lenient(t, spki))
		if err != nil {
			t.Fatal(err)
		}
		switch lie {
		case authtest.PasskeyKeyRSA1024:
			if k, ok := public.(*rsa.PublicKey); !ok || k.N.BitLen() != 1024 {
				t.Errorf("%s: the key is %v", lie, public)
			}
		case authtest.PasskeyKeyExponent1:
			if !bytes.Equal(lenient(t, p.read(t).Response.Signature), encodedMessage(t, p.read(t))) {
				t.Errorf("%s: the signature is not the hash itself", lie)
			}
		case authtest.PasskeyPackedSelf:
			if registered.AttestationFormat != "packed" {
				t.Errorf("%s: attested by %s", lie, registered.AttestationFormat)
			}
		case authtest.PasskeyCopiesOther:
			point, err := public.(*ecdsa.PublicKey).Bytes()
			if err != nil || bytes.Contains(registered.PublicKey, point[1:33]) || !bytes.Contains(registered.Attestation.AuthenticatorData, point[1:33]) {
				t.Errorf("%s: the copies are of the key", lie)
			}
		}
	}
}

// encodedMessage is what RSA would encrypt, taken from the signature of another key.
func encodedMessage(t *testing.T, r response) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sum := signedHash(t, r)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	m := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(int64(key.E)), key.N)
	return m.FillBytes(make([]byte, key.Size()))
}

// signedHash is the hash of what a signature is over.
func signedHash(t *testing.T, r response) [32]byte {
	t.Helper()
	client := sha256.Sum256(lenient(t, r.Response.ClientDataJSON))
	return sha256.Sum256(append(lenient(t, r.Response.AuthenticatorData), client[:]...))
}

// A site that offers what it should not gets it.
func TestAlgorithmsThatNobodyShouldOffer(t *testing.T) {
	for lie, row := range map[authtest.PasskeyLie]struct {
		algorithm int
		want      string
	}{
		authtest.PasskeyKeyRS1:   {-65535, ""},
		authtest.PasskeyKeyEd448: {-53, "unsupported algorithm"},
	} {
		p, a := newParty(t), authtest.NewAuthenticator()
		p.offered = offer(-7, row.algorithm)
		a.Lie(lie)
		if _, refused, failed := p.register(t, a); refused != nil || failed != nil {
			t.Fatalf("%s: %v, %v", lie, refused, failed)
		}
		if got := a.Credentials()[0].Algorithm; got != row.algorithm {
			t.Errorf("%s: the algorithm is %d", lie, got)
		}
		_, refused, failed := p.signIn(t, a, false)
		if refused != nil || (failed == nil) != (row.want == "") || failed != nil && !strings.Contains(failed.Error(), row.want) {
			t.Errorf("%s: signing in ends with %v, %v", lie, refused, failed)
		}
	}
}
