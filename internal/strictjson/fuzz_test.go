package strictjson_test

import (
	stdjson "encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/torii-go/torii/internal/strictjson"
)

// FuzzDecode holds that what is accepted is valid JSON for the standard library
// too, and means the same there.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"email":"ada","age":1,"agreed":true,"tags":["a"],"name":"x","extra":{"note":"y"}}`,
		`{"email":"ada","email":"eve"}`, `{"Email":"eve"}`, `{"email":null}`, `{"email":"\ud83d\ude00"}`, `{"email":"\ud83d"}`,
		`{"email":{"$ne":1}}`, `{"x":[[[[{"y":1,"y":2}]]]]}`, `{}{}`, "{\"email\":\"\xff\"}", `{"age":1e3}`, `{"age":-0}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		const limit = 4096
		var got body
		err := strictjson.Decode(strings.NewReader(in), limit, &got)
		if err != nil {
			if errors.Is(err, strictjson.ErrTooLarge) != (len(in) > limit) || !errors.Is(err, strictjson.ErrTooLarge) && !errors.Is(err, strictjson.ErrInvalid) {
				t.Fatalf("got %v for %d bytes", err, len(in))
			}
			return
		}
		if !utf8.ValidString(in) || !utf8.ValidString(got.Email) {
			t.Fatalf("got no error for invalid UTF-8: %q", in)
		}
		var members map[string]stdjson.RawMessage
		if err := stdjson.Unmarshal([]byte(in), &members); err != nil || members == nil {
			t.Fatalf("got no error, but the standard library has %v for %q", err, in)
		}
		var want string
		if raw, ok := members["email"]; ok {
			if err := stdjson.Unmarshal(raw, &want); err != nil {
				t.Fatalf("got no error, but email is %q", raw)
			}
		}
		if got.Email != want {
			t.Fatalf("got email %q, want %q for %q", got.Email, want, in)
		}
	})
}
