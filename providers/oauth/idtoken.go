package oauth

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/torii-go/torii/internal/strictjson"
)

const (
	// leeway is how far a provider's clock may be ahead.
	leeway     = time.Minute
	maxSubject = 255
)

// expected is what an ID token has to agree with.
type expected struct {
	clients []string // whose token it may be
	nonce   string
	access  string // the access token that came with it; "" for none
	fresh   bool   // the person was to prove themselves after began
	began   time.Time
}

// idToken is one that has been verified.
type idToken struct {
	issuer, subject string
	// at is when the person proved themselves at the provider; zero if it does not say.
	at     time.Time
	claims map[string]any
}

// idClaims are those that are checked here. Their names match exactly, and none may be
// there twice: what two readers understand in two ways is refused.
type idClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Party    *string  `json:"azp"`
	IssuedAt *float64 `json:"iat"`
	Expires  *float64 `json:"exp"`
	AuthTime *float64 `json:"auth_time"`
	Nonce    string   `json:"nonce"`
}

// audience is one client, or a list of them.
type audience []string

// UnmarshalJSON reads both forms.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// verify checks an ID token whole: OpenID Connect Core, section 3.1.3.7.
func (r *remote) verify(ctx context.Context, raw string, want expected) (idToken, error) {
	// Issuer and audience are compared below, exactly.
	signed, err := oidc.NewVerifier(r.idp.Issuer, r.keys, &oidc.Config{
		SupportedSigningAlgs: r.idp.Algorithms, SkipClientIDCheck: true, SkipIssuerCheck: true, Now: r.now,
	}).Verify(ctx, raw)
	if err != nil {
		return idToken{}, err
	}
	var payload json.RawMessage
	if err := signed.Claims(&payload); err != nil {
		return idToken{}, err
	}
	var c idClaims
	if err := strictjson.Decode(bytes.NewReader(payload), maxAnswer, &c); err != nil {
		return idToken{}, fmt.Errorf("the ID token's claims: %w", err)
	}
	t := idToken{subject: c.Subject}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&t.claims); err != nil {
		return idToken{}, err
	}
	t.issuer = r.idp.Issuer
	if r.idp.IssuerOf != nil {
		if t.issuer, err = r.idp.IssuerOf(t.claims); err != nil {
			return idToken{}, err
		}
	}
	if err := r.checkClaims(c, t.issuer, want); err != nil {
		return idToken{}, err
	}
	if _, has := t.claims["at_hash"]; has && want.access != "" {
		if err := signed.VerifyAccessToken(want.access); err != nil {
			return idToken{}, err
		}
	}
	t.at, err = r.authTime(c, want)
	return t, err
}

func (r *remote) checkClaims(c idClaims, issuer string, want expected) error {
	now := r.now()
	ours := func(id string) bool { return slices.Contains(want.clients, id) }
	switch {
	case issuer == "" || c.Issuer != issuer:
		return fmt.Errorf("the ID token is of the issuer %.100q, not of %.100q", c.Issuer, issuer)
	case !slices.ContainsFunc(c.Audience, ours):
		return errors.New("the ID token is for another client")
	case c.Party == nil && len(c.Audience) > 1:
		return errors.New("the ID token is for several clients, and does not say which has asked for it")
	case c.Party != nil && !ours(*c.Party):
		return errors.New("the ID token was asked for by another client")
	case c.Expires == nil || *c.Expires <= 0:
		return errors.New("the ID token does not say when it expires")
	case *c.Expires <= float64(now.Unix()):
		return errors.New("the ID token has expired")
	case c.IssuedAt == nil || *c.IssuedAt <= 0:
		return errors.New("the ID token does not say when it was made")
	case *c.IssuedAt > float64(now.Add(leeway).Unix()):
		return errors.New("the ID token is of the future")
	case want.nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(want.nonce)) != 1:
		return errors.New("the ID token has another nonce")
	case !isSubject(c.Subject):
		return errors.New("the ID token's subject is not one of 1 to 255 bytes")
	}
	return nil
}

// authTime is when the person proved themselves, as far as it can be believed.
func (r *remote) authTime(c idClaims, want expected) (time.Time, error) {
	if c.AuthTime == nil {
		if want.fresh {
			return time.Time{}, errors.New("the ID token does not say when the person proved themselves, though asked")
		}
		return time.Time{}, nil
	}
	now := r.now()
	if *c.AuthTime <= 0 || *c.AuthTime > float64(now.Add(leeway).Unix()) {
		return time.Time{}, errors.New("the ID token's auth_time cannot be")
	}
	at := time.Unix(int64(*c.AuthTime), 0).UTC()
	if want.fresh && at.Before(want.began.Add(-leeway)) {
		return time.Time{}, errors.New("the person has not proved themselves again, though asked")
	}
	if at.After(now) {
		at = now
	}
	return at, nil
}

// isSubject tells whether a provider's id of a person can be kept, and compared, as it is.
func isSubject(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return s != "" && len(s) <= maxSubject && utf8.ValidString(s)
}
