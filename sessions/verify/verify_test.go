package verify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/sessions/verify"
)

func TestVerifyTellsWhatTheTokenSays(t *testing.T) {
	for alg, p := range pairs() {
		claims := `{"sub":"usr_1","jti":"jti_1","sid":"ses_1","iss":"site","aud":["other","app"],"iat":1893585599.25,"nbf":1893585600,"exp":1893589200,
			"factors":{"password":1893585000.123456,"totp":1893585599},"metadata":{"user_agent":"b/1","ip_address":"192.0.2.1","x":1},"more":{"a":[null]}}`
		got, err := verifier(t, p.verify).Verify(p.token(p.header(), claims))
		want := verify.Claims{
			ID: "jti_1", Subject: "usr_1", SessionID: "ses_1", Issuer: "site", Audience: []string{"other", "app"},
			IssuedAt: noon.Add(-750 * time.Millisecond), NotBefore: noon, ExpiresAt: noon.Add(time.Hour),
			Factors:   []verify.Factor{{Kind: "password", At: noon.Add(-600*time.Second + 123456*time.Microsecond)}, {Kind: "totp", At: noon.Add(-time.Second)}},
			UserAgent: "b/1", IP: "192.0.2.1",
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", alg, got, err, want)
		}
		if at := got.ProvenAt("totp", "password"); !at.Equal(noon.Add(-time.Second)) {
			t.Errorf("%s: proven at %v", alg, at)
		}
	}
}

// JWT-01: a key has one algorithm, whatever the token says.
func TestAlgorithmsAreNotSwapped(t *testing.T) {
	for alg, p := range pairs() {
		v := verifier(t, p.verify)
		for signedBy, other := range pairs() {
			signers := []pair{other}
			if _, secret := p.private.([]byte); !secret && signedBy == "HS256" {
				// The public key as the secret: the attack that gave the rule.
				signers = append(signers, pair{private: pkix(publicOf(p))})
			}
			for _, named := range []string{
				"none", "None", "NONE", "nOnE", "", "HS256", "hs256", "HS384", "HS512", "RS256", "rs256", "RS384", "RS512", "PS256",
				"ES256", "es256", "ES384", "ES512", "ES256K", "EdDSA", "eddsa", "EDDSA", "Ed25519", " " + alg, alg + " ", alg + `\u0000`,
			} {
				for i, s := range signers {
					token := s.token(`{"alg":"`+named+`","kid":"k","typ":"at+jwt"}`, good)
					_, err := v.Verify(token)
					if right := named == alg && signedBy == alg && i == 0; (err == nil) != right {
						t.Errorf("key of %s, signed by %s, alg %q: %v", alg, signedBy, named, err)
					}
				}
				unsigned := b64(`{"alg":"`+named+`","kid":"k","typ":"at+jwt"}`) + "." + b64(good) + "."
				if _, err := v.Verify(unsigned); err == nil {
					t.Errorf("key of %s, alg %q, no signature: taken", alg, named)
				}
			}
		}
	}
}

