package authtest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

// lied is one sign-in under a lie.
type lied struct {
	idToken        any
	header, claims map[string]any
	raw            string // the claims as they were written
	info           answer
	verified       error
}

func signInUnder(t *testing.T, c *rp, lies ...authtest.Lie) lied {
	t.Helper()
	c.idp.Lie(lies...)
	defer c.idp.Lie()
	reply := c.token(t, c.form(c.code(t, person, "max_age", "60")))
	tokens := reply.json(t)
	if reply.status != http.StatusOK {
		t.Fatalf("%v: %v", lies, reply)
	}
	l := lied{idToken: tokens["id_token"], info: c.userInfo(t, tokens["access_token"])}
	l.header, l.claims, l.raw = members(t, l.idToken, 0), members(t, l.idToken, 1), string(part(t, l.idToken, 1))
	l.verified = c.verify(t, l.idToken)
	return l
}

// Each lie changes what it is about, and nothing else: the rest is true and signed.
func TestIDPLiesInClaims(t *testing.T) {
	idp, clock := newIDP()
	c := newRP(idp)
	now := float64(clock.Now().Unix())
	both := []any{"shop", "another-client"}
	rows := map[authtest.Lie]map[string]any{ // nil: absent
		authtest.LieIssOther:             {"iss": "https://liar.example"},
		authtest.LieIssMissing:           {"iss": nil},
		authtest.LieIssSlash:             {"iss": issuer + "/"},
		authtest.LieAudOther:             {"aud": "another-client"},
		authtest.LieAudMissing:           {"aud": nil},
		authtest.LieAudArray:             {"aud": []any{"shop"}},
		authtest.LieAudArrayOther:        {"aud": []any{"another-client", "a-third-client"}},
		authtest.LieAzpOther:             {"aud": both, "azp": "another-client"},
		authtest.LieAzpMissing:           {"aud": both},
		authtest.LieAzpOtherAlone:        {"azp": "another-client"},
		authtest.LieExpPast:              {"exp": now - 3600, "iat": now - 7200},
		authtest.LieExpMissing:           {"exp": nil},
		authtest.LieExpZero:              {"exp": 0.0},
		authtest.LieIatMissing:           {"iat": nil},
		authtest.LieIatFuture:            {"iat": now + 3600, "exp": now + 7200},
		authtest.LieNonceOther:           {"nonce": differs},
		authtest.LieNonceMissing:         {"nonce": nil},
		authtest.LieAtHashOther:          {"at_hash": differs},
		authtest.LieAuthTimeMissing:      {"auth_time": nil},
		authtest.LieAuthTimePast:         {"auth_time": now - 24*3600},
		authtest.LieAuthTimeFuture:       {"auth_time": now + 3600},
		authtest.LieSubMissing:           {"sub": nil},
		authtest.LieSubEmpty:             {"sub": ""},
		authtest.LieSubNumber:            {"sub": 123.0},
		authtest.LieSubLong:              {"sub": strings.Repeat("s", 300)},
		authtest.LieSubTwice:             {},
		authtest.LieEmailVerifiedString:  {"email_verified": "true"},
		authtest.LieEmailVerifiedNumber:  {"email_verified": 1.0},
		authtest.LieEmailVerifiedNull:    {"email_verified": nil},
		authtest.LieEmailVerifiedMissing: {"email_verified": nil},
		authtest.LieEmailList:            {"email": []any{"ann@example.com", "second@liar.example"}},
	}
	if want := authtest.Lies("id_token", "email"); len(rows) != len(want) {
		t.Fatalf("%d lies are tried, there are %d", len(rows), len(want))
	}
	truth := map[string]any{
		"iss": issuer, "aud": "shop", "sub": "ann-1", "iat": now, "exp": now + 600, "nonce": "the-nonce", "auth_time": now, "at_hash": differs,
		"email": "ann@example.com", "email_verified": true, "name": "Ann", "picture": "https://pic.example/ann.png", "hd": "example.com",
	}
	for lie, changed := range rows {
		got := signInUnder(t, c, lie)
		want := map[string]any{}
		for name, value := range truth {
			want[name] = value
		}
		for name, value := range changed {
			want[name] = value
		}
		for name := range got.claims {
			if _, known := want[name]; !known {
				t.Errorf("%s: there is a claim %s", lie, name)
			}
		}
		for name, value := range want {
			if value == differs {
				if s, ok := got.claims[name].(string); !ok || s == "the-nonce" {
					t.Errorf("%s: %s is %v", lie, name, got.claims[name])
				}
			} else if !reflect.DeepEqual(got.claims[name], value) {
				t.Errorf("%s: %s is %v, want %v", lie, name, got.claims[name], value)
			}
		}
		if got.verified != nil {
			t.Errorf("%s: %v", lie, got.verified)
		}
		info := got.info.json(t)
		if info["sub"] != "ann-1" || lie.Part() == "email" && (!reflect.DeepEqual(info["email"], want["email"]) || info["email_verified"] != want["email_verified"]) {
			t.Errorf("%s: userinfo says %v", lie, info)
		}
		for name, is := range map[string]bool{"email_verified": lie == authtest.LieEmailVerifiedNull} {
			if strings.Contains(got.raw, name+`":null`) != is || strings.Contains(got.info.body, name+`":null`) != is {
				t.Errorf("%s: %s in %s and %s", lie, name, got.raw, got.info.body)
			}
		}
		if _, there := got.claims["email_verified"]; there == (lie == authtest.LieEmailVerifiedMissing) {
			t.Errorf("%s: %s", lie, got.raw)
		}
		if n := strings.Count(got.raw, `"sub":`); n != 1 && lie != authtest.LieSubTwice && lie != authtest.LieSubMissing {
			t.Errorf("%s: %d times sub", lie, n)
		}
		if lie == authtest.LieSubTwice && (!strings.HasPrefix(got.raw, `{"sub":"somebody-else",`) || !strings.Contains(got.raw, `,"sub":"ann-1"`)) {
			t.Errorf("%s: %s", lie, got.raw)
		}
	}
	c.idp.Lie(authtest.LieAtHashOther)
	tokens := c.token(t, c.form(c.code(t, person))).json(t)
	half := sha256.Sum256([]byte(tokens["access_token"].(string)))
	if members(t, tokens["id_token"], 1)["at_hash"] == base64.RawURLEncoding.EncodeToString(half[:16]) {
		t.Error("at_hash is the true one")
	}
}

