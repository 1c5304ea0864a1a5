package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

// Apple signs people in with their Apple accounts. clientID is the Services ID, teamID the
// ten characters of the developer team, key the private key of keyID: what
// x509.ParsePKCS8PrivateKey makes of the PEM block in the downloaded .p8 file. The secret
// that Apple wants instead of a password is signed with it when it is needed.
//
// The subject is Apple's "sub", which is of the developer team: it changes when the app is
// transferred to another. The address may be a relay of Apple's (the claim
// "is_private_email"). Apple hands out verified addresses only and has written true as
// "true": here, and here alone, that text counts. Its word for them is proof.
//
// The name is told once, at somebody's very first sign-in, in the form that the browser
// brings back; it is never in the ID token, and nobody has signed it. Who takes the
// application out of their Apple account is asked for it again.
func Apple(clientID, teamID, keyID string, key *ecdsa.PrivateKey) IDP {
	secret := &appleSecret{clientID: clientID, teamID: teamID, keyID: keyID, key: key}
	return IDP{
		ID: "apple", Name: "Apple", ClientID: clientID, Secret: secret.at,
		AuthStyle: oauth2.AuthStyleInParams,
		Issuer:    appleIssuer,
		// Its metadata have named another issuer than its tokens for days (June 2025).
		AuthURL: appleIssuer + "/auth/authorize", TokenURL: appleIssuer + "/auth/token", JWKSURL: appleIssuer + "/auth/keys",
		Scopes:        []string{"openid", "email", "name"},
		FormPost:      true, // demanded with these scopes
		Map:           appleProfile,
		Authoritative: func(p Profile) bool { return p.EmailVerified && p.Email != "" },
	}
}

const appleIssuer = "https://appleid.apple.com"

func appleProfile(claims map[string]any) Profile {
	p := fromClaims(claims, "is_private_email")
	p.EmailVerified = p.EmailVerified || claims["email_verified"] == "true"
	return p
}

// Apple allows six months. A secret that leaks from a log is worth a day here, and signing
// costs less than the request it is for.
const (
	appleSecretLives = 24 * time.Hour
	appleSecretSpare = time.Hour // how long before its end it is made anew
)

var errAppleKey = errors.New("oauth: Apple's key must be an ECDSA key on the curve P-256")

// appleSecret makes the client's secret, and keeps it for a while.
type appleSecret struct {
	clientID, teamID, keyID string
	key                     *ecdsa.PrivateKey

	mu     sync.Mutex
	signed string    // guarded by mu, as all below
	from   time.Time // when it was signed
}

func (a *appleSecret) at(now time.Time) (string, error) {
	//lint:ignore SA1019 nothing else tells a key without its private part, with which signing panics
	if a.key == nil || a.key.Curve != elliptic.P256() || a.key.D == nil {
		return "", errAppleKey
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	// A clock that was set back makes a new one too: Apple refuses those of the future.
	if age := now.Sub(a.from); a.signed != "" && age >= 0 && age < appleSecretLives-appleSecretSpare {
		return a.signed, nil
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: a.teamID, Subject: a.clientID, Audience: jwt.ClaimStrings{appleIssuer},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(appleSecretLives)),
	})
	token.Header["kid"] = a.keyID
	signed, err := token.SignedString(a.key)
	if err != nil {
		return "", errAppleKey
	}
	a.signed, a.from = signed, now
	return signed, nil
}
