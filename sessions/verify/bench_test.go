package verify_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/torii-go/torii/sessions/verify"
)

// BenchmarkVerify has beside each algorithm what somebody writes by hand with
// golang-jwt, which leaves most of the checks out.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range []string{"HS256", "RS256", "ES256", "EdDSA"} {
		p := pairs()[alg]
		b.Run(alg+"/torii", func(b *testing.B) {
			token := p.token(p.header(), with(`sid "ses_1"`, `factors {"password":1893585600.123456}`))
			v := verifier(b, p.verify)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
		// Without what is Torii's own, as golang-jwt's structure has it.
		b.Run(alg+"/torii-registered-claims", func(b *testing.B) {
			token := p.token(p.header(), good)
			v := verifier(b, p.verify)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg+"/by-hand", func(b *testing.B) {
			token := p.token(p.header(), good)
			var key any
			if k, ok := p.private.([]byte); ok {
				key = k
			} else {
				key = publicOf(p)
			}
			parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
				jwt.WithIssuer("site"), jwt.WithAudience("app"), jwt.WithStrictDecoding(), jwt.WithTimeFunc(atNoon))
			b.ReportAllocs()
			for b.Loop() {
				var c jwt.RegisteredClaims
				if _, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
					if t.Header["kid"] != "k" {
						return nil, errors.New("unknown key")
					}
					return key, nil
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRefuse(b *testing.B) {
	p := pairs()["HS256"]
	v, err := verify.New(verify.Config{Keys: []verify.Key{p.verify}, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	token := p.token(p.header(), good)
	forged := token[:len(token)-4] + "AAAA"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(forged); err == nil {
			b.Fatal("taken")
		}
	}
}
