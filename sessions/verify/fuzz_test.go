package verify_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/torii-go/torii/sessions/verify"
)

// FuzzVerify holds that a token is taken only as it was signed, and that nothing is
// taken that the key did not sign.
func FuzzVerify(f *testing.F) {
	p := pairs()["HS256"]
	v := verifier(f, p.verify)
	for _, claims := range []string{good, with("exp 0"), with(`factors {"totp":1.5}`, `metadata {"user_agent":"x"}`), "null", "{", `{"sub":1,"sub":2}`} {
		f.Add(p.header(), claims, "")
		f.Add(`{"alg":"none","typ":"at+jwt"}`, claims, p.token(p.header(), claims))
	}
	f.Fuzz(func(t *testing.T, header, claims, raw string) {
		if c, err := v.Verify(raw); err == nil || !errors.Is(err, verify.ErrInvalid) {
			resigned, _, _ := strings.Cut(raw, ".")
			rest := strings.TrimPrefix(raw, resigned+".")
			payload, _, _ := strings.Cut(rest, ".")
			if p.sign(resigned+"."+payload) != raw {
				t.Fatalf("taken: %q as %+v, %v", raw, c, err)
			}
		}
		c, err := v.Verify(p.token(header, claims))
		switch {
		case err != nil:
			if !errors.Is(err, verify.ErrInvalid) || c.Subject != "" {
				t.Fatalf("%v with %+v", err, c)
			}
		case c.Subject == "" || c.ID == "" || c.Issuer != "site" || !c.ExpiresAt.After(noon) || c.IssuedAt.IsZero():
			t.Fatalf("%+v of %s", c, claims)
		case !verify.LooksLikeJWT(p.token(header, claims)) && strings.HasPrefix(header, "{"):
			t.Fatalf("%s does not look like a token", base64.RawURLEncoding.EncodeToString([]byte(header)))
		}
	})
}
