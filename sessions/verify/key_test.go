package verify_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/sessions/verify"
)

// JWT-03, 04, KEY-04.
func TestSecrets(t *testing.T) {
	for _, row := range []struct {
		name, secret string
		want         string // of the error; "" is taken
	}{
		{"32 random bytes in base64", string(random), ""},
		{"32 random bytes in hexadecimal", "9f3c1b7de0a84652c7f10b9d3e6a5824", ""},
		{"32 random bytes", "\x9f\x3c\x1b\x7d\xe0\xa8\x46\x52\xc7\xf1\x0b\x9d\x3e\x6a\x58\x24\x00\x10\xfe\x81\x55\x21\xc0\x93\x77\x2e\xb2\x41\xd6\x0e\x68\xaf", ""},
		{"a long sentence", "ninety purple otters juggle quietly behind mount fuji", ""},
		{"nothing", "", "0 bytes"},
		{"one byte", "x", "1 bytes"},
		{"31 bytes", "9f3c1b7de0a84652c7f10b9d3e6a582", "31 bytes"},
		{"what everybody takes", "secret", "6 bytes"},
		{"32 zeros", strings.Repeat("\x00", 32), "repeats 1"},
		{"a megabyte of one letter", strings.Repeat("a", 1<<20), "repeats 1"},
		{"five letters", strings.Repeat("abcde", 8), "repeats 5"},
		{"a word, again and again", strings.Repeat("0tterX7", 6), "repeats a shorter"},
		{"a word, cut off at the end", strings.Repeat("kq8Zp3mW", 5)[:37], "repeats a shorter"},
		{"an alphabet", "abcdefghijklmnopqrstuvwxyzABCDEFGH", "counts"},
		{"the digits twice", "0123456789abcdef0123456789abcdef", "counts"},
		{"bytes in order", "\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08\x07\x06\x05\x04\x03\x02\x01\x00", "counts"},
		{"the debugger's", "a-string-secret-at-least-256-bits-long", "known"},
		{"the debugger's of old, twice", "your-256-bit-secret-your-512-bit", "known"},
		{"the book's", "your-secret-key-at-least-32-chars-long!", "known"},
		{"the book's other", "test-secret-key-32-bytes-long!!!", "known"},
		{"in capitals", "CHANGEME-CHANGEME2-CHANGEME3-4567", "known"},
		{"a password", "correct-password-battery-staple-1", "known"},
		{"Laravel's example", "ThisIsTheJWTPlaceholderOfMyWebsite", "known"},
	} {
		k, err := verify.HS256("", []byte(row.secret))
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
		if err != nil && (k != verify.Key{} || len(row.secret) > 6 && strings.Contains(err.Error(), row.secret)) {
			t.Errorf("%s: the error comes with a key, or tells it: %v", row.name, err)
		}
	}
	if _, err := verify.HS256("k", nil); err == nil {
		t.Error("nil is a secret")
	}
}

