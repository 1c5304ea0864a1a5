package sessions

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/sessions/verify"
)

// Signer makes and reads session tokens that are JSON Web Tokens. It never changes and
// is safe for concurrent use.
type Signer struct {
	cfg      JWTConfig
	now      func() time.Time
	verifier *verify.Verifier
	// header is the same for every token: base64url of the first key's, with its dot.
	header string
	jwks   []byte
}

// NewSigner returns a Signer for a configuration, or every problem of it, joined. now
// must give UTC in whole microseconds.
func NewSigner(cfg JWTConfig, now func() time.Time) (*Signer, error) {
	cfg = cfg.WithDefaults()
	v, err := cfg.verifier(now)
	if err != nil {
		return nil, err
	}
	keys := make([]verify.Key, 0, len(cfg.Keys)+len(cfg.VerifyOnly))
	for _, k := range cfg.Keys {
		keys = append(keys, k.k.verifying)
	}
	jwks, err := verify.JWKS(append(keys, cfg.VerifyOnly...)...)
	if err != nil {
		return nil, err
	}
	first := cfg.Keys[0].k.verifying
	// A key's id has no character that JSON would escape.
	header := `{"alg":"` + first.Algorithm() + `","kid":"` + first.ID() + `","typ":"at+jwt"}`
	cfg.Keys = cfg.Keys[:1:1]
	return &Signer{
		cfg: cfg, now: now, verifier: v, jwks: jwks,
		header: base64.RawURLEncoding.EncodeToString([]byte(header)) + ".",
	}, nil
}

// Sign returns a token for a session, and the session as the token has it. UserID is
// required. CreatedAt, if zero, is now; ExpiresAt, if zero or further away, is
// CreatedAt and Lifetime, in whole seconds. A session with an ID is one that is kept
// elsewhere, and the token names it (sid); without, the token is all there is of the
// session, and their ID is the same (jti). UserAgent and IP are kept with
// JWTConfig.Metadata only.
func (s *Signer) Sign(session Session) (Session, Token, error) {
	if session.CreatedAt.IsZero() {
		session.CreatedAt = s.now()
	}
	session.CreatedAt = session.CreatedAt.UTC().Truncate(time.Microsecond)
	if end := session.CreatedAt.Add(s.cfg.Lifetime); session.ExpiresAt.IsZero() || session.ExpiresAt.After(end) {
		session.ExpiresAt = end
	}
	session.ExpiresAt = session.ExpiresAt.UTC().Truncate(time.Second)
	session.LastSeenAt, session.AbsoluteExpiresAt = session.CreatedAt, session.ExpiresAt
	session.Factors = signable(session.Factors)
	if s.cfg.Metadata {
		session.UserAgent, session.IP = printable(session.UserAgent, 512), printable(session.IP, 64)
	} else {
		session.UserAgent, session.IP = "", ""
	}
	jti, sid := schema.NewID("ses"), session.ID
	if sid == "" {
		session.ID = jti
	}
	switch {
	case session.UserID == "" || len(session.UserID) > maxJWTID || len(sid) > maxJWTID:
		return Session{}, "", fmt.Errorf("sessions: a token needs a user id, and ids of at most %d bytes", maxJWTID)
	case !session.ExpiresAt.After(session.CreatedAt):
		return Session{}, "", errors.New("sessions: a token would expire before it begins")
	}
	claims, err := s.claims(session, jti, sid)
	if err != nil {
		return Session{}, "", err
	}
	key := s.cfg.Keys[0].k
	input := s.header + base64.RawURLEncoding.EncodeToString(claims)
	signature, err := key.method.Sign(input, *key.private)
	if err != nil {
		return Session{}, "", fmt.Errorf("sessions: signing: %w", err)
	}
	signed := input + "." + base64.RawURLEncoding.EncodeToString(signature)
	if len(signed) > verify.MaxToken {
		return Session{}, "", errors.New("sessions: the token would be too long to be taken")
	}
	return session, Token(signed), nil
}

// maxJWTID is how long verify lets an id be, and the columns of ids are.
const maxJWTID = 64