// differs stands for a value that has to be something else each time.
const differs = "(differs)"

func TestIDPLiesInSignatures(t *testing.T) {
	for _, algorithm := range []string{authtest.RS256, authtest.ES256} {
		idp, _ := newIDP()
		idp.Algorithm = algorithm
		c := newRP(idp)
		honest := signInUnder(t, c)
		keys := c.do(t, http.MethodGet, issuer+"/jwks", nil).json(t)["keys"].([]any)
		if len(keys) != 1 || honest.verified != nil {
			t.Fatalf("%d keys, %v", len(keys), honest.verified)
		}
		key := keys[0].(map[string]any)
		byHMAC := func(l lied, secret []byte) bool {
			text := fmt.Sprint(l.idToken)
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(text[:strings.LastIndexByte(text, '.')]))
			return l.header["alg"] == "HS256" && hmac.Equal(mac.Sum(nil), part(t, l.idToken, 2))
		}
		byKey := func(l lied, k map[string]any) bool {
			return l.header["alg"] == algorithm && verifyBy(t, k, l.idToken) == nil
		}
		rows := map[authtest.Lie]func(lied) bool{
			authtest.LieAlgNone: func(l lied) bool {
				return l.header["alg"] == "none" && len(part(t, l.idToken, 2)) == 0 && l.header["kid"] == nil
			},
			authtest.LieHS256Secret: func(l lied) bool { return byHMAC(l, []byte(shop.Secret)) && l.header["kid"] == key["kid"] },
			authtest.LieHS256PublicKey: func(l lied) bool {
				return byHMAC(l, pemOf(t, key)) && l.header["kid"] == key["kid"]
			},
			authtest.LieKeyOther: func(l lied) bool {
				return l.header["kid"] == key["kid"] && !byKey(l, key) && len(part(t, l.idToken, 2)) >= 64
			},
			authtest.LieKidUnknown: func(l lied) bool { return l.verified == errNoKey && l.header["kid"] != nil && !byKey(l, key) },
			authtest.LieKidAbsent:  func(l lied) bool { return l.header["kid"] == nil && byKey(l, key) },
			authtest.LieSignatureBad: func(l lied) bool {
				return l.header["kid"] == key["kid"] && len(part(t, l.idToken, 2)) >= 64 && l.verified != nil
			},
			authtest.LieCritUnknown: func(l lied) bool {
				return reflect.DeepEqual(l.header["crit"], []any{"example"}) && l.header["example"] == true && byKey(l, key)
			},
			authtest.LieKidAbsentOfTwo: func(l lied) bool { return l.header["kid"] == nil && byKey(l, key) },
			authtest.LieKeyInHeader: func(l lied) bool {
				own, _ := l.header["jwk"].(map[string]any)
				return own != nil && own["kid"] == l.header["kid"] && l.header["kid"] != key["kid"] && byKey(l, own) && !byKey(l, key)
			},
			authtest.LieSignatureMissing: func(l lied) bool {
				return l.header["alg"] == algorithm && strings.HasSuffix(fmt.Sprint(l.idToken), ".")
			},
		}
		if want := authtest.Lies("signature"); len(rows) != len(want) {
			t.Fatalf("%d lies are tried, there are %d", len(rows), len(want))
		}
		for lie, told := range rows {
			l := signInUnder(t, c, lie)
			if !told(l) || l.claims["sub"] != "ann-1" || l.claims["nonce"] != "the-nonce" {
				t.Errorf("%s, %s: header %v, claims %s, %v", algorithm, lie, l.header, l.raw, l.verified)
			}
		}
		idp.Lie(authtest.LieKidAbsentOfTwo)
		keys = c.do(t, http.MethodGet, issuer+"/jwks", nil).json(t)["keys"].([]any)
		if len(keys) != 2 || keys[0].(map[string]any)["kid"] == key["kid"] || !reflect.DeepEqual(keys[1], any(key)) {
			t.Errorf("two keys are %v", keys)
		}
	}
}