func TestPublicKeys(t *testing.T) {
	rsa2048, rsa1024 := pairs()["RS256"].private.(*rsa.PrivateKey), weakRSA(t)
	p256 := pairs()["ES256"].private.(*ecdsa.PrivateKey)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed := publicOf(pairs()["EdDSA"])
	sec1, err := x509.MarshalECPrivateKey(p256)
	all := map[string]func(string, []byte) (verify.Key, error){"RS256": verify.RS256, "ES256": verify.ES256, "EdDSA": verify.EdDSA}
	for _, row := range []struct {
		name string
		pem  []byte
		for_ string // the algorithm that takes it
		want string // what the others, or all, say
	}{
		{"RSA of 2048 bits", pkix(&rsa2048.PublicKey), "RS256", "is for RS256"},
		{"RSA as PKCS #1", block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa2048.PublicKey), nil), "RS256", "is for RS256"},
		{"P-256", pkix(&p256.PublicKey), "ES256", "is for ES256"},
		{"Ed25519", pkix(ed), "EdDSA", "is for EdDSA"},
		{"white space around", []byte("\n\n" + string(pkix(ed)) + "\n \n"), "EdDSA", "is for EdDSA"},
		{"RSA of 1024 bits", pkix(rsa1024), "", "2048 bits"},
		{"P-384", pkix(&p384.PublicKey), "", "P-256"},
		{"two keys", append(pkix(ed), pkix(ed)...), "", "one key"},
		{"text behind", append(pkix(ed), "x"...), "", "one key"},
		{"nothing", nil, "", "no PEM"},
		{"no PEM", random, "", "no PEM"},
		{"half a PEM", pkix(ed)[:40], "", "no PEM"},
		{"a private key", block("EC PRIVATE KEY", sec1, err), "", "private key"},
		{"a certificate", block("CERTIFICATE", []byte("x"), nil), "", "certificate"},
		{"another block", block("MESSAGE", []byte("x"), nil), "", "not a PUBLIC KEY"},
		{"nonsense in a block", block("PUBLIC KEY", []byte("x"), nil), "", "cannot be read"},
		{"nonsense in PKCS #1", block("RSA PUBLIC KEY", []byte("x"), nil), "", "cannot be read"},
	} {
		for alg, f := range all {
			k, err := f("", row.pem)
			switch {
			case alg == row.for_ && (err != nil || k.Algorithm() != alg || len(k.ID()) != 43):
				t.Errorf("%s for %s: %v, %v", row.name, alg, k, err)
			case alg != row.for_ && (err == nil || !strings.Contains(err.Error(), row.want)):
				t.Errorf("%s for %s: %v, want an error that says %q", row.name, alg, err, row.want)
			}
		}
	}
	for _, public := range []any{
		nil, random, "x", rsa2048, rsa1024, p256, &p384.PublicKey, ed25519.PublicKey(nil), ed25519.PublicKey(random), (*rsa.PublicKey)(nil), &rsa.PublicKey{},
		&rsa.PublicKey{N: rsa2048.N, E: 1}, &rsa.PublicKey{N: rsa2048.N, E: 4}, (*ecdsa.PublicKey)(nil), &ecdsa.PublicKey{},
		//lint:ignore SA1019 nothing else makes a point that is not on the curve
		&ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)},
	} {
		if k, err := verify.KeyFrom("k", public); err == nil || k != (verify.Key{}) {
			t.Errorf("%T is a key: %v", public, k)
		}
	}
}

