package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/oauth"
)

// raw is a provider that writes each byte of its answers as a test wants it.
type raw struct {
	key     *ecdsa.PrivateKey
	keys    string                             // the key set, "" for the true one
	header  string                             // of the ID token
	claims  func(nonce string) string          // of the ID token
	sign    func(text, true string) string     // the signature, given what is signed and the true one
	nonce   string                             // of the last that began
	answers map[string]func() (string, string) // body and content type, by path
}

const rawIssuer = "https://raw.example"

func (p *raw) RoundTrip(r *http.Request) (*http.Response, error) {
	body, kind := "", "application/json"
	switch f := p.answers[r.URL.Path]; {
	case f != nil:
		body, kind = f()
	case r.URL.Path == "/jwks":
		body = p.keys
		if body == "" {
			body = `{"keys":[` + p.jwk("1") + `]}`
		}
	case r.URL.Path == "/token":
		body = `{"access_token":"a","token_type":"bearer","id_token":"` + p.token() + `"}`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: r,
	}, nil
}

func (p *raw) jwk(id string) string {
	point, _ := p.key.PublicKey.Bytes()
	enc := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":%q,"x":%q,"y":%q}`, id, enc(point[1:33]), enc(point[33:]))
}

func (p *raw) token() string {
	text := b64(p.header) + "." + b64(p.claims(p.nonce))
	sum, _ := jwt.SigningMethodES256.Sign(text, p.key)
	signature := base64.RawURLEncoding.EncodeToString(sum)
	if p.sign != nil {
		signature = p.sign(text, signature)
	}
	return text + "." + signature
}

// newRaw is an application at which a person of such a provider signs in.
func newRaw(t *testing.T) (*raw, *authtest.Site) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &raw{key: key, header: `{"alg":"ES256","kid":"1"}`, answers: map[string]func() (string, string){}}
	s := authtest.New(t, auth.Config{Providers: []auth.Provider{oauth.New(oauth.IDP{
		ID: "demo", Name: "Raw", ClientID: "client", ClientSecret: "secret", Issuer: rawIssuer, Algorithms: []string{"ES256", "RS256"},
		AuthURL: rawIssuer + "/authorize", TokenURL: rawIssuer + "/token", JWKSURL: rawIssuer + "/jwks", Transport: p,
	})}})
	p.claims = func(nonce string) string { return rawClaims(s, nonce, "") }
	return p, s
}

// rawClaims are true ones with more members behind them.
func rawClaims(s *authtest.Site, nonce, more string) string {
	now := s.Clock.Now().Unix()
	return fmt.Sprintf(`{"iss":%q,"aud":"client","sub":"ada","iat":%d,"exp":%d,"nonce":%q%s}`, rawIssuer, now, now+300, nonce, more)
}

func (p *raw) come(t *testing.T, s *authtest.Site) *authtest.Reply {
	t.Helper()
	b := s.Browser()
	to, r := begin(b, map[string]any{})
	u, err := url.Parse(to)
	if err != nil || r.Status != http.StatusOK {
		t.Fatal(r)
	}
	p.nonce = u.Query().Get("nonce")
	return back(b, authtest.Origin+"/auth/oauth/demo/callback?"+url.Values{"state": {u.Query().Get("state")}, "code": {"c"}}.Encode())
}

