package token_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/torii-go/torii/internal/token"
)

// holder is a host's struct that somebody logs.
type holder struct {
	Secret token.Secret
	Keys   *token.Keys
	Value  token.Keys
	keys   *token.Keys
	value  token.Keys
}

func TestSecretReveals(t *testing.T) {
	if got := token.Secret("hunter2").Reveal(); got != "hunter2" {
		t.Errorf("Reveal() = %q, want %q", got, "hunter2")
	}
}

func TestSecretsStayOutOfPrint(t *testing.T) {
	const text = "correct horse battery staple 12345"
	keys, err := token.NewKeys([][]byte{[]byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	s := token.Secret(text)
	values := []struct {
		name  string
		value any
	}{
		{"a secret", s},
		{"a pointer to a secret", &s},
		{"an empty secret", token.Secret("")},
		{"a slice of secrets", []token.Secret{s}},
		{"a map of secrets", map[string]token.Secret{"token": s}},
		{"keys", keys},
		{"a copy of keys", *keys},
		{"a struct", holder{Secret: s, Keys: keys, Value: *keys}},
		{"a pointer to a struct", &holder{Secret: s, Keys: keys, Value: *keys}},
	}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%10.3s"} {
			requireRedacted(t, v.name+" under "+verb, fmt.Sprintf(verb, v.value), text)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "key", v.value)
		requireRedacted(t, v.name+" through slog text", log.String(), text)
		log.Reset()
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", v.value)
		requireRedacted(t, v.name+" through slog JSON", log.String(), text)
		b, err := json.Marshal(v.value)
		if err != nil {
			t.Errorf("%s through json: %v", v.name, err)
		}
		requireRedacted(t, v.name+" through json", string(b), text)
		if !strings.Contains(string(b), "[redacted]") {
			t.Errorf("%s through json = %s, want [redacted] in it", v.name, b)
		}
	}
}

func TestKeysInUnexportedFieldsStayOutOfPrint(t *testing.T) {
	const text = "correct horse battery staple 12345"
	keys, err := token.NewKeys([][]byte{[]byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.Seal(token.PurposeBlob, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(sealed, ".")[1]
	h := holder{keys: keys, value: *keys}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		got := fmt.Sprintf(verb, h)
		requireRedacted(t, "unexported keys under "+verb, got, text)
		// What fmt cannot be kept from must be addresses, not key structs.
		if strings.Contains(got, id) {
			t.Errorf("unexported keys under %s = %s: shows the inside", verb, got)
		}
	}
}

func TestRedactionTexts(t *testing.T) {
	s := token.Secret("hunter2")
	x, err := xml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, got, want string }{
		{"String", s.String(), "[redacted]"},
		{"GoString", s.GoString(), "[redacted]"},
		{"LogValue", s.LogValue().String(), "[redacted]"},
		{"fmt %v", fmt.Sprintf("%v", s), "[redacted]"},
		{"fmt %#v", fmt.Sprintf("%#v", s), "[redacted]"},
		{"xml", string(x), "<Secret>[redacted]</Secret>"},
		{"keys String", token.Keys{}.String(), "[redacted]"},
		{"keys GoString", token.Keys{}.GoString(), "[redacted]"},
		{"keys LogValue", token.Keys{}.LogValue().String(), "[redacted]"},
		{"keys fmt %+v", fmt.Sprintf("%+v", token.Keys{}), "[redacted]"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func requireRedacted(t *testing.T, name, got, secret string) {
	t.Helper()
	forms := []string{secret, secret[:8], hex.EncodeToString([]byte(secret[:8])), strings.ToUpper(hex.EncodeToString([]byte(secret[:8])))}
	for _, form := range forms {
		if strings.Contains(got, form) {
			t.Errorf("%s = %s: shows the secret", name, got)
		}
	}
}
