package passkey

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"errors"
	"math/big"
	"slices"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// minRSA is the least length of an RSA key, in bits (NIST SP 800-131A).
const minRSA = 2048

var errKey = errors.New("passkey: a public key of a kind that is not taken")

// checkKey refuses a public key (a COSE_Key, RFC 9052, section 7) that nobody should trust
// a signature of: of another algorithm than was offered, off its curve, or too short.
func checkKey(raw []byte) error {
	key, err := webauthncose.ParsePublicKey(raw)
	if err != nil {
		return errors.Join(errKey, err)
	}
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData:
		if !isFor(k.PublicKeyData, webauthncose.AlgES256) || webauthncose.COSEEllipticCurve(k.Curve) != webauthncose.P256 || len(k.XCoord) != 32 || len(k.YCoord) != 32 {
			return errKey
		}
		if _, err := ecdh.P256().NewPublicKey(slices.Concat([]byte{4}, k.XCoord, k.YCoord)); err != nil {
			return errors.Join(errKey, err)
		}
	case webauthncose.OKPPublicKeyData:
		if !isFor(k.PublicKeyData, webauthncose.AlgEdDSA) || webauthncose.COSEEllipticCurve(k.Curve) != webauthncose.Ed25519 || len(k.XCoord) != ed25519.PublicKeySize {
			return errKey
		}
	case webauthncose.RSAPublicKeyData:
		e := new(big.Int).SetBytes(k.Exponent)
		if !isFor(k.PublicKeyData, webauthncose.AlgRS256) || new(big.Int).SetBytes(k.Modulus).BitLen() < minRSA || e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0 {
			return errKey
		}
	default:
		return errKey
	}
	return nil
}

// isFor tells whether a key says that it is for an algorithm: its kind has to be able to.
func isFor(k webauthncose.PublicKeyData, algorithm webauthncose.COSEAlgorithmIdentifier) bool {
	return webauthncose.COSEAlgorithmIdentifier(k.Algorithm) == algorithm
}
