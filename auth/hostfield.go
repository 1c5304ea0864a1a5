package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"entgo.io/ent/privacy"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/strictjson"
)

// Codes of a host's field that is not acceptable.
const (
	codeRequired = "required"
	codeInvalid  = "invalid"
	codeTaken    = "taken"
)

// hostFields are the host's fields by name; none without a Host.
func (a *Auth) hostFields() map[string]HostField {
	if a.cfg.Host == nil {
		return nil
	}
	fields := map[string]HostField{}
	for _, f := range a.cfg.Host.Fields() {
		fields[f.Name] = f
	}
	return fields
}

// SignUpFields reads the host's fields that the body of a sign-up may hold, for
// NewUser.Fields and Claims.Fields. Values of the wrong kind are a [FieldsError].
func (c *Call) SignUpFields() (map[string]any, error) {
	return c.hostValues(func(f HostField) bool { return f.SignUp })
}

// hostValues reads the members of the body that are fields of the host and wanted.
func (c *Call) hostValues(wanted func(HostField) bool) (map[string]any, error) {
	if c.a.cfg.Host == nil {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := strictjson.Decode(bytes.NewReader(c.body), maxBody, &members); err != nil {
		return nil, ErrInvalidRequest
	}
	values, bad := map[string]any{}, map[string]string{}
	for _, f := range c.a.cfg.Host.Fields() {
		raw, there := members[f.Name]
		if !there || !wanted(f) {
			continue
		}
		v, code := f.value(raw)
		if code != "" {
			bad[f.Name] = code
		} else {
			values[f.Name] = v
		}
	}
	if len(bad) > 0 {
		return nil, &FieldsError{Fields: bad}
	}
	return values, nil
}

// value reads one JSON value, or says what is wrong with it.
func (f HostField) value(raw []byte) (v any, code string) {
	if string(raw) == "null" {
		if f.Nullable {
			return nil, ""
		}
		return nil, codeRequired
	}
	if f.Kind == "string" && !f.fits(raw) {
		return nil, codeInvalid
	}
	v, err := f.Decode(raw)
	if err != nil {
		return nil, codeInvalid
	}
	return v, ""
}

// fits tells whether a JSON string can be stored in every database: not too long, and
// without control characters but tabs and line breaks.
func (f HostField) fits(raw []byte) bool {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil || !utf8.ValidString(s) || f.MaxLen > 0 && len(s) > f.MaxLen {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' })
}

// restore gives values that were parked as JSON the types of their fields again.
func (a *Auth) restore(values map[string]any) error {
	fields := a.hostFields()
	for name, v := range values {
		f, ok := fields[name]
		if !ok || f.Decode == nil {
			return errors.New("auth: the host's User has no field " + name + " that can wait")
		}
		if v == nil {
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if values[name], err = f.Decode(raw); err != nil {
			return err
		}
	}
	return nil
}

// RestoreFields gives the values of a sign-up that waited as JSON the types of their fields
// again. Decode them with json.Decoder.UseNumber, which keeps every digit.
func (k Kit) RestoreFields(values map[string]any) error {
	if k.a == nil {
		return ErrNotMounted
	}
	return k.a.restore(values)
}

// hostValuesOf returns what is shown of a user beside Torii's own fields.
func (a *Auth) hostValuesOf(ctx context.Context, u *ent.User) (map[string]any, error) {
	if a.cfg.Host == nil || !a.shows {
		return nil, nil
	}
	return a.cfg.Host.LoadUser(ctx, a.client.Driver(), u.ID)
}

// hostRefusal makes a refusal of what the host's client refused on purpose.
func hostRefusal(err error) error {
	if errors.Is(err, privacy.Deny) {
		return errors.Join(ErrRefused, err)
	}
	return err
}
