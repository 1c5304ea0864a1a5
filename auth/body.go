package auth

import (
	"context"
	"encoding/json"
	"time"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/sessions"
)

// The objects of the HTTP contract. Entities are never marshalled: a column that is
// added does not become public by being there.

type userBody struct {
	ID              string     `json:"id"`
	Email           string     `json:"email"`
	Name            *string    `json:"name"`
	Picture         *string    `json:"picture"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`

	host map[string]any // what the host adds
}

// MarshalJSON puts the host's fields beside Torii's.
func (b userBody) MarshalJSON() ([]byte, error) {
	type plain userBody
	out, err := json.Marshal(plain(b))
	if err != nil || len(b.host) == 0 {
		return out, err
	}
	host, err := json.Marshal(b.host)
	if err != nil {
		return nil, err
	}
	return append(append(out[:len(out)-1], ','), host[1:]...), nil
}

// userBody is a user as the contract shows it, to the user.
func (c *Call) userBody(ctx context.Context, u *ent.User) (userBody, error) {
	b := newUserBody(u)
	var err error
	b.host, err = c.a.hostValuesOf(ctx, u)
	return b, err
}

func newUserBody(u *ent.User) userBody {
	b := userBody{
		ID: u.ID, Email: u.Email, Name: u.Name, Picture: u.Picture,
		CreatedAt: utc(u.CreatedAt), UpdatedAt: utc(u.UpdatedAt),
	}
	if u.EmailVerifiedAt != nil {
		t := utc(*u.EmailVerifiedAt)
		b.EmailVerifiedAt = &t
	}
	return b
}

type factorBody struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
}

type sessionBody struct {
	ID         string       `json:"id"`
	UserID     string       `json:"user_id"`
	CreatedAt  time.Time    `json:"created_at"`
	LastSeenAt time.Time    `json:"last_seen_at"`
	ExpiresAt  time.Time    `json:"expires_at"`
	UserAgent  *string      `json:"user_agent"`
	IPAddress  *string      `json:"ip_address"`
	Current    bool         `json:"current"`
	Factors    []factorBody `json:"factors"`
}

func newSessionBody(s sessions.Session, current string) sessionBody {
	b := sessionBody{
		ID: s.ID, UserID: s.UserID,
		CreatedAt: utc(s.CreatedAt), LastSeenAt: utc(s.LastSeenAt), ExpiresAt: utc(s.ExpiresAt),
		UserAgent: orNull(s.UserAgent), IPAddress: orNull(s.IP),
		Current: s.ID == current,
		Factors: make([]factorBody, len(s.Factors)),
	}
	for i, f := range s.Factors {
		b.Factors[i] = factorBody{Kind: f.Kind, At: utc(f.At)}
	}
	return b
}

// OpenedReply is what [Call.Opened] answers, for Doc.Reply.
type OpenedReply = openedBody

// RenewedReply is what [Call.Renewed] answers, for Doc.Reply.
type RenewedReply = renewedBody

type openedBody struct {
	User    userBody    `json:"user"`
	Session sessionBody `json:"session"`
	Token   string      `json:"token,omitempty"`
	// ReturnTo is where the browser wanted to go when it began what was mailed.
	ReturnTo string `json:"return_to,omitempty"`
}

type renewedBody struct {
	Session sessionBody `json:"session"`
	Token   string      `json:"token,omitempty"`
}

// MailedReply is the answer to whatever is continued by mail.
type MailedReply struct {
	Status string `json:"status"` // "check_email"
	Flow   string `json:"flow,omitempty"`
}

type errorBody struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Fields  map[string]string `json:"fields,omitempty"`
	Methods []string          `json:"methods,omitempty"`
	Flow    string            `json:"flow,omitempty"`

	detail *DetailError
}

// MarshalJSON puts a refusal's detail beside the rest.
func (b errorBody) MarshalJSON() ([]byte, error) {
	type plain errorBody
	out, err := json.Marshal(plain(b))
	if err != nil || b.detail == nil {
		return out, err
	}
	detail, err := json.Marshal(map[string]any{b.detail.Member: b.detail.Value})
	if err != nil {
		return nil, err
	}
	return append(append(out[:len(out)-1], ','), detail[1:]...), nil
}

// utc is a time as the contract writes it: with Z, at most six decimals.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