func TestAttackRawTokens(t *testing.T) {
	p, s := newRaw(t)
	if r := p.come(t, s); r.Code() != auth.ErrProfileRequired.Code { // no address, but somebody
		t.Fatalf("the true one: %v\n%s", r, s.Log())
	}
	past := func(s *authtest.Site) int64 { return s.Clock.Now().Add(-time.Hour).Unix() }
	for name, lie := range map[string]func(p *raw, s *authtest.Site){
		"another spelling of exp behind it": func(p *raw, s *authtest.Site) {
			p.claims = func(nonce string) string {
				return strings.Replace(rawClaims(s, nonce, fmt.Sprintf(`,"EXP":%d`, past(s)+7200)), fmt.Sprintf(`"exp":%d`, past(s)+3900), fmt.Sprintf(`"exp":%d`, past(s)), 1)
			}
		},
		"a claim twice": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string { return rawClaims(s, n, `,"sub":"eve"`) }
		},
		"a claim twice, escaped": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string { return rawClaims(s, n, `,"s\u0075b":"eve"`) }
		},
		"no UTF-8": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string { return rawClaims(s, n, ",\"x\":\"\xff\"") }
		},
		"half a surrogate": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string { return rawClaims(s, n, `,"x":"\ud800"`) }
		},
		"two claim sets": func(p *raw, s *authtest.Site) { p.claims = func(n string) string { return rawClaims(s, n, "") + "{}" } },
		"a list": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string { return "[" + rawClaims(s, n, "") + "]" }
		},
		"null": func(p *raw, _ *authtest.Site) { p.claims = func(string) string { return "null" } },
		"deep": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string {
				return rawClaims(s, n, `,"x":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000))
			}
		},
		"an algorithm that is not the key's": func(p *raw, _ *authtest.Site) { p.header = `{"alg":"RS256","kid":"1"}` },
		"an algorithm in another case":       func(p *raw, _ *authtest.Site) { p.header = `{"alg":"es256","kid":"1"}` },
		"no algorithm, in odd case":          func(p *raw, _ *authtest.Site) { p.header = `{"alg":"nOnE","kid":"1"}` },
		"an algorithm in the key": func(p *raw, _ *authtest.Site) {
			p.keys = `{"keys":[` + strings.Replace(p.jwk("1"), "{", `{"alg":"RS256",`, 1) + `]}`
		},
		"a key for encryption": func(p *raw, _ *authtest.Site) {
			p.keys = `{"keys":[` + strings.Replace(p.jwk("1"), "{", `{"use":"enc",`, 1) + `]}`
		},
		"a symmetric key": func(p *raw, _ *authtest.Site) { p.keys = `{"keys":[{"kty":"oct","kid":"1","k":"c2VjcmV0"}]}` },
		"a private key": func(p *raw, _ *authtest.Site) {
			p.keys = `{"keys":[` + strings.Replace(p.jwk("1"), "{", `{"d":"AAAA",`, 1) + `]}`
		},
		"no key":                func(p *raw, _ *authtest.Site) { p.keys = `{"keys":[]}` },
		"keys that are no list": func(p *raw, _ *authtest.Site) { p.keys = `{"keys":` + p.jwk("1") + `}` },
		"keys of nothing":       func(p *raw, _ *authtest.Site) { p.keys = `null` },
		"no kid, and two keys": func(p *raw, _ *authtest.Site) {
			p.header, p.keys = `{"alg":"ES256"}`, `{"keys":[`+p.jwk("1")+`,`+p.jwk("2")+`]}`
		},
		"an empty kid, and two keys": func(p *raw, _ *authtest.Site) {
			p.header, p.keys = `{"alg":"ES256","kid":""}`, `{"keys":[`+p.jwk("")+`,`+p.jwk("2")+`]}`
		},
		"a kid that is a number":     func(p *raw, _ *authtest.Site) { p.header = `{"alg":"ES256","kid":1}` },
		"a kid that leads to a file": func(p *raw, _ *authtest.Site) { p.header = `{"alg":"ES256","kid":"../../dev/null"}` },
		"a kid of a key behind a hundred": func(p *raw, _ *authtest.Site) {
			p.header = `{"alg":"ES256","kid":"200"}`
			var list []string
			for i := range 201 {
				list = append(list, p.jwk(fmt.Sprint(i)))
			}
			p.keys = `{"keys":[` + strings.Join(list, ",") + `]}`
		},
		"a payload that is not encoded": func(p *raw, _ *authtest.Site) { p.header = `{"alg":"ES256","kid":"1","b64":false,"crit":["b64"]}` },
		"a zero signature": func(p *raw, _ *authtest.Site) {
			p.sign = func(string, string) string { return base64.RawURLEncoding.EncodeToString(make([]byte, 64)) }
		},
		"a fourth part":      func(p *raw, _ *authtest.Site) { p.sign = func(_, sum string) string { return sum + ".e30" } },
		"padding":            func(p *raw, _ *authtest.Site) { p.sign = func(_, sum string) string { return sum + "==" } },
		"an encrypted token": func(p *raw, _ *authtest.Site) { p.sign = func(_, sum string) string { return sum + ".e30.e30" } },
		"claims elsewhere": func(p *raw, s *authtest.Site) {
			p.claims = func(n string) string {
				return strings.Replace(rawClaims(s, n, `,"_claim_names":{"sub":"a"},"_claim_sources":{"a":{"endpoint":"http://localhost/"}}`), `"sub":"ada",`, "", 1)
			}
		},
		"a token as a form, twice": func(p *raw, _ *authtest.Site) {
			p.answers["/token"] = func() (string, string) {
				return url.Values{"access_token": {"a"}, "id_token": {"x", p.token()}}.Encode(), "application/x-www-form-urlencoded"
			}
		},
		"a token and an error": func(p *raw, _ *authtest.Site) {
			p.answers["/token"] = func() (string, string) {
				return `{"error":"invalid_grant","access_token":"a","id_token":"` + p.token() + `"}`, "application/json"
			}
		},
		"a token that is a list": func(p *raw, _ *authtest.Site) {
			p.answers["/token"] = func() (string, string) {
				return `{"access_token":"a","id_token":["` + p.token() + `"]}`, "application/json"
			}
		},
	} {
		p, s := newRaw(t)
		lie(p, s)
		if r := p.come(t, s); r.Code() != "oauth_failed" {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// A key that takes minutes to compute with is not computed with.
func TestAttackHugeKey(t *testing.T) {
	for _, bits := range []int{16392, 6_000_000} {
		p, s := newRaw(t)
		n := make([]byte, bits/8)
		_, _ = rand.Read(n)
		n[0], n[len(n)-1] = n[0]|0x80, n[len(n)-1]|1
		p.header = `{"alg":"RS256","kid":"1"}`
		p.keys = fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"1","e":"AQAB","n":%q}]}`, base64.RawURLEncoding.EncodeToString(n))
		p.sign = func(string, string) string { return base64.RawURLEncoding.EncodeToString(append([]byte{0}, n[1:]...)) }
		if len(p.keys) > 1<<20 {
			t.Fatal("the keys do not fit")
		}
		began := time.Now()
		if r := p.come(t, s); r.Code() != "oauth_failed" || !strings.Contains(s.Log(), "publishes no key") {
			t.Errorf("%d bits: %v\n%s", bits, r, s.Log())
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%d bits: %v", bits, took)
		}
	}
}