// JWT-02, 07, 08, 11, 13.
func TestHeaders(t *testing.T) {
	p := pairs()["HS256"]
	v := verifier(t, p.verify)
	for _, row := range []struct {
		name, header string
		want         string // of the error; "" is taken
	}{
		{"what the signer writes", p.header(), ""},
		{"no kid, one key", `{"alg":"HS256","typ":"at+jwt"}`, ""},
		{"the type in capitals", `{"alg":"HS256","typ":"AT+JWT"}`, ""},
		{"the type as a whole", `{"alg":"HS256","typ":"application/at+jwt"}`, ""},
		{"an empty type", `{"alg":"HS256","typ":""}`, "type"},
		{"no type", `{"alg":"HS256"}`, "type"},
		{"a plain JWT", `{"alg":"HS256","typ":"JWT"}`, "type"},
		{"a refresh token", `{"alg":"HS256","typ":"refresh+jwt"}`, "type"},
		{"a mail token", `{"alg":"HS256","typ":"torii-mail+jwt"}`, "type"},
		{"a state", `{"alg":"HS256","typ":"state+jwt"}`, "type"},
		{"an ID token", `{"alg":"HS256","typ":"id+jwt"}`, "type"},
		{"a type with a parameter", `{"alg":"HS256","typ":"at+jwt; x=y"}`, "type"},
		{"a type with white space", `{"alg":"HS256","typ":"at+jwt "}`, "type"},
		{"a type that is null", `{"alg":"HS256","typ":null}`, "header"},
		{"a type in an array", `{"alg":"HS256","typ":["at+jwt"]}`, "header"},
		{"critical members", `{"alg":"HS256","typ":"at+jwt","crit":["exp"]}`, "header"},
		{"none that are critical", `{"alg":"HS256","typ":"at+jwt","crit":[]}`, "header"},
		{"an unencoded payload", `{"alg":"HS256","typ":"at+jwt","b64":false,"crit":["b64"]}`, "header"},
		{"b64 alone", `{"alg":"HS256","typ":"at+jwt","b64":true}`, "header"},
		{"its own key", `{"alg":"HS256","typ":"at+jwt","jwk":{"kty":"oct","k":"AAAA"}}`, "header"},
		{"a key elsewhere", `{"alg":"HS256","typ":"at+jwt","jku":"http://127.0.0.1:1/"}`, "header"},
		{"a certificate elsewhere", `{"alg":"HS256","typ":"at+jwt","x5u":"http://127.0.0.1:1/"}`, "header"},
		{"a certificate", `{"alg":"HS256","typ":"at+jwt","x5c":["AAAA"]}`, "header"},
		{"a member nobody knows", `{"alg":"HS256","typ":"at+jwt","x":1}`, "header"},
		{"compression", `{"alg":"HS256","typ":"at+jwt","zip":"DEF"}`, "header"},
		{"a token within", `{"alg":"HS256","typ":"at+jwt","cty":"JWT"}`, "header"},
		{"ALG", `{"ALG":"HS256","typ":"at+jwt"}`, "header"},
		{"two algorithms", `{"alg":"none","alg":"HS256","typ":"at+jwt"}`, "twice"},
		{"two algorithms by escape", `{"alg":"none","\u0061lg":"HS256","typ":"at+jwt"}`, "twice"},
		{"two kids", `{"alg":"HS256","kid":"x","kid":"k","typ":"at+jwt"}`, "twice"},
		{"no algorithm", `{"typ":"at+jwt"}`, "algorithm"},
		{"an algorithm that is null", `{"alg":null,"typ":"at+jwt"}`, "header"},
		{"an algorithm that is a number", `{"alg":256,"typ":"at+jwt"}`, "header"},
		{"algorithms", `{"alg":["HS256"],"typ":"at+jwt"}`, "header"},
		{"null", `null`, "algorithm"},
		{"an array", `[]`, "header"},
		{"a string", `"HS256"`, "header"},
		{"no JSON", `alg=HS256`, "header"},
		{"more behind", `{"alg":"HS256","typ":"at+jwt"}{}`, "header"},
		{"invalid UTF-8", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"\xff\"}", "header"},
		{"another kid", `{"alg":"HS256","kid":"j","typ":"at+jwt"}`, "key"},
		{"the kid in capitals", `{"alg":"HS256","kid":"K","typ":"at+jwt"}`, "key"},
		{"a path", `{"alg":"HS256","kid":"../../../etc/passwd","typ":"at+jwt"}`, "key"},
		{"a device", `{"alg":"HS256","kid":"/dev/null","typ":"at+jwt"}`, "key"},
		{"SQL", `{"alg":"HS256","kid":"' OR 1=1 --","typ":"at+jwt"}`, "key"},
		{"a kid that goes on", `{"alg":"HS256","kid":"k\u0000","typ":"at+jwt"}`, "key"},
		{"a long kid", `{"alg":"HS256","kid":"` + strings.Repeat("k", 4000) + `","typ":"at+jwt"}`, "key"},
		{"a kid of a megabyte", `{"alg":"HS256","kid":"` + strings.Repeat("k", 1<<20) + `","typ":"at+jwt"}`, "8 KiB"},
		{"a kid that is null", `{"alg":"HS256","kid":null,"typ":"at+jwt"}`, "header"},
		{"a kid that is a number", `{"alg":"HS256","kid":1,"typ":"at+jwt"}`, "header"},
	} {
		_, err := v.Verify(p.token(row.header, good))
		refused(t, row.name, err, row.want)
	}
}

