package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"net/http"

	"github.com/golang-jwt/jwt/v5"
)

// idpKey is a key that an IDP signs with.
type idpKey struct {
	id     string
	method jwt.SigningMethod
	signer crypto.Signer
}

// newIDPKey makes a key for an algorithm: ES256, or RS256 for everything else.
func newIDPKey(algorithm string) (idpKey, error) {
	id := rand.Text()[:8]
	if algorithm == ES256 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return idpKey{id, jwt.SigningMethodES256, key}, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return idpKey{id, jwt.SigningMethodRS256, key}, err
}

// jwk is the public half as RFC 7517 has it.
func (k idpKey) jwk() map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	m := map[string]any{"kid": k.id, "alg": k.method.Alg(), "use": "sig"}
	switch pub := k.signer.Public().(type) {
	case *rsa.PublicKey:
		e := binary.BigEndian.AppendUint32(nil, uint32(pub.E)) // #nosec G115 -- 65537
		m["kty"], m["n"], m["e"] = "RSA", b64(pub.N.Bytes()), b64(e[1:])
	case *ecdsa.PublicKey:
		if point, err := pub.Bytes(); err == nil { // 4, x, y: 65 bytes
			m["kty"], m["crv"], m["x"], m["y"] = "EC", "P-256", b64(point[1:33]), b64(point[33:])
		}
	}
	return m
}

// Rotate makes a new key, for Algorithm as it is now, and signs with it from now on. The
// old ones stay published until Retire.
func (p *IDP) Rotate() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.current(); err != nil { // there is an old one
		return err
	}
	k, err := newIDPKey(p.Algorithm)
	if err != nil {
		return err
	}
	p.keys = append([]idpKey{k}, p.keys...)
	return nil
}

// Retire takes all keys but the newest away. What they have signed is void.
func (p *IDP) Retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = p.keys[:min(1, len(p.keys))]
}

// current is the key to sign with; p.mu is held. The first is made when it is needed:
// whoever sets Algorithm after NewIDP waits for one key only.
func (p *IDP) current() (idpKey, error) {
	if len(p.keys) == 0 {
		k, err := newIDPKey(p.Algorithm)
		if err != nil {
			return idpKey{}, err
		}
		p.keys = []idpKey{k}
	}
	return p.keys[0], nil
}

// decoy is a key of an attacker's, of the same kind as another; p.mu is held.
func (p *IDP) decoy(algorithm string) (idpKey, error) {
	if k, ok := p.decoys[algorithm]; ok {
		return k, nil
	}
	k, err := newIDPKey(algorithm)
	if err == nil {
		p.decoys[algorithm] = k
	}
	return k, err
}

// signingKeys are the key to sign with and the attacker's.
func (p *IDP) signingKeys(lying bool) (key, decoy idpKey, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key, err = p.current(); err == nil && lying {
		decoy, err = p.decoy(key.method.Alg())
	}
	return key, decoy, err
}

// jwks publishes the keys.
func (p *IDP) jwks(w http.ResponseWriter, _ *http.Request, lies told) {
	_, decoy, err := p.signingKeys(lies[LieKidAbsentOfTwo])
	if err != nil {
		writeError(w, http.StatusInternalServerError, oauthError{"server_error", err.Error()})
		return
	}
	p.mu.Lock()
	list := []map[string]any{}
	for _, k := range p.keys {
		list = append(list, k.jwk())
	}
	p.mu.Unlock()
	if lies[LieKidAbsentOfTwo] {
		list = append([]map[string]any{decoy.jwk()}, list...)
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": list})
}
