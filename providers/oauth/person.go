package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/address"
)

const (
	maxEmail   = 512
	maxName    = 100 // characters
	maxPicture = 2048
	maxKept    = 16 << 10
)

// identity is somebody whom a provider has named, for good.
type identity struct {
	Profile
	issuer string
	// at is when they proved themselves there; zero if the provider does not say.
	at     time.Time
	tokens *auth.ProviderTokens
}

// profileOf asks an OAuth 2.0 server.
func (r *remote) profileOf(ctx context.Context, tok *oauth2.Token) (identity, error) {
	told, err := r.idp.Profile(ctx, r.client, tok.AccessToken)
	switch {
	case err != nil:
		return identity{}, err
	case !isSubject(told.Subject):
		return identity{}, errors.New("the profile's subject is not one of 1 to 255 bytes")
	}
	return identity{Profile: clean(told), tokens: r.kept(tok)}, nil
}

// personOf reads an ID token, and asks for what it does not say.
func (r *remote) personOf(ctx context.Context, m metadata, t idToken, tok *oauth2.Token) (identity, error) {
	if m.UserInfoURL != "" && (r.idp.UserInfoURL != "" || t.claims["email"] == nil) {
		if err := r.addUserInfo(ctx, m.UserInfoURL, t, tok.AccessToken); err != nil {
			return identity{}, err
		}
	}
	told, err := r.told(t)
	if err != nil {
		return identity{}, err
	}
	if r.idp.Profile != nil {
		more, err := r.idp.Profile(ctx, r.client, tok.AccessToken)
		switch {
		case err != nil:
			return identity{}, err
		case more.Subject != "" && more.Subject != t.subject:
			return identity{}, errors.New("the profile is of another subject than the ID token")
		}
		told = complete(told, more)
	}
	return identity{Profile: clean(told), issuer: t.issuer, at: t.at, tokens: r.kept(tok)}, nil
}

// told is what the claims say of the person.
func (r *remote) told(t idToken) (Profile, error) {
	if email, ok := t.claims["email"].(string); t.claims["email"] != nil && (!ok || len(email) > maxEmail) {
		return Profile{}, errors.New("the claim email is no address")
	}
	var p Profile
	if r.idp.Map != nil {
		p = r.idp.Map(t.claims)
	} else {
		p = fromClaims(t.claims)
	}
	p.Subject = t.subject
	return p, nil
}

// addUserInfo adds the claims of the UserInfo endpoint to an ID token's, which count where
// both say something. It must be about the same person (OpenID Connect Core, 5.3.2).
func (r *remote) addUserInfo(ctx context.Context, url string, t idToken, access string) error {
	var told map[string]any
	if err := getJSON(ctx, r.client, access, url, &told); err != nil {
		return err
	}
	if sub, ok := told["sub"].(string); !ok || sub != t.subject {
		return errors.New("the UserInfo endpoint tells of another subject than the ID token")
	}
	if t.claims["email"] == nil {
		delete(t.claims, "email_verified") // it would speak of another address
	} else {
		delete(told, "email_verified")
	}
	for name, value := range told {
		if t.claims[name] == nil {
			t.claims[name] = value
		}
	}
	return nil
}

// complete fills in what a profile lacks. An address comes with its own verification.
func complete(p, more Profile) Profile {
	if p.Email == "" {
		p.Email, p.EmailVerified = more.Email, more.EmailVerified
	}
	if p.Name == "" {
		p.Name = more.Name
	}
	if p.Picture == "" {
		p.Picture = more.Picture
	}
	if p.Claims == nil {
		p.Claims = more.Claims
	}
	return p
}

// clean drops what cannot be used: nobody is kept out by an odd name.
func clean(p Profile) Profile {
	if _, err := address.Parse(p.Email); err != nil {
		p.Email, p.EmailVerified = "", false
	}
	p.Name = strings.ToValidUTF8(p.Name, "")
	if utf8.RuneCountInString(p.Name) > maxName {
		p.Name = string([]rune(p.Name)[:maxName])
	}
	if !isPicture(p.Picture) {
		p.Picture = ""
	}
	return p
}

// isPicture tells whether it is an https URL in ASCII. It is never fetched.
func isPicture(s string) bool {
	u, err := url.Parse(s)
	odd := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && !odd && len(s) <= maxPicture
}

// identity is what is written for a person.
func (r *remote) identity(who identity) *auth.Identity {
	kept := ""
	if len(who.Claims) > 0 {
		if text, err := json.Marshal(who.Claims); err == nil && len(text) <= maxKept {
			kept = string(text)
		}
	}
	return &auth.Identity{
		Provider: r.idp.ID, Name: r.idp.Name, Issuer: who.issuer, Subject: who.Subject,
		Email: who.Email, Profile: kept, Tokens: who.tokens,
	}
}

// proves tells whether the provider's word proves the address.
func (r *remote) proves(p Profile) bool {
	return p.Email != "" && p.EmailVerified && r.idp.Authoritative != nil && r.idp.Authoritative(p)
}

// kept are the tokens to be stored; nil for none.
func (r *remote) kept(tok *oauth2.Token) *auth.ProviderTokens {
	if !r.idp.KeepTokens || !fits(tok.AccessToken) {
		return nil
	}
	t := &auth.ProviderTokens{Access: tok.AccessToken, Expires: r.expiry(tok)}
	if fits(tok.RefreshToken) {
		t.Refresh = tok.RefreshToken
	}
	return t
}

// fits tells whether a token can be kept: sealed, its JSON has to fit into a column.
func fits(token string) bool {
	text, err := json.Marshal(token)
	return err == nil && len(text) <= maxToken
}

// maxToken is in bytes.
const maxToken = 12000

// expiry is when an access token ends, by the Auth's clock; x/oauth2 has added expires_in
// to its own.
func (r *remote) expiry(tok *oauth2.Token) time.Time {
	if tok.ExpiresIn > 0 {
		return r.now().Add(time.Duration(min(tok.ExpiresIn, maxTokenSeconds)) * time.Second)
	}
	return time.Time{}
}

// maxTokenSeconds is a year: beyond it a lifetime is a mistake.
const maxTokenSeconds = 366 * 24 * 60 * 60
