package authtest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

const callback = "https://app.example/auth/oauth/demo/callback"

var (
	shop   = authtest.IDPClient{ID: "shop", Secret: "a secret/with +signs", RedirectURIs: []string{callback, callback + "?a=1"}}
	person = authtest.Person{
		Subject: "ann-1", Email: "ann@example.com", EmailVerified: true, Name: "Ann", Picture: "https://pic.example/ann.png",
		More: map[string]any{"hd": "example.com"},
	}
)

// rp is a client written by hand, as credulous as can be: it checks nothing by itself.
type rp struct {
	idp      *authtest.IDP
	http     *http.Client
	client   authtest.IDPClient
	verifier string
}

func newRP(idp *authtest.IDP) *rp {
	c := idp.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &rp{idp: idp, http: c, client: shop, verifier: rand.Text() + rand.Text()}
}

// address is where the client sends a browser. Changes are name, value, …; "-" as a value
// leaves a parameter out.
func (c *rp) address(changes ...string) string {
	sum := sha256.Sum256([]byte(c.verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.client.ID}, "redirect_uri": {callback}, "scope": {"openid email profile offline_access"},
		"state": {"the-state"}, "nonce": {"the-nonce"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "-" {
			q.Del(changes[i])
		}
	}
	return c.idp.Issuer() + "/authorize?" + q.Encode()
}

// answer is what an endpoint says.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("%v: %v", a, err)
	}
	return m
}

func (c *rp) do(t *testing.T, method, address string, form url.Values, header ...string) answer {
	t.Helper()
	a, err := c.try(t, method, address, form, header...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *rp) try(t *testing.T, method, address string, form url.Values, header ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

// code is one for a person, by a request with changes.
func (c *rp) code(t *testing.T, who authtest.Person, changes ...string) string {
	t.Helper()
	back, err := c.idp.SignIn(c.address(changes...), who)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back.URL)
	if err != nil || u.Query().Get("code") == "" {
		t.Fatalf("no code in %s: %v", back.URL, err)
	}
	return u.Query().Get("code")
}

// form is a token request's.
func (c *rp) form(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {c.verifier},
		"client_id": {c.client.ID}, "client_secret": {c.client.Secret},
	}
}

func (c *rp) token(t *testing.T, form url.Values, header ...string) answer {
	t.Helper()
	return c.do(t, http.MethodPost, c.idp.Issuer()+"/token", form, header...)
}

func (c *rp) refresh(t *testing.T, token any) answer {
	t.Helper()
	form := c.form("")
	maps.DeleteFunc(form, func(name string, _ []string) bool { return !strings.HasPrefix(name, "client_") })
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", fmt.Sprint(token))
	return c.token(t, form)
}

func (c *rp) userInfo(t *testing.T, access any) answer {
	t.Helper()
	return c.do(t, http.MethodGet, c.idp.Issuer()+"/userinfo", nil, "Authorization", fmt.Sprint("Bearer ", access))
}

// part decodes one of the three of a token.
func part(t *testing.T, token any, i int) []byte {
	t.Helper()
	parts := strings.Split(fmt.Sprint(token), ".")
	if len(parts) != 3 {
		t.Fatalf("not a token: %v", token)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(parts[i])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func members(t *testing.T, token any, i int) map[string]any {
	t.Helper()
	return answer{body: string(part(t, token, i))}.json(t)
}

var (
	errNoKey        = errors.New("no key of this kid")
	errBadSignature = errors.New("the signature is wrong")
)

// verify checks a token's signature by the keys that the provider publishes now.
func (c *rp) verify(t *testing.T, token any) error {
	t.Helper()
	header := members(t, token, 0)
	keys, _ := c.do(t, http.MethodGet, c.idp.Issuer()+"/jwks", nil).json(t)["keys"].([]any)
	for _, k := range keys {
		if k := k.(map[string]any); k["kid"] == header["kid"] {
			return verifyBy(t, k, token)
		}
	}
	return errNoKey
}

func verifyBy(t *testing.T, k map[string]any, token any) error {
	t.Helper()
	text := fmt.Sprint(token)
	text = text[:strings.LastIndexByte(text, '.')]
	sum, sig := sha256.Sum256([]byte(text)), part(t, token, 2)
	if k["use"] != "sig" || members(t, token, 0)["alg"] != k["alg"] {
		return fmt.Errorf("the key %v is not for this", k)
	}
	pub, err := publicKey(k)
	if err != nil {
		return err
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig)
	case *ecdsa.PublicKey:
		if len(sig) == 64 && ecdsa.Verify(pub, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
			return nil
		}
	}
	return errBadSignature
}

// publicKey reads a key of a JWKS.
func publicKey(k map[string]any) (crypto.PublicKey, error) {
	number := func(name string) []byte {
		b, _ := base64.RawURLEncoding.Strict().DecodeString(fmt.Sprint(k[name])) // what is wrong verifies nothing
		return b
	}
	switch k["kty"] {
	case "RSA":
		return &rsa.PublicKey{N: new(big.Int).SetBytes(number("n")), E: int(new(big.Int).SetBytes(number("e")).Int64())}, nil
	case "EC":
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, number("x"), number("y")))
	}
	return nil, fmt.Errorf("no key: %v", k)
}