// weakRSA is a public key that crypto/rsa would not make.
func weakRSA(t *testing.T) *rsa.PublicKey {
	t.Helper()
	n, err := rand.Prime(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return &rsa.PublicKey{N: n, E: 65537}
}

func TestKeyFiles(t *testing.T) {
	for alg, f := range map[string]func(string, string) (verify.Key, error){"RS256": verify.RS256File, "ES256": verify.ES256File, "EdDSA": verify.EdDSAFile} {
		p := pairs()[alg]
		path := filepath.Join(t.TempDir(), "public.pem")
		if err := os.WriteFile(path, pkix(publicOf(p)), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := f("k", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verifier(t, k).Verify(p.token(p.header(), good)); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if _, err := f("k", path+"x"); !os.IsNotExist(unwrapAll(err)) {
			t.Errorf("%s: %v for a file that is not there", alg, err)
		}
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if _, path := err.(*os.PathError); !ok || path {
			return err
		}
		err = u.Unwrap()
	}
}

// RFC 7638, section 3.1, and RFC 8037, appendix A.3.
func TestIDsAreThumbprints(t *testing.T) {
	x, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	k, err := verify.EdDSA("", pkix(ed25519.PublicKey(x)))
	if want := "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; err != nil || k.ID() != want {
		t.Errorf("%v, %v, want %s", k, err, want)
	}
	n, err := base64.RawURLEncoding.DecodeString("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
	if err != nil {
		t.Fatal(err)
	}
	// The example's thumbprint leaves out alg and kid, as ours do.
	k, err = verify.KeyFrom("", &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537})
	if want := "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; err != nil || k.ID() != want {
		t.Errorf("%v, %v, want %s", k, err, want)
	}
	a, err1 := verify.HS256("", random)
	b, err2 := verify.HS256("", append([]byte(nil), random...))
	c, err3 := verify.HS256("", append([]byte("x"), random...))
	if err1 != nil || err2 != nil || err3 != nil || a.ID() != b.ID() || a.ID() == c.ID() || len(a.ID()) != 22 {
		t.Errorf("ids of secrets: %v, %v, %v", a, b, c)
	}
	for _, id := range []string{"a b", "a\n", "é", `a"`, `a\`, strings.Repeat("k", 65)} {
		if _, err := verify.HS256(id, random); err == nil {
			t.Errorf("%q is an id", id)
		}
	}
}

// LOG-05.
func TestKeysDoNotPrint(t *testing.T) {
	k := pairs()["HS256"].verify
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "key", k, "keys", []verify.Key{k})
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "key", k, "cfg", verify.Config{Keys: []verify.Key{k}})
	text, err := json.Marshal(struct{ K verify.Key }{k})
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	hidden := struct{ k verify.Key }{k}
	v := verifier(t, k)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		fmt.Fprintf(&b, verb+verb+verb+verb, k, &k, hidden, *v)
	}
	for _, secret := range []string{string(random), string(random[:8]), hex.EncodeToString(random[:8]), fmt.Sprint(random[:4])[1:12]} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("printed: %s", b.String())
		}
	}
	if !strings.Contains(b.String(), "HS256 k") {
		t.Errorf("algorithm and id are not printed: %s", b.String())
	}
}

// KEY-01: what verifies is what is configured, by its id.
func TestRotation(t *testing.T) {
	old, next := pairs()["ES256"], pairs()["EdDSA"]
	renamed := func(id string, p pair) (verify.Key, string) {
		k, err := verify.KeyFrom(id, publicOf(p))
		if err != nil {
			t.Fatal(err)
		}
		return k, p.token(`{"alg":"`+p.alg+`","kid":"`+id+`","typ":"at+jwt"}`, good)
	}
	k1, t1 := renamed("1", old)
	k2, t2 := renamed("2", next)
	swapped := old.token(`{"alg":"ES256","kid":"2","typ":"at+jwt"}`, good)
	nameless := old.token(`{"alg":"ES256","typ":"at+jwt"}`, good)
	empty := old.token(`{"alg":"ES256","kid":"","typ":"at+jwt"}`, good)
	for _, row := range []struct {
		name string
		keys []verify.Key
		want [5]string
	}{
		{"before", []verify.Key{k1}, [5]string{"", "no key", "no key", "", ""}},
		{"during", []verify.Key{k2, k1}, [5]string{"", "", "algorithm", "no key", "no key"}},
		{"after: the retired key is refused", []verify.Key{k2}, [5]string{"no key", "", "algorithm", "algorithm", "algorithm"}},
	} {
		v := verifier(t, row.keys...)
		for i, token := range []string{t1, t2, swapped, nameless, empty} {
			_, err := v.Verify(token)
			refused(t, fmt.Sprint(row.name, ", token ", i), err, row.want[i])
		}
	}
}

func TestNewReportsEveryProblem(t *testing.T) {
	hs, rs, es := pairs()["HS256"].verify, pairs()["RS256"].verify, pairs()["ES256"].verify
	own, err := verify.HS256("", random)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		cfg  verify.Config
		want []string
	}{
		{"one key", verify.Config{Keys: []verify.Key{hs}}, nil},
		{"no key", verify.Config{}, []string{"Keys is empty"}},
		{"a zero key", verify.Config{Keys: []verify.Key{{}}}, []string{"Keys[0] is empty"}},
		{"one id for two", verify.Config{Keys: []verify.Key{rs, es}}, []string{`Keys[1] has the id "k"`}},
		{"a secret and a public key", verify.Config{Keys: []verify.Key{own, rs}}, []string{"mixes"}},
		{"all at once", verify.Config{Keys: []verify.Key{hs, rs, {}}, MaxLifetime: -1}, []string{"Keys[1] has", "Keys[2] is empty", "mixes", "MaxLifetime"}},
	} {
		v, err := verify.New(row.cfg)
		if (err == nil) != (row.want == nil) || (v == nil) != (err != nil) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
			continue
		}
		for _, want := range row.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", row.name, err, want)
			}
		}
	}
}

// JWT-17.
func TestJWKSHasPublicMembersOnly(t *testing.T) {
	var keys []verify.Key
	for _, alg := range []string{"HS256", "RS256", "ES256", "EdDSA"} {
		keys = append(keys, pairs()[alg].verify)
	}
	text, err := verify.JWKS(keys...)
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &set); err != nil || len(set.Keys) != 3 {
		t.Fatalf("%s: %v", text, err)
	}
	for i, members := range []string{"alg e kid kty n use", "alg crv kid kty use x y", "alg crv kid kty use x"} {
		for name := range set.Keys[i] {
			if !strings.Contains(" "+members+" ", " "+name+" ") {
				t.Errorf("key %d has %s", i, name)
			}
		}
		if n := len(strings.Fields(members)); len(set.Keys[i]) != n || set.Keys[i]["use"] != "sig" || set.Keys[i]["kid"] != "k" {
			t.Errorf("key %d is %v, want %s", i, set.Keys[i], members)
		}
	}
	if none, err := verify.JWKS(keys[0]); err != nil || string(none) != `{"keys":[]}` {
		t.Errorf("of a secret: %s, %v", none, err)
	}
	if _, err := verify.JWKS(verify.Key{}); err == nil {
		t.Error("the zero key is in a set")
	}
}
