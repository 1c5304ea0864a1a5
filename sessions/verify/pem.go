package verify

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// parsePublic reads the one public key of a PEM text.
func parsePublic(text []byte) (crypto.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM block found")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("more follows the first PEM block: give one key")
	}
	var (
		public crypto.PublicKey
		err    error
	)
	switch {
	case block.Type == "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("a private key: whoever verifies needs the public one (openssl pkey -pubout)")
	case block.Type == "CERTIFICATE":
		return nil, errors.New("a certificate: give the public key in it (openssl x509 -pubkey -noout)")
	default:
		return nil, errors.New("the PEM block is not a PUBLIC KEY")
	}
	if err != nil {
		return nil, fmt.Errorf("the PEM block cannot be read: %w", err)
	}
	return public, nil
}