// claims is the JSON of a token's claims.
func (s *Signer) claims(session Session, jti, sid string) ([]byte, error) {
	b := claimsJSON{buf: make([]byte, 0, 512)}
	b.text(`{"sub":`, session.UserID)
	b.text(`,"jti":`, jti)
	b.optional(`,"sid":`, sid)
	b.optional(`,"iss":`, s.cfg.Issuer)
	b.optional(`,"aud":`, s.cfg.Audience)
	// In microseconds, so that a token of the same second as a log-out everywhere is
	// known to be older or younger.
	b.moment(`,"iat":`, session.CreatedAt)
	b.moment(`,"exp":`, session.ExpiresAt)
	for i, f := range session.Factors {
		b.text([2]string{`,"factors":{`, `,`}[min(i, 1)], f.Kind)
		b.moment(`:`, f.At)
	}
	if len(session.Factors) > 0 {
		b.buf = append(b.buf, '}')
	}
	if s.cfg.Metadata {
		b.text(`,"metadata":{"user_agent":`, session.UserAgent)
		b.text(`,"ip_address":`, session.IP)
		b.buf = append(b.buf, '}')
	}
	return append(b.buf, '}'), b.err
}

// claimsJSON is JSON under way, and what went wrong first.
type claimsJSON struct {
	buf []byte
	err error
}

func (b *claimsJSON) text(before, value string) {
	b.buf = append(b.buf, before...)
	var err error
	if b.buf, err = jsontext.AppendQuote(b.buf, value); err != nil && b.err == nil {
		b.err = errors.New("sessions: a token can hold only UTF-8")
	}
}

func (b *claimsJSON) optional(before, value string) {
	if value != "" {
		b.text(before, value)
	}
}

// moment writes a NumericDate (RFC 7519, section 2), with a fraction if there is one.
func (b *claimsJSON) moment(before string, t time.Time) {
	b.buf = append(b.buf, before...)
	b.buf = strconv.AppendInt(b.buf, t.Unix(), 10)
	if micros := t.Nanosecond() / 1000; micros > 0 {
		b.buf = append(b.buf, '.')
		b.buf = append(b.buf, strconv.Itoa(1_000_000 + micros)[1:]...)
	}
}

// signable are the factors as a token holds them: each kind once, and without those
// that have no time, which prove nothing.
func signable(factors []Factor) []Factor {
	var list []Factor
	for _, f := range Merge(nil, factors...) {
		if f.Kind != "" && len(f.Kind) <= maxJWTID && f.At.Unix() > 0 && len(list) < maxFactors {
			list = append(list, Factor{Kind: f.Kind, At: f.At.UTC().Truncate(time.Microsecond)})
		}
	}
	return list
}

// printable keeps what JSON would not blow up to six bytes for one.
func printable(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") // a character may have been cut
	}
	return s
}

// Verify returns the session that a token holds, without asking anybody: it may have
// been signed out since, and its user disabled. Every refusal is an ErrNotFound, and a
// verify.ErrInvalid that says why to a log. Transport is not in tokens and is empty.
func (s *Signer) Verify(signed string) (Session, error) {
	c, err := s.verifier.Verify(signed)
	if err != nil {
		return Session{}, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	session := Session{
		ID: c.SessionID, UserID: c.Subject, UserAgent: c.UserAgent, IP: c.IP,
		CreatedAt: c.IssuedAt, LastSeenAt: c.IssuedAt, ExpiresAt: c.ExpiresAt, AbsoluteExpiresAt: c.ExpiresAt,
	}
	if session.ID == "" {
		session.ID = c.ID
	}
	if len(c.Factors) > 0 {
		session.Factors = make([]Factor, len(c.Factors))
		for i, f := range c.Factors {
			session.Factors[i] = Factor(f)
		}
	}
	return session, nil
}

// JWKS is the JSON Web Key Set of the keys that verify (RFC 7517): public keys, with no
// private member; empty for HS256. It is for the site to publish.
func (s *Signer) JWKS() []byte { return append([]byte(nil), s.jwks...) }
