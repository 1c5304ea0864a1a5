package oauth

import (
	"encoding/json"
	"errors"
	"strings"
)

// OpenID is any OpenID provider: its endpoints are discovered at issuer, which is the
// value of "iss" to the byte. It asks for openid, email and profile; for ID tokens that
// are signed with anything but RS256, set Algorithms. Its word for an address proves
// nothing until Authoritative says for which addresses it may be believed.
//
// A server that knows OAuth 2.0 only is an IDP with its endpoints, Scopes and Profile.
func OpenID(id, name, issuer, clientID, clientSecret string) IDP {
	return IDP{ID: id, Name: name, Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret}
}

// errNobody: a provider that answered, and did not say who. Nobody is signed in as "".
var errNobody = errors.New("oauth: the provider did not say who the person is")

// known returns the profile if it names somebody.
func known(p Profile) (Profile, error) {
	if p.Subject == "" || len(p.Subject) > 255 {
		return Profile{}, errNobody
	}
	return p, nil
}

// fromClaims reads the standard claims, and keeps those of the others that are named.
// Anything of another type than the specification's is as if it were not there: a
// subject that is a number, "true" for true.
func fromClaims(claims map[string]any, keep ...string) Profile {
	return Profile{
		Subject:       textOf(claims["sub"]),
		Email:         textOf(claims["email"]),
		EmailVerified: claims["email_verified"] == true,
		Name:          textOf(claims["name"]),
		Picture:       textOf(claims["picture"]),
		Claims:        kept(claims, keep...),
	}
}

// kept are the short texts and truth values among what was told; nil if there are none.
func kept(told map[string]any, names ...string) map[string]any {
	var claims map[string]any
	for _, name := range names {
		value := told[name]
		if s, ok := value.(string); ok && (s == "" || len(s) > 255) {
			continue
		}
		switch value.(type) {
		case string, bool:
			if claims == nil {
				claims = map[string]any{}
			}
			claims[name] = value
		}
	}
	return claims
}

// textOf is a text, or "" for anything else.
func textOf(value any) string {
	s, _ := value.(string)
	return s
}

// inside is what is told below a name, or nothing.
func inside(value any, name string) any {
	object, _ := value.(map[string]any)
	return object[name]
}

// digitsOf is a positive whole number as it was written, or "" for anything else: 1e3 and
// 1000 must not be two people, nor 1 and "1".
func digitsOf(value any) string {
	n, ok := value.(json.Number)
	if !ok || len(n) > 20 || n == "" || n[0] == '0' || strings.Trim(string(n), "0123456789") != "" {
		return ""
	}
	return string(n)
}