// refused checks that err is the one refusal that is meant. want "" is none.
func refused(t *testing.T, name string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v, want it taken", name, err)
	case want != "" && (!errors.Is(err, verify.ErrInvalid) || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want ErrInvalid that says %q", name, err, want)
	}
}

// JWT-02: a token cannot make us ask anybody.
func TestNothingIsFetched(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	for alg, p := range pairs() {
		v := verifier(t, p.verify)
		for _, member := range []string{"jku", "x5u", "kid", "iss", "typ"} {
			token := p.token(`{"alg":"`+alg+`","`+member+`":"`+server.URL+`/`+member+`"}`, good)
			if _, err := v.Verify(token); err == nil {
				t.Errorf("%s with %s: taken", alg, member)
			}
		}
	}
	server.Close()
	if len(asked) > 0 {
		t.Errorf("asked for %s", <-asked)
	}
}

// JWT-16: r and s as JWS has them, never DER (RFC 7518, section 3.4).
func TestES256TakesNoDER(t *testing.T) {
	p := pairs()["ES256"]
	v := verifier(t, p.verify)
	input := b64(p.header()) + "." + b64(good)
	sum := sha256.Sum256([]byte(input))
	der, err := ecdsa.SignASN1(rand.Reader, p.private.(*ecdsa.PrivateKey), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	zeros, order := strings.Repeat("\x00", 32), string(elliptic.P256().Params().N.Bytes())
	for _, signature := range []string{string(der), zeros + zeros, order + order, zeros + order, strings.Repeat("\x00", 63), strings.Repeat("\x00", 65), "\x00"} {
		_, err := v.Verify(input + "." + b64(signature))
		refused(t, fmt.Sprintf("%x", signature), err, "signature")
	}
}

// A Verifier is for all requests at once.
func TestVerifyInParallel(t *testing.T) {
	p := pairs()["HS256"]
	v := verifier(t, p.verify)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			want := fmt.Sprint("usr_", i)
			token := p.token(p.header(), with(`sub "`+want+`"`, `factors {"totp":`+jsonInt(int64(1000+i))+`}`))
			for range 50 {
				c, err := v.Verify(token)
				if err != nil || c.Subject != want || c.Factors[0].At.Unix() != int64(1000+i) {
					t.Errorf("%+v, %v, want %s", c, err, want)
				}
			}
		})
	}
	wg.Wait()
}

// JWT-09: one token, one spelling.
func TestSpellings(t *testing.T) {
	p := pairs()["ES256"]
	v := verifier(t, p.verify)
	token := p.token(p.header(), good)
	head, rest, _ := strings.Cut(token, ".")
	body, sign, _ := strings.Cut(rest, ".")
	// 64 bytes leave four bits of the last character unused.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, sign[len(sign)-1])
	var others []string
	for bits := 1; bits < 16; bits++ {
		others = append(others, head+"."+body+"."+sign[:len(sign)-1]+string(alphabet[last|bits]))
	}
	for _, c := range []string{"\r", "\n", "\r\n", " ", "\t", "\x00", "=", "==", "\u00a0", ".", "%20", "+", "/"} {
		for _, at := range []int{0, 3, len(head), len(head) + 1, len(head) + 9, len(token) - len(sign), len(token) - 5, len(token)} {
			others = append(others, token[:at]+c+token[at:])
		}
	}
	others = append(others, "", ".", "..", "...", "a.b.c", head+"."+body, head+"."+body+".", "."+body+"."+sign, head+".."+sign, token+".", "Bearer "+token,
		strings.Repeat(".", 5000), `{"protected":"`+head+`","payload":"`+body+`","signature":"`+sign+`"}`,
		head+"."+body+"."+strings.ReplaceAll(sign, "-", "+")+"x", strings.ToUpper(token))
	if _, err := v.Verify(token); err != nil {
		t.Fatal(err)
	}
	for _, other := range others {
		if _, err := v.Verify(other); !errors.Is(err, verify.ErrInvalid) {
			t.Errorf("%v for %q", err, other)
		}
	}
	for i := range token {
		for _, c := range []byte{'A', '.', token[i] ^ 1} {
			if other := token[:i] + string(c) + token[i+1:]; other != token {
				if _, err := v.Verify(other); err == nil {
					t.Errorf("taken with %q at %d", c, i)
				}
			}
		}
	}
}

