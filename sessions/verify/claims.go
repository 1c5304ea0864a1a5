package verify

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Claims are what a valid token says. Times are UTC.
type Claims struct {
	// ID names the token (jti).
	ID string
	// Subject is the user's id (sub).
	Subject string
	// SessionID is the session that the token belongs to (sid); "" if the token is all
	// there is of it.
	SessionID string
	Issuer    string
	Audience  []string
	IssuedAt  time.Time
	// ExpiresAt is the first moment at which the token is refused.
	ExpiresAt time.Time
	NotBefore time.Time
	// Factors are what the user had proven when the token was signed.
	Factors []Factor
	// UserAgent and IP are of the sign-in, if the signer puts them into tokens. They
	// are what the client claimed then, and say nothing about who sends the token now.
	UserAgent string
	IP        string
}

// Factor is one proof of identity: its kind ("password", "passkey", "totp" …) and when
// it was given.
type Factor struct {
	Kind string
	At   time.Time
}

// ProvenAt is the last time one of the kinds was proven, or the zero time.
func (c Claims) ProvenAt(kinds ...string) time.Time {
	var last time.Time
	for _, f := range c.Factors {
		if slices.Contains(kinds, f.Kind) && f.At.After(last) {
			last = f.At
		}
	}
	return last
}

// isFor tells whether a principal of this name is meant. A token for somebody is not
// for a principal without a name (RFC 7519, section 4.1.3).
func (c *Claims) isFor(audience string) bool {
	if audience == "" {
		return len(c.Audience) == 0
	}
	return slices.Contains(c.Audience, audience)
}

// wire is the JSON of the claims. Each type takes one form, and none takes null;
// members that are not here are somebody else's.
type wire struct {
	Jti      text     `json:"jti"`
	Sub      text     `json:"sub"`
	Sid      text     `json:"sid"`
	Iss      text     `json:"iss"`
	Aud      audience `json:"aud"`
	Iat      moment   `json:"iat"`
	Exp      moment   `json:"exp"`
	Nbf      moment   `json:"nbf"`
	Factors  factors  `json:"factors"`
	Metadata metadata `json:"metadata"`
}

type metadata struct {
	UserAgent text `json:"user_agent"`
	IP        text `json:"ip_address"`
}

// readClaims reads the payload of a token whose signature is right.
func readClaims(payload []byte) (Claims, error) {
	var w wire
	if err := json.Unmarshal(payload, &w); err != nil {
		return Claims{}, reason(err, errClaims)
	}
	switch {
	case payload[0] != '{': // null, which is no error
		return Claims{}, errClaims
	case w.Exp.IsZero():
		return Claims{}, errExpiry
	case !usable(w.Sub):
		return Claims{}, errSubject
	case !usable(w.Jti):
		return Claims{}, errID
	case w.Sid != "" && !usable(w.Sid):
		return Claims{}, errSession
	}
	return Claims{
		ID: string(w.Jti), Subject: string(w.Sub), SessionID: string(w.Sid), Issuer: string(w.Iss), Audience: w.Aud,
		IssuedAt: w.Iat.Time, ExpiresAt: w.Exp.Time, NotBefore: w.Nbf.Time,
		Factors: w.Factors, UserAgent: string(w.Metadata.UserAgent), IP: string(w.Metadata.IP),
	}, nil
}

// usable ids go to databases and logs: short, and without control characters.
func usable(id text) bool {
	for i := range len(id) {
		if id[i] < ' ' || id[i] == 0x7f {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

// reason tells duplicates from the rest. The parser's own error holds text of the
// token.
func reason(err, otherwise error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errDuplicate
	}
	return otherwise
}

var errForm = errors.New("verify: wrong form")

// text is a string: no null, no number.
type text string

// UnmarshalJSONFrom reads a string.
func (t *text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	s, err := readText(d)
	*t = text(s)
	return err
}

func readText(d *jsontext.Decoder) (string, error) {
	token, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	if token.Kind() != '"' {
		return "", errForm
	}
	return token.String(), nil
}

// audience is a string or an array of strings.
type audience []string

// UnmarshalJSONFrom reads either.
func (a *audience) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	list := d.PeekKind() == '['
	if list {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
	}
	for !list || d.PeekKind() != ']' {
		s, err := readText(d)
		if err != nil {
			return err
		}
		*a = append(*a, s)
		if !list {
			return nil
		}
	}
	_, err := d.ReadToken()
	return err
}

// factors is an object of kinds and moments.
type factors []Factor

// UnmarshalJSONFrom reads the object.
func (f *factors) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != '{' {
		return errForm
	}
	for d.PeekKind() != '}' {
		kind, err := readText(d)
		if err != nil {
			return err
		}
		var at moment
		if err := at.UnmarshalJSONFrom(d); err != nil {
			return err
		}
		*f = append(*f, Factor{Kind: kind, At: at.Time})
	}
	_, err = d.ReadToken()
	return err
}

// moment is a NumericDate (RFC 7519, section 2) after 1970 and before the year 10000:
// seconds, with a fraction or without, of which microseconds are kept.
type moment struct{ time.Time }

const maxSeconds = 253402300799 // 9999-12-31T23:59:59Z

// UnmarshalJSONFrom reads the number.
func (m *moment) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != '0' {
		return errForm
	}
	// Not by way of a float, which rounds: a token's time is compared with others'. An
	// exponent is refused by ParseInt.
	whole, fraction, _ := strings.Cut(token.String(), ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds < 1 || seconds > maxSeconds {
		return errForm
	}
	var micros int64
	for i := range len(fraction) {
		if fraction[i] < '0' || fraction[i] > '9' {
			return errForm
		}
		if i < 6 {
			micros = micros*10 + int64(fraction[i]-'0')
		}
	}
	for i := len(fraction); i < 6; i++ {
		micros *= 10
	}
	m.Time = time.Unix(seconds, micros*1000).UTC()
	return nil
}
