package sessions_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/sessions"
	"github.com/torii-go/torii/sessions/verify"
)

func TestPrivateKeys(t *testing.T) {
	blocks := func(kind string, der []byte, err error) []byte {
		t.Helper()
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: must(der, err)(t)})
	}
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return blocks("PRIVATE KEY", der, err)
	}
	rsaPEM := newRSA()
	block, _ := pem.Decode(rsaPEM)
	rsaKey := must(x509.ParsePKCS1PrivateKey(block.Bytes))(t)
	p256 := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))(t)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GODEBUG", "rsa1024min=0")
	small, smallErr := rsa.GenerateKey(rand.Reader, 1024)
	sec1, err := x509.MarshalECPrivateKey(p256)
	ecPEM := blocks("EC PRIVATE KEY", sec1, err)
	spki, err := x509.MarshalPKIXPublicKey(&p256.PublicKey)
	rows := []struct {
		name string
		pem  []byte
		for_ string // the algorithm that takes it
		want string // what the others, or all, say
	}{
		{"RSA as PKCS #1", rsaPEM, "RS256", "is for RS256"},
		{"RSA as PKCS #8", pkcs8(rsaKey), "RS256", "is for RS256"},
		{"P-256 as SEC 1", ecPEM, "ES256", "is for ES256"},
		{"P-256 as openssl ecparam writes it", append(blocks("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}, nil), ecPEM...), "ES256", "is for ES256"},
		{"P-256 as PKCS #8", pkcs8(p256), "ES256", "is for ES256"},
		{"Ed25519", pkcs8(ed), "EdDSA", "is for EdDSA"},
		{"P-384", pkcs8(p384), "", "P-256"},
		{"a public key", blocks("PUBLIC KEY", spki, err), "", "public key"},
		{"an encrypted key", blocks("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "", "encrypted"},
		{"an encrypted key of old", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("x")}), "", "encrypted"},
		{"two keys", append(pkcs8(ed), pkcs8(ed)...), "", "one key"},
		{"nothing", nil, "", "no PEM"},
		{"no PEM", jwtSecret, "", "no PEM"},
		{"another block", blocks("CERTIFICATE", []byte("x"), nil), "", "not a PRIVATE KEY"},
		{"nonsense in a block", blocks("PRIVATE KEY", []byte("x"), nil), "", "no private key"},
		{"nonsense in PKCS #1", blocks("RSA PRIVATE KEY", []byte("x"), nil), "", "no private key"},
		{"nonsense in SEC 1", blocks("EC PRIVATE KEY", []byte("x"), nil), "", "no private key"},
	}
	if smallErr == nil {
		rows = append(rows, struct {
			name string
			pem  []byte
			for_ string
			want string
		}{"RSA of 1024 bits", pkcs8(small), "", "2048 bits"})
	}
	type constructors struct {
		bytes, file func(string, string) (sessions.SigningKey, error)
	}
	text := func(f func(string, []byte) (sessions.SigningKey, error)) func(string, string) (sessions.SigningKey, error) {
		return func(id, text string) (sessions.SigningKey, error) { return f(id, []byte(text)) }
	}
	for alg, make := range map[string]constructors{
		"RS256": {text(sessions.RS256Key), sessions.RS256KeyFile},
		"ES256": {text(sessions.ES256Key), sessions.ES256KeyFile},
		"EdDSA": {text(sessions.EdDSAKey), sessions.EdDSAKeyFile},
	} {
		for i, row := range rows {
			k, err := make.bytes("", string(row.pem))
			if alg != row.for_ {
				if err == nil || !strings.Contains(err.Error(), row.want) || k != (sessions.SigningKey{}) {
					t.Errorf("%s for %s: %v, want an error that says %q", row.name, alg, err, row.want)
				}
				continue
			}
			if err != nil || len(k.Verifying().ID()) != 43 {
				t.Errorf("%s for %s: %v, %v", row.name, alg, k, err)
				continue
			}
			path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".pem"))
			if err := os.WriteFile(path, row.pem, 0o600); err != nil {
				t.Fatal(err)
			}
			again := must(make.file("", path))(t)
			s := signerAt(t, sessions.JWTConfig{Keys: []sessions.SigningKey{k}}, atNoon)
			_, token, err := signerAt(t, sessions.JWTConfig{Keys: []sessions.SigningKey{again}}, atNoon).Sign(sessions.Session{UserID: "usr_1"})
			if err != nil {
				t.Errorf("%s for %s: %v", row.name, alg, err)
				continue
			}
			if _, err := s.Verify(token.Reveal()); err != nil {
				t.Errorf("%s for %s: %v", row.name, alg, err)
			}
		}
		if _, err := make.file("", filepath.Join(t.TempDir(), "none.pem")); err == nil {
			t.Errorf("%s: a key of no file", alg)
		}
	}
	for _, secret := range []string{"", "x", "secret", strings.Repeat("\x00", 64), "your-secret-key-must-be-at-least-32-bytes-long!"} {
		if k, err := sessions.HS256Key("", []byte(secret)); err == nil || k != (sessions.SigningKey{}) {
			t.Errorf("%q is a secret", secret)
		}
	}
}

// LOG-05.
func TestSigningKeysDoNotPrint(t *testing.T) {
	private := newEC()
	block, _ := pem.Decode(private)
	key := must(x509.ParsePKCS8PrivateKey(block.Bytes))(t).(*ecdsa.PrivateKey)
	d := must(key.Bytes())(t)
	hs, ec := must(sessions.HS256Key("h", jwtSecret))(t), must(sessions.ES256Key("e", private))(t)
	var b strings.Builder
	for _, k := range []sessions.SigningKey{hs, ec} {
		cfg := sessions.JWTConfig{Keys: []sessions.SigningKey{k}, VerifyOnly: []verify.Key{k.Verifying()}}
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "key", k, "cfg", cfg)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "key", k, "cfg", cfg)
		b.Write(must(json.Marshal(cfg))(t))
		hidden := struct{ k sessions.SigningKey }{k}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
			fmt.Fprintf(&b, strings.Repeat(verb, 4), k, &k, hidden, cfg)
		}
		s, err := sessions.NewSigner(sessions.JWTConfig{Keys: []sessions.SigningKey{k}}, atNoon)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			fmt.Fprintf(&b, verb+verb, s, *s)
		}
	}
	for _, secret := range [][]byte{jwtSecret, d} {
		for _, form := range []string{string(secret[:8]), hex.EncodeToString(secret[:8]), strings.Trim(fmt.Sprint(secret[:5]), "[]"), strings.Trim(fmt.Sprintf("%#v", secret[:4]), "[]byte{}")} {
			if strings.Contains(b.String(), form) {
				t.Errorf("printed as %q: %s", form, b.String())
			}
		}
	}
	if strings.Contains(b.String(), new(big.Int).SetBytes(d).String()) || !strings.Contains(b.String(), "ES256 e") {
		t.Errorf("printed: %s", b.String())
	}
}