// JWT-10: what is long costs nothing.
func TestLongTokensAreNotRead(t *testing.T) {
	p := pairs()["HS256"]
	v := verifier(t, p.verify)
	long := p.token(p.header(), `{"x":"`+strings.Repeat("a", 20<<20)+`"}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := v.Verify(long)
	verify.LooksLikeJWT(long)
	runtime.ReadMemStats(&after)
	refused(t, "20 MB", err, "8 KiB")
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
	pad := func(n int) string {
		return p.token(p.header(), strings.TrimSuffix(good, "}")+`,"x":"`+strings.Repeat("a", n)+`"}`)
	}
	n := 0
	for len(pad(n+1)) <= verify.MaxToken {
		n += max(1, (verify.MaxToken-len(pad(n+1)))/2)
	}
	_, err = v.Verify(pad(n))
	refused(t, fmt.Sprint(len(pad(n)), " bytes"), err, "")
	_, err = v.Verify(pad(n + 3))
	refused(t, fmt.Sprint(len(pad(n+3)), " bytes"), err, "8 KiB")
}

// JWT-15: a refusal comes without claims, and for two reasons the other one is told.
func TestNothingComesWithARefusal(t *testing.T) {
	p := pairs()["HS256"]
	v := verifier(t, p.verify)
	expired := p.token(p.header(), with("iat 1893585000", "exp 1893585600"))
	c, err := v.Verify(expired)
	if !errors.Is(err, verify.ErrExpired) || !errors.Is(err, verify.ErrInvalid) || !reflect.DeepEqual(c, verify.Claims{}) {
		t.Errorf("expired: %+v, %v", c, err)
	}
	c, err = v.Verify(expired[:len(expired)-8] + "AAAAAAAA")
	if errors.Is(err, verify.ErrExpired) || !errors.Is(err, verify.ErrInvalid) || !reflect.DeepEqual(c, verify.Claims{}) {
		t.Errorf("expired and forged: %+v, %v", c, err)
	}
	for _, text := range []string{`{"zebra9":`, `{"zebra9":1,"zebra9":2}`, `{"sub":["zebra9"]}`, `{"exp":"zebra9"}`, `zebra9`, strings.Replace(good, "site", "zebra9", 1)} {
		if _, err := v.Verify(p.token(p.header(), text)); err == nil || strings.Contains(err.Error(), "zebra9") {
			t.Errorf("%v repeats %s", err, text)
		}
	}
}

func TestLooksLikeJWT(t *testing.T) {
	p := pairs()["EdDSA"]
	for _, row := range []struct {
		token string
		want  bool
	}{
		{p.token(p.header(), good), true}, {"eyJ.x.y", true}, {"ew.x.y", true}, {"eyJ.x.", true},
		{"", false}, {"e", false}, {"e.", false}, {"..", false}, {"eyJ.x", false}, {"eyJ.x.y.z", false}, {"ea.x.y", false}, {"x.y.z", false},
		{"Bearer eyJ.x.y", false}, {"eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9AAAA", false}, {"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", false},
	} {
		if got := verify.LooksLikeJWT(row.token); got != row.want {
			t.Errorf("%v, want %v for %q", got, row.want, row.token)
		}
	}
}
