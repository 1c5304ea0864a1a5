package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/torii-go/torii/providers/oauth"
)

// An ID token of Apple's, as it has been since 2019: true is a text in some years.
const appleToken = `{"iss":"https://appleid.apple.com","aud":"client","exp":1632208524,"iat":1632122124,
	"sub":"001393.6d621da1f7d04956b8d29fa982ba1d1f.1517","at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","email":"abcd@privaterelay.appleid.com",
	"email_verified":"true","is_private_email":"true","auth_time":1632122123,"nonce_supported":true}`

func appleKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestApple(t *testing.T) {
	just := func(verified bool) oauth.Profile {
		return oauth.Profile{Subject: "1.a.2", Email: "a@x.example", EmailVerified: verified}
	}
	checkTold(t, oauth.Apple("client", "team", "key", appleKey(t)), []told{
		{"true as a text", claims(appleToken), oauth.Profile{
			Subject: "001393.6d621da1f7d04956b8d29fa982ba1d1f.1517", Email: "abcd@privaterelay.appleid.com", EmailVerified: true,
			Claims: map[string]any{"is_private_email": "true"},
		}, false},
		{"true", claims(`{"sub":"1.a.2","email":"a@x.example","email_verified":true}`), just(true), false},
		{"false as a text", claims(`{"sub":"1.a.2","email":"a@x.example","email_verified":"false"}`), just(false), false},
		{"another text", claims(`{"sub":"1.a.2","email":"a@x.example","email_verified":"TRUE"}`), just(false), false},
		{"a number", claims(`{"sub":"1.a.2","email":"a@x.example","email_verified":1}`), just(false), false},
		{"a list", claims(`{"sub":"1.a.2","email":"a@x.example","email_verified":["true"]}`), just(false), false},
		{"nothing", claims(`{"sub":"1.a.2","email":"a@x.example"}`), just(false), false},
		{"no address", claims(`{"sub":"1.a.2"}`), oauth.Profile{Subject: "1.a.2"}, false},
		{"no subject", claims(`{"email":"a@x.example","email_verified":true}`), oauth.Profile{}, true},
	})
}

func TestAppleIsBelieved(t *testing.T) {
	t.Parallel()
	believed := oauth.Apple("client", "team", "key", appleKey(t)).Authoritative
	if !believed(oauth.Profile{Email: "a@x.example", EmailVerified: true}) {
		t.Error("a verified address is not believed")
	}
	if believed(oauth.Profile{Email: "a@x.example"}) || believed(oauth.Profile{EmailVerified: true}) {
		t.Error("believed without a verified address")
	}
}

// The secret is what https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
// asks for, and is kept until shortly before its end.
func TestAppleSecret(t *testing.T) {
	t.Parallel()
	key := appleKey(t)
	idp := oauth.Apple("com.example.web", "TEAM123456", "KEY1234567", key)
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	secret := func(now time.Time) string {
		t.Helper()
		s, err := idp.Secret(now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := secret(start)

	var got jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(first, &got, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return start }))
	if err != nil {
		t.Fatal(err)
	}
	if token.Header["kid"] != "KEY1234567" || got.Issuer != "TEAM123456" || got.Subject != "com.example.web" ||
		len(got.Audience) != 1 || got.Audience[0] != "https://appleid.apple.com" || !got.IssuedAt.Equal(start) {
		t.Errorf("got %v %+v", token.Header, got)
	}
	lives := got.ExpiresAt.Sub(start)
	if lives <= 0 || lives > 15777000*time.Second {
		t.Errorf("lives for %s", lives)
	}

	if secret(start.Add(lives/2)) != first {
		t.Error("made anew at half time")
	}
	later := secret(start.Add(lives - time.Minute))
	if later == first {
		t.Error("a minute before its end it is still handed out")
	}
	if secret(start) == later {
		t.Error("handed out by a clock for which it is from the future")
	}
}

func TestAppleSecretOfManyAtOnce(t *testing.T) {
	t.Parallel()
	idp, now := oauth.Apple("client", "team", "key", appleKey(t)), time.Now()
	made := make([]string, 50)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() { made[i], _ = idp.Secret(now) })
	}
	wg.Wait()
	for _, s := range made {
		if s == "" || s != made[0] {
			t.Fatalf("got %q and %q", made[0], s)
		}
	}
}

func TestAppleKeyIsWrong(t *testing.T) {
	t.Parallel()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]*ecdsa.PrivateKey{
		"no key": nil, "an empty key": {}, "a key on another curve": p384,
		"half a key": {PublicKey: appleKey(t).PublicKey},
	} {
		if s, err := oauth.Apple("client", "team", "key", key).Secret(time.Now()); err == nil || s != "" {
			t.Errorf("%s signs %q", name, s)
		}
	}
}
