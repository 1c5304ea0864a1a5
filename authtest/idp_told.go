package authtest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	liar   = "https://liar.example"
	markup = `<script>document.title="markup"</script>`
)

// told are the lies that a request is answered with. It does not change.
type told map[Lie]bool

// Lie has the provider tell these lies from now on, and no others. Without any it is
// honest again.
func (p *IDP) Lie(lies ...Lie) {
	t := told{}
	for _, l := range lies {
		t[l] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lies = t
	select {
	case <-p.gate: // an earlier Release is over
		p.gate = make(chan struct{})
	default:
	}
}

func (p *IDP) telling() told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lies
}

func (t told) inOrder() []Lie { return slices.Sorted(maps.Keys(t)) }

// tellClaim lies about everything but the person.
func (d *draft) tellClaim(l Lie, now time.Time) {
	c, me, hour := d.claims, d.client.ID, int64(time.Hour/time.Second)
	switch l {
	case LieIssOther:
		c["iss"] = liar
	case LieIssMissing:
		delete(c, "iss")
	case LieIssSlash:
		c["iss"] = d.issuer + "/"
	case LieAudOther:
		c["aud"] = "another-client"
	case LieAudMissing:
		delete(c, "aud")
	case LieAudArray:
		c["aud"] = []string{me}
	case LieAudArrayOther:
		c["aud"] = []string{"another-client", "a-third-client"}
	case LieAzpOther:
		c["aud"], c["azp"] = []string{me, "another-client"}, "another-client"
	case LieAzpMissing:
		c["aud"] = []string{me, "another-client"}
	case LieAzpOtherAlone:
		c["azp"] = "another-client"
	case LieExpPast:
		c["exp"], c["iat"] = now.Unix()-hour, now.Unix()-2*hour
	case LieExpMissing:
		delete(c, "exp")
	case LieExpZero:
		c["exp"] = 0
	case LieIatMissing:
		delete(c, "iat")
	case LieIatFuture:
		c["iat"], c["exp"] = now.Unix()+hour, now.Unix()+2*hour
	case LieNonceOther:
		c["nonce"] = secret()
	case LieNonceMissing:
		delete(c, "nonce")
	case LieAtHashOther:
		c["at_hash"] = halfHash(secret())
	case LieAuthTimeMissing:
		delete(c, "auth_time")
	case LieAuthTimePast:
		c["auth_time"] = now.Unix() - 24*hour
	case LieAuthTimeFuture:
		c["auth_time"] = now.Unix() + hour
	}
}

// tellWho lies about the person.
func (d *draft) tellWho(l Lie) {
	switch l {
	case LieSubMissing:
		delete(d.claims, "sub")
	case LieSubEmpty:
		d.claims["sub"] = ""
	case LieSubNumber:
		d.claims["sub"] = 123
	case LieSubLong:
		d.claims["sub"] = strings.Repeat("s", 300)
	case LieSubTwice:
		d.before = `"sub":"somebody-else"`
	}
}

// tellSignature signs otherwise.
func (d *draft) tellSignature(l Lie) error {
	hmac := func(key []byte) {
		d.method, d.with = jwt.SigningMethodHS256, key
		d.header["alg"] = "HS256"
	}
	switch l {
	case LieAlgNone:
		d.method, d.header["alg"] = nil, "none"
		delete(d.header, "kid")
	case LieHS256Secret:
		hmac([]byte(d.client.Secret))
	case LieHS256PublicKey:
		der, err := x509.MarshalPKIXPublicKey(d.key.signer.Public())
		if err != nil {
			return err
		}
		hmac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	case LieKeyOther:
		d.with = d.decoy.signer
	case LieKidUnknown:
		d.with, d.header["kid"] = d.decoy.signer, d.decoy.id
	case LieKidAbsent, LieKidAbsentOfTwo:
		delete(d.header, "kid")
	case LieKeyInHeader:
		d.with, d.header["kid"], d.header["jwk"] = d.decoy.signer, d.decoy.id, d.decoy.jwk()
	case LieSignatureBad:
		d.spoil = func(s string) string {
			sum, _ := base64.RawURLEncoding.DecodeString(s) // sign has encoded it
			if len(sum) > 0 {
				sum[len(sum)/2] ^= 1
			}
			return base64.RawURLEncoding.EncodeToString(sum)
		}
	case LieSignatureMissing:
		d.spoil = func(string) string { return "" }
	case LieCritUnknown:
		d.header["crit"], d.header["example"] = []string{"example"}, true
	}
	return nil
}

// email lies about the address, where there is one.
func (t told) email(claims map[string]any) {
	address, ok := claims["email"]
	if !ok {
		return
	}
	switch {
	case t[LieEmailVerifiedString]:
		claims["email_verified"] = "true"
	case t[LieEmailVerifiedNumber]:
		claims["email_verified"] = 1
	case t[LieEmailVerifiedNull]:
		claims["email_verified"] = nil
	case t[LieEmailVerifiedMissing]:
		delete(claims, "email_verified")
	case t[LieEmailList]:
		claims["email"] = []any{address, "second@liar.example"}
	}
}

// userInfo lies about whom userinfo is about.
func (t told) userInfo(claims map[string]any) {
	switch {
	case t[LieUserInfoSubOther]:
		claims["sub"] = "somebody-else"
	case t[LieUserInfoSubMissing]:
		delete(claims, "sub")
	}
}

// tokenAnswer lies in the token endpoint's answer.
func (t told) tokenAnswer(answer map[string]any) {
	switch {
	case t[LieTokenNoIDToken]:
		delete(answer, "id_token")
	case t[LieTokenNoAccessToken]:
		delete(answer, "access_token")
	case t[LieTokenTypeOther]:
		answer["token_type"] = "liar"
	}
}

// callback lies in what the browser brings back.
func (t told) callback(p *IDP, v url.Values) {
	switch {
	case t[LieCallbackIssOther]:
		v.Set("iss", liar)
	case t[LieCallbackIssMissing]:
		v.Del("iss")
	case t[LieCallbackIssTwice]:
		v["iss"] = []string{p.issuer, liar}
	case t[LieCallbackStateOther]:
		v.Set("state", secret())
	case t[LieCallbackStateMissing]:
		v.Del("state")
	case t[LieCallbackCodeMissing]:
		v.Del("code")
	case t[LieCallbackMarkup]:
		v.Del("code")
		v.Set("error", "server_error")
		v.Set("error_description", markup)
	}
}
