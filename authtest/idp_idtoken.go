package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// draft is an ID token before it is signed. Lies change it.
type draft struct {
	issuer     string
	client     IDPClient
	key, decoy idpKey // the provider's, and an attacker's; the second only for lies
	header     map[string]any
	claims     map[string]any
	before     string // members that stand before the claims, for names that stand twice
	method     jwt.SigningMethod
	with       any // the key for method
	spoil      func(signature string) string
}

// idToken makes one, as OpenID Connect Core has it in sections 2 and 12.2.
func (p *IDP) idToken(g *grant, access string, refreshed bool, now time.Time, lies told) (string, error) {
	key, decoy, err := p.signingKeys(len(lies) > 0)
	if err != nil {
		return "", err
	}
	claims := g.who.claims(g.scope)
	fixed := map[string]any{
		"iss": p.issuer, "aud": g.client.ID, "iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(), "at_hash": halfHash(access),
	}
	if g.maxAge >= 0 {
		fixed["auth_time"] = g.authTime.Unix()
	}
	if g.raw.Has("nonce") && !refreshed {
		fixed["nonce"] = g.nonce
	}
	for name, value := range fixed {
		if _, own := g.who.More[name]; !own {
			claims[name] = value
		}
	}
	d := &draft{
		issuer: p.issuer, client: g.client, key: key, decoy: decoy, claims: claims,
		header: map[string]any{"typ": "JWT", "alg": key.method.Alg(), "kid": key.id},
		method: key.method, with: key.signer,
	}
	lies.email(d.claims)
	for _, l := range lies.inOrder() {
		d.tellClaim(l, now)
		d.tellWho(l)
		if err := d.tellSignature(l); err != nil {
			return "", err
		}
	}
	return d.sign()
}

// sign writes the parts and the signature. The JSON is written here and not by the JWT
// library, which would not write everything that a liar does.
func (d *draft) sign() (string, error) {
	header, err := json.Marshal(d.header)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(d.claims)
	if err != nil {
		return "", err
	}
	if d.before != "" {
		claims = append([]byte("{"+d.before+","), claims[1:]...)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64(header) + "." + b64(claims)
	signature := ""
	if d.method != nil {
		sum, err := d.method.Sign(text, d.with)
		if err != nil {
			return "", err
		}
		signature = b64(sum)
	}
	if d.spoil != nil {
		signature = d.spoil(signature)
	}
	return text + "." + signature, nil
}

// halfHash is at_hash: OpenID Connect Core, section 3.1.3.6.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}
