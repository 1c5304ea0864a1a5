package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent/schema"
)

// ErrMoreNeeded is what a host's AuthUser method answers for a required field that only
// the person can tell. Where somebody signs up by a form that asks for it, the form is
// refused; who comes by a door that cannot ask, such as another site's word, is asked
// for it before the account is made. See [ProfileError].
var ErrMoreNeeded = errors.New("auth: the person has to be asked for this field")

// Host connects an Auth with the Ent client of an application whose User has more
// fields than Torii's. entauth generates it into the application's ent package, and
// client.Auth puts it into Config.Host; nobody writes one by hand. Every method works on
// the driver of the caller's transaction.
type Host interface {
	// SchemaChecksum is schema.Checksum as it was when the code was generated.
	SchemaChecksum() string
	// Fields are the fields of User that are not Torii's.
	Fields() []HostField
	// CreateUser inserts a user through the host's client: its hooks, policies,
	// validators and defaults run. Required fields that nobody has given a value for are a
	// *ProfileError; values that are not acceptable a *FieldsError. Where addresses are
	// proven first it is also called at the sign-up, for a row that does not stay; see
	// [Rehearsal].
	CreateUser(ctx context.Context, d dialect.Driver, u HostUser) error
	// UpdateUser sets fields of a user through the host's client; nil empties one.
	UpdateUser(ctx context.Context, d dialect.Driver, id string, fields map[string]any) error
	// LoadUser returns the values of the fields to show. nil is a field without a value.
	LoadUser(ctx context.Context, d dialect.Driver, id string) (map[string]any, error)
	// Taken returns which of the fields are unique and have these values already, for
	// another user than id.
	Taken(ctx context.Context, d dialect.Driver, id string, fields map[string]any) ([]string, error)
}

// HostUser is a user to be inserted: what was asked for, and what Torii makes of it.
type HostUser struct {
	// New is what was asked for; its Fields have values for fields of the host.
	New NewUser

	ID              string
	Email           string // canonical
	EmailEntered    string
	Name            *string
	Picture         *string
	EmailVerifiedAt *time.Time
	At              time.Time // created and updated
}

// HostField is a field of the host's User.
type HostField struct {
	// Name is the field's in the schema and the member's in JSON.
	Name string
	// Kind is "string", "integer", "number", "boolean", "time", or "" for a type that
	// does not travel over HTTP.
	Kind string
	// Values are all that a string may be; nil leaves it open.
	Values []string
	// MaxLen is the most bytes of a string.
	MaxLen int
	// Nullable fields may be empty.
	Nullable bool
	// SignUp, Show and Edit are what the schema's annotations say: accepted at sign-up,
	// shown with the user, changed by PATCH /user.
	SignUp, Show, Edit bool
	// Decode reads a JSON value of the field's own type.
	Decode func([]byte) (any, error)
}

// DecodeField is HostField.Decode for a Go type.
func DecodeField[T any](raw []byte) (any, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// ProfileError is ErrProfileRequired with the fields that a person has to be asked for,
// and the flow in which the answer continues the sign-up.
type ProfileError struct {
	Fields []string
	Flow   string

	ended string // the flow that this one goes on from
}

// refused is the error for a person who was asked for the fields already.
func (e *ProfileError) refused() error {
	refusal := &FieldsError{Fields: map[string]string{}}
	for _, name := range e.Fields {
		refusal.Fields[name] = codeRequired
	}
	return refusal
}

func (e *ProfileError) Error() string { return fmt.Sprintf("%s: %v", ErrProfileRequired, e.Fields) }
func (e *ProfileError) Unwrap() error { return ErrProfileRequired }

// checkHost refuses generated code that is older or newer than this release, and
// annotations that cannot be followed.
func checkHost(h Host) error {
	if h == nil {
		return nil
	}
	if h.SchemaChecksum() != schema.Checksum() {
		return errors.New("Host: the ent package was generated for another version of Torii's schema; run go generate on it")
	}
	var errs []error
	for _, f := range h.Fields() {
		if (f.SignUp || f.Show || f.Edit) && f.Kind == "" {
			errs = append(errs, fmt.Errorf("Host: User.%s has a type that cannot travel over HTTP; remove its annotation", f.Name))
		}
		if f.SignUp && reservedMembers[f.Name] {
			errs = append(errs, fmt.Errorf("Host: User.%s cannot be given at sign-up: the body has a member of this name; rename the field", f.Name))
		}
	}
	return errors.Join(errs...)
}

// reservedMembers are what bodies of sign-ups hold, now or by the HTTP contract.
var reservedMembers = map[string]bool{
	"email": true, "password": true, "name": true, "new_password": true, "current_password": true,
	"token": true, "code": true, "flow": true, "id_token": true, "return_to": true, "publicKey": true,
}

type signingUpKey struct{}

// SigningUp tells whether ctx is of a user who is being made by Torii: a person who
// signs up, or an import. A host's policy lets that through, since nobody is signed in
// yet.
func SigningUp(ctx context.Context) bool {
	up, _ := ctx.Value(signingUpKey{}).(bool)
	return up
}