// pemOf is a published key as PEM, by way of the standard library alone.
func pemOf(t *testing.T, k map[string]any) []byte {
	t.Helper()
	pub, err := publicKey(k)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestIDPLiesInCallbacks(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	rows := map[authtest.Lie]func(url.Values) bool{
		authtest.LieCallbackIssOther:     func(q url.Values) bool { return slices.Equal(q["iss"], []string{"https://liar.example"}) },
		authtest.LieCallbackIssMissing:   func(q url.Values) bool { return !q.Has("iss") },
		authtest.LieCallbackIssTwice:     func(q url.Values) bool { return slices.Equal(q["iss"], []string{issuer, "https://liar.example"}) },
		authtest.LieCallbackStateOther:   func(q url.Values) bool { return q.Get("state") != "the-state" && q.Get("state") != "" },
		authtest.LieCallbackStateMissing: func(q url.Values) bool { return !q.Has("state") },
		authtest.LieCallbackCodeMissing:  func(q url.Values) bool { return !q.Has("code") && !q.Has("error") },
		authtest.LieCallbackMarkup: func(q url.Values) bool {
			return !q.Has("code") && q.Get("error") == "server_error" && strings.HasPrefix(q.Get("error_description"), "<script>")
		},
	}
	if want := authtest.Lies("callback"); len(rows) != len(want) {
		t.Fatalf("%d lies are tried, there are %d", len(rows), len(want))
	}
	for lie, told := range rows {
		idp.Lie(lie)
		for _, mode := range []string{"query", "form_post"} {
			back, err := idp.SignIn(c.address("response_mode", mode), person)
			if err != nil {
				t.Fatal(err)
			}
			q := back.Form
			if u, err := url.Parse(back.URL); err == nil && mode == "query" {
				q = u.Query()
			}
			part := func(name, want string) bool { return strings.Contains(string(lie), "."+name) || q.Get(name) == want }
			if !told(q) || !part("iss", issuer) || !part("state", "the-state") {
				t.Errorf("%s by %s: %v", lie, mode, q)
			}
		}
		idp.Lie()
		if back, err := idp.SignIn(c.address(), person); err != nil || !strings.Contains(back.URL, "state=the-state") || strings.Count(back.URL, "iss=") != 1 {
			t.Errorf("honest after %s: %v, %v", lie, back, err)
		}
	}
}

func TestIDPLiesInAnswers(t *testing.T) {
	idp, _ := newIDP()
	c := newRP(idp)
	token := func(lie authtest.Lie) answer {
		idp.Lie(lie)
		defer idp.Lie()
		return c.token(t, c.form(c.code(t, person)))
	}
	for lie, missing := range map[authtest.Lie]string{authtest.LieTokenNoIDToken: "id_token", authtest.LieTokenNoAccessToken: "access_token"} {
		r := token(lie)
		if m := r.json(t); r.status != http.StatusOK || m[missing] != nil || len(m) != 5 {
			t.Errorf("%s: %v", lie, r)
		}
	}
	if r := token(authtest.LieTokenTypeOther); r.json(t)["token_type"] != "liar" {
		t.Errorf("another type: %v", r)
	}
	if r := token(authtest.LieTokenErrorMarkup); r.status != http.StatusBadRequest || !strings.HasPrefix(r.json(t)["error_description"].(string), "<script>") {
		t.Errorf("an error with markup: %v", r)
	}
	r := token(authtest.LieTokenTrailing)
	d := json.NewDecoder(strings.NewReader(r.body))
	var first, second map[string]any
	if d.Decode(&first) != nil || d.Decode(&second) != nil || d.More() || first["id_token"] == nil || second["access_token"] != "another" {
		t.Errorf("trailing data: %v", r)
	}
	access := c.token(t, c.form(c.code(t, person))).json(t)["access_token"]
	for lie, want := range map[authtest.Lie]any{authtest.LieUserInfoSubOther: "somebody-else", authtest.LieUserInfoSubMissing: nil} {
		idp.Lie(lie)
		if m := c.userInfo(t, access).json(t); m["sub"] != want || m["email"] != "ann@example.com" {
			t.Errorf("%s: %v", lie, m)
		}
	}
	for lie, want := range map[authtest.Lie]any{authtest.LieDiscoveryIssuer: "https://liar.example", authtest.LieDiscoveryIssuerMissing: nil} {
		idp.Lie(lie)
		if m := c.do(t, http.MethodGet, issuer+"/.well-known/openid-configuration", nil).json(t); m["issuer"] != want || m["jwks_uri"] != issuer+"/jwks" {
			t.Errorf("%s: %v", lie, m)
		}
	}
}

func TestIDPTellsSeveralLies(t *testing.T) {
	idp, _ := newIDP()
	l := signInUnder(t, newRP(idp), authtest.LieIssOther, authtest.LieAlgNone, authtest.LieUserInfoSubOther)
	if l.claims["iss"] != "https://liar.example" || l.header["alg"] != "none" || l.info.json(t)["sub"] != "somebody-else" {
		t.Errorf("three lies at once: %v, %v, %v", l.header, l.claims, l.info)
	}
}

// Lies leaves none out, and no two are called the same.
func TestLiesAreAll(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "idp_lie.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Lie") {
			declared = append(declared, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	var all []string
	for _, l := range authtest.Lies() {
		all = append(all, string(l))
	}
	if len(all) < 70 || !slices.Equal(declared, all) {
		t.Errorf("declared are %q,\nLies has %q", declared, all)
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != len(declared) {
		t.Errorf("%d lies have %d names", len(declared), n)
	}
}
