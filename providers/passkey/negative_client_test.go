package passkey_test

import (
	"encoding/base64"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// What the library that verifies refuses as well is refused here before it is asked: its
// defaults are not ours.
func TestClientDataAreReadHere(t *testing.T) {
	const good = `"challenge":"AA","origin":"https://app.example"`
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"as browsers write it":       {`{"type":"webauthn.get",` + good + `,"crossOrigin":false}`, true},
		"without crossOrigin":        {`{"type":"webauthn.get",` + good + `}`, true},
		"with further members":       {`{"type":"webauthn.get",` + good + `,"more":[{"a":1}]}`, true},
		"of another ceremony":        {`{"type":"webauthn.create",` + good + `}`, false},
		"of a payment":               {`{"type":"payment.get",` + good + `}`, false},
		"of no ceremony":             {`{` + good + `}`, false},
		"in a frame":                 {`{"type":"webauthn.get",` + good + `,"crossOrigin":true}`, false},
		"in a frame that is named":   {`{"type":"webauthn.get",` + good + `,"crossOrigin":true,"topOrigin":"https://liar.example"}`, false},
		"in a frame that is denied":  {`{"type":"webauthn.get",` + good + `,"crossOrigin":false,"topOrigin":"https://liar.example"}`, false},
		"in a frame of its own site": {`{"type":"webauthn.get",` + good + `,"topOrigin":"https://app.example"}`, false},
		"of another origin":          {`{"type":"webauthn.get","challenge":"AA","origin":"https://liar.example"}`, false},
		"of two origins":             {`{"type":"webauthn.get",` + good + `,"origin":"https://liar.example"}`, false},
		"of an origin in capitals":   {`{"type":"webauthn.get","challenge":"AA","origin":"HTTPS://APP.EXAMPLE"}`, false},
		"of two types":               {`{"type":"webauthn.create","type":"webauthn.get",` + good + `}`, false},
		"of Type":                    {`{"Type":"webauthn.get",` + good + `}`, false},
		"behind a byte order mark":   {"\ufeff" + `{"type":"webauthn.get",` + good + `}`, false},
		"a list":                     {`[]`, false},
		"nothing":                    {``, false},
	} {
		got := passkey.IsFrom(base64.RawURLEncoding.EncodeToString([]byte(row.text)), authtest.Origin, "webauthn.get")
		if got != row.want {
			t.Errorf("%s: %t, want %t", name, got, row.want)
		}
	}
}
