package passkey_test

import (
	"bytes"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/sessions"
)

// spoiled is an honest answer with one member changed, or missing.
func spoiled(t *testing.T, answer []byte, name string, value any) map[string]any {
	t.Helper()
	body := with(t, answer, nil)
	at := body
	if rest, ok := strings.CutPrefix(name, "response."); ok {
		at, name = body["response"].(map[string]any), rest
	}
	if value == nil {
		delete(at, name)
	} else {
		at[name] = value
	}
	return body
}

// valueOf is a member of an answer.
func valueOf(t *testing.T, answer []byte, name string) string {
	t.Helper()
	at := with(t, answer, nil)
	if rest, ok := strings.CutPrefix(name, "response."); ok {
		at, name = at["response"].(map[string]any), rest
	}
	text, _ := at[name].(string)
	if text == "" {
		t.Fatalf("no %s in %s", name, answer)
	}
	return text
}

// nonsense is what no member takes.
var nonsense = map[string]any{
	"missing": nil, "a number": 1, "a list": []string{"a"}, "an object": map[string]any{"a": 1}, "true": true,
	"padded": "AAAA=", "not base64": "!!!!", "other base64": "+/+/", "line break": "AA\nAA", "NUL": "AA\x00A", "bits to spare": "AB",
}

var bodies = []negative{
	{name: "PK-14 members that are spoiled at registration", test: func(t *testing.T, s *site) {
		for _, name := range []string{"id", "rawId", "type", "response.clientDataJSON", "response.attestationObject"} {
			s.spoil(t, "register", name)
		}
	}},
	{name: "PK-14 members that are spoiled at sign-in", test: func(t *testing.T, s *site) {
		for _, name := range []string{
			"id", "rawId", "type", "response.clientDataJSON", "response.authenticatorData", "response.signature", "response.userHandle",
		} {
			s.spoil(t, "sign-in", name)
		}
	}},
	{name: "PK-14 members in another spelling", test: func(t *testing.T, s *site) {
		for ceremony, names := range map[string][]string{
			"register": {"id", "rawId", "response.clientDataJSON", "response.attestationObject"},
			"sign-in":  {"id", "rawId", "response.clientDataJSON", "response.authenticatorData", "response.signature", "response.userHandle"},
		} {
			st := s.stageOf(t, ceremony, ceremony)
			before := s.rows(t)
			for _, name := range names {
				for what, spell := range map[string]func(string) string{
					"padded": func(v string) string { return v + strings.Repeat("=", max(1, (4-len(v)%4)%4)) }, "line break": func(v string) string { return v[:8] + "\n" + v[8:] },
					"line break behind": func(v string) string { return v + "\r\n" }, "space": func(v string) string { return " " + v },
				} {
					t.Run(ceremony+" "+name+" "+what, func(t *testing.T) {
						if ceremony == "register" {
							st.device = authtest.NewAuthenticator()
						}
						st.options = s.stageAgain(t, st)
						answer := st.answer(t)
						r := finish(st.Browser, ceremony, spoiled(t, answer, name, spell(valueOf(t, answer, name))))
						if r.Status != http.StatusBadRequest && r.Status != http.StatusUnauthorized {
							t.Errorf("it is %v", r)
						}
						s.refused(t, r, r.Status, r.Code(), before)
					})
				}
			}
		}
	}},
	{name: "PK-14 bodies that are no answer", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		for name, body := range map[string]string{
			"nothing": "", "null": "null", "list": "[]", "string": `"x"`, "half": `{"id":"AA"`, "twice": `{"id":"AA","id":"BB"}`,
			"twice within": `{"response":{"clientDataJSON":"AA","clientDataJSON":"BB"}}`, "UTF-16": "\xff\xfe{\x00}\x00", "more": "{}{}",
			"bad UTF-8": "{\"id\":\"\xff\"}", "empty": "{}", "response is null": `{"response":null}`, "response is a list": `{"response":[]}`,
			"deep": strings.Repeat(`{"response":`, 100) + "1" + strings.Repeat("}", 100),
		} {
			for _, path := range []string{"register", "login"} {
				if r := ann.Post("/auth/passkey/"+path+"/finish", body); r.Status != http.StatusBadRequest || r.Code() != "invalid_request" {
					t.Errorf("%s at %s: %v, want 400 invalid_request", name, path, r)
				}
			}
			r := ann.Post("/auth/step-up", `{"passkey":`+body+`}`)
			if r.Status != http.StatusBadRequest && r.Status != http.StatusForbidden {
				t.Errorf("%s at step-up: %v", name, r)
			}
		}
	}},
	{name: "PK-14 form in place of JSON", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		ann.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, path := range []string{"register/begin", "register/finish", "login/begin", "login/finish"} {
			if r := ann.Post("/auth/passkey/"+path, "id=AA"); r.Status != http.StatusUnsupportedMediaType {
				t.Errorf("%s: %v", path, r)
			}
		}
	}},
	{name: "PK-14 attestation objects that are spoiled", test: func(t *testing.T, s *site) {
		b := s.register(t, "ann@example.com")
		device := authtest.NewAuthenticator()
		before := s.rows(t)
		for name, spoil := range map[string]func([]byte) []byte{
			"empty":            func([]byte) []byte { return nil },
			"half":             func(o []byte) []byte { return o[:len(o)/2] },
			"one byte less":    func(o []byte) []byte { return o[:len(o)-1] },
			"one byte more":    func(o []byte) []byte { return append(o, 0) },
			"a number":         func([]byte) []byte { return []byte{1} },
			"a list":           func([]byte) []byte { return []byte{0x80} },
			"an empty map":     func([]byte) []byte { return []byte{0xa0} },
			"a length of 2^63": func([]byte) []byte { return []byte{0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff} },
			"bytes of 2^32":    func([]byte) []byte { return []byte{0xa1, 0x61, 'f', 0x5b, 0, 0, 0, 1, 0, 0, 0, 0} },
			"a tag":            func(o []byte) []byte { return append([]byte{0xc1}, o...) },
			"lists in lists":   func([]byte) []byte { return bytes.Repeat([]byte{0x81}, 40000) },
			"zeros":            func(o []byte) []byte { return make([]byte, len(o)) },
			"one bit of rpIdHash": func(o []byte) []byte {
				i := bytes.Index(o, []byte("authData")) + len("authData") + 2
				o[i] ^= 1
				return o
			},
		} {
			options := begin(t, b, "register", map[string]string{})
			answer := with(t, create(t, device, options), nil)
			response := answer["response"].(map[string]any)
			raw, err := base64.RawURLEncoding.DecodeString(response["attestationObject"].(string))
			if err != nil {
				t.Fatal(err)
			}
			response["attestationObject"] = base64.RawURLEncoding.EncodeToString(spoil(raw))
			t.Run(name, func(t *testing.T) {
				s.refused(t, finish(b, "register", answer), http.StatusBadRequest, "invalid_request", before)
			})
		}
	}},
	{name: "PK-14 too large", test: func(t *testing.T, s *site) {
		ann := s.owner(t, "ann")
		before := s.rows(t)
		big := strings.Repeat("A", 64<<10)
		for _, path := range []string{"register", "login"} {
			r := ann.Post("/auth/passkey/"+path+"/finish", `{"id":"`+big+`"}`)
			s.refused(t, r, http.StatusRequestEntityTooLarge, "body_too_large", before)
		}
		r := ann.Post("/auth/step-up", `{"passkey":{"id":"`+big+`"}}`)
		s.refused(t, r, http.StatusRequestEntityTooLarge, "body_too_large", before)
		// The methods have the same bound.
		c := s.Auth.Client(&http.Request{})
		if _, err := s.passkeys.FinishSignIn(t.Context(), []byte(`{"id":"`+big+`"}`), c); !errors.Is(err, auth.ErrInvalidRequest) {
			t.Errorf("FinishSignIn of more than 64 KiB: %v", err)
		}
	}},
	{name: "PK-14 names that are not stored", test: func(t *testing.T, s *site) {
		b := s.register(t, "ann@example.com")
		before := s.rows(t)
		options := begin(t, b, "register", map[string]string{})
		answer := create(t, authtest.NewAuthenticator(), options)
		r := finish(b, "register", with(t, answer, map[string]any{"name": strings.Repeat("é", 100) + "x"}))
		s.refused(t, r, http.StatusUnprocessableEntity, "invalid_fields", before)
		if r.Field("name") != "invalid_name" {
			t.Errorf("%v", r)
		}
		if r := finish(b, "register", with(t, answer, map[string]any{"name": strings.Repeat("é", 100)})); r.Status != http.StatusCreated {
			t.Errorf("200 bytes: %v", r)
		}
		// Over HTTP there is no such text.
		_, err := s.passkeys.FinishRegistration(t.Context(), sessions.Session{}, []byte("{}"), "\xff", auth.Client{})
		if fields, ok := errors.AsType[*auth.FieldsError](err); !ok || fields.Fields["name"] != "invalid_name" {
			t.Errorf("a name that is no UTF-8: %v", err)
		}
	}},
}

var signUps = []negative{
	{name: "PK-14 sign-up fields that are none", test: func(t *testing.T, s *site) {
		before := s.rows(t)
		for field, body := range map[string]map[string]string{
			"email": {"email": "nobody", "name": "Ann"}, "name": {"email": "ann@example.com", "name": strings.Repeat("x", 201)},
		} {
			r := s.Browser().Post("/auth/passkey/register/begin", body)
			s.refused(t, r, http.StatusUnprocessableEntity, "invalid_fields", before)
			if r.Field(field) != "invalid_"+field || s.ceremonies(t) != 0 {
				t.Errorf("%v, %d challenges", r, s.ceremonies(t))
			}
		}
	}},
	{name: "PK-09 somebody's passkey signs up, and waits", options: []authtest.Option{authtest.ProveFirst()}, test: func(t *testing.T, s *site) {
		ann := s.newcomer("ann")
		answer := create(t, ann.device, begin(t, ann.Browser, "register", map[string]string{"email": ann.email}))
		if r := finish(ann.Browser, "sign-up", answer); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		// Two wait with one passkey: the first who proves an address has it.
		bob := s.newcomer("bob")
		options := begin(t, bob.Browser, "register", map[string]string{"email": bob.email})
		if r := finish(bob.Browser, "sign-up", again(t, answer, options)); r.Status != http.StatusAccepted {
			t.Fatal(r)
		}
		if r := ann.Post("/auth/email/verify", map[string]string{"code": s.Mail(t, ann.email).Code()}); r.Status != http.StatusOK {
			t.Fatal(r)
		}
		r := bob.Post("/auth/email/verify", map[string]string{"code": s.Mail(t, bob.email).Code()})
		if r.Status >= 500 || bob.Session() != "" && len(list(t, bob.Browser).Passkeys) > 0 {
			t.Errorf("the second: %v", r)
		}
		if n := len(s.rows(t).credentials); n != 1 {
			t.Errorf("%d passkeys, want 1", n)
		}
		// From now on it is told at once.
		cem := s.newcomer("cem")
		options = begin(t, cem.Browser, "register", map[string]string{"email": cem.email})
		s.refused(t, finish(cem.Browser, "sign-up", again(t, answer, options)), http.StatusConflict, "credential_taken", s.rows(t))
	}},
}

// spoil changes one member of honest answers in many ways: each is refused, and writes nothing.
func (s *site) spoil(t *testing.T, ceremony, name string) {
	t.Helper()
	st := s.stageOf(t, ceremony, ceremony+strings.ReplaceAll(name, ".", ""))
	before := s.rows(t)
	for what, value := range nonsense {
		if what == "bits to spare" && (name == "id" || name == "type") {
			continue // another id, another type
		}
		t.Run(name+" "+what, func(t *testing.T) {
			st.options = s.stageAgain(t, st)
			r := finish(st.Browser, ceremony, spoiled(t, st.answer(t), name, value))
			if r.Status != http.StatusBadRequest && r.Status != http.StatusUnauthorized {
				t.Errorf("it is %v", r)
			}
			s.refused(t, r, r.Status, r.Code(), before)
		})
	}
}

// cose is a public key: 1 is its kind, 3 its algorithm, -1 and below what the kind has.
func cose(t testing.TB, members map[int]any) []byte {
	t.Helper()
	return encoded(t, members)
}

var keys = []negative{{name: "PK-08 public keys that are not taken", test: func(t *testing.T, _ *site) {
	good := keyOf(t, -7, "good").cose
	p256 := elliptic.P256().Params()
	x, y := p256.Gx.Bytes(), p256.Gy.Bytes() // both of 32 bytes
	modulus := func(bits int) []byte { return append([]byte{0x80}, seeded("n", bits/8-1)...) }
	odd := func(b []byte) []byte { b[len(b)-1] |= 1; return b }
	for name, row := range map[string]struct {
		key   []byte
		taken bool
	}{
		"ES256":                        {good, true},
		"EdDSA":                        {keyOf(t, -8, "good").cose, true},
		"RS256 of 2048 bits":           {keyOf(t, -257, "good").cose, true},
		"RS256 with the exponent 3":    {cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(2048)), -2: []byte{3}}), true},
		"RS256 of 2047 bits":           {cose(t, map[int]any{1: 3, 3: -257, -1: append([]byte{0x7f}, modulus(2040)...), -2: []byte{1, 0, 1}}), false},
		"RS256 of 1024 bits":           {cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(1024)), -2: []byte{1, 0, 1}}), false},
		"RS256 of 1024 bits and zeros": {cose(t, map[int]any{1: 3, 3: -257, -1: append(make([]byte, 128), odd(modulus(1024))...), -2: []byte{1, 0, 1}}), false},
		"RS256 with the exponent 1":    {cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(2048)), -2: []byte{1}}), false},
		"RS256 with the exponent 2":    {cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(2048)), -2: []byte{2}}), false},
		"RS256 with the exponent 65536": {
			cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(2048)), -2: []byte{1, 0, 0}}), false,
		},
		"RS256 without an exponent": {cose(t, map[int]any{1: 3, 3: -257, -1: odd(modulus(2048)), -2: []byte{}}), false},
		"RS256 without a modulus":   {cose(t, map[int]any{1: 3, 3: -257, -2: []byte{1, 0, 1}}), false},
		"RS1":                       {cose(t, map[int]any{1: 3, 3: -65535, -1: odd(modulus(2048)), -2: []byte{1, 0, 1}}), false},
		"PS256":                     {cose(t, map[int]any{1: 3, 3: -37, -1: odd(modulus(2048)), -2: []byte{1, 0, 1}}), false},
		"ES256K":                    {cose(t, map[int]any{1: 2, 3: -47, -1: 8, -2: x, -3: y}), false},
		"ES384":                     {keyOf(t, -35, "good").cose, false},
		"ES512":                     {keyOf(t, -36, "good").cose, false},
		"Ed448":                     {keyOf(t, -53, "good").cose, false},
		"no algorithm":              {cose(t, map[int]any{1: 2, -1: 1, -2: x, -3: y}), false},
		"algorithm 0":               {cose(t, map[int]any{1: 2, 3: 0, -1: 1, -2: x, -3: y}), false},
		"P-256 by its generator":    {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: y}), true},
		"P-256 off its curve":       {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: x}), false},
		"P-256 at infinity":         {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: make([]byte, 32), -3: make([]byte, 32)}), false},
		"P-256 with a short x":      {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: x[1:], -3: y}), false},
		"P-256 with a long x":       {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: append([]byte{0}, x...), -3: y}), false},
		"P-256 without y":           {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: x}), false},
		"P-256 with a compressed y": {cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: true}), false},
		"ES256 on P-384":            {cose(t, map[int]any{1: 2, 3: -7, -1: 2, -2: x, -3: y}), false},
		"EdDSA on P-256":            {cose(t, map[int]any{1: 2, 3: -8, -1: 1, -2: x, -3: y}), false},
		"RS256 on P-256":            {cose(t, map[int]any{1: 2, 3: -257, -1: 1, -2: x, -3: y}), false},
		"EdDSA on Ed448":            {cose(t, map[int]any{1: 1, 3: -8, -1: 7, -2: x}), false},
		"EdDSA on X25519":           {cose(t, map[int]any{1: 1, 3: -8, -1: 4, -2: x}), false},
		"EdDSA of 31 bytes":         {cose(t, map[int]any{1: 1, 3: -8, -1: 6, -2: x[1:]}), false},
		"ES256 of an EdDSA key":     {cose(t, map[int]any{1: 1, 3: -7, -1: 6, -2: x}), false},
		"RS256 of an EdDSA key":     {cose(t, map[int]any{1: 1, 3: -257, -1: 6, -2: x}), false},
		"ES256 of an RSA key":       {cose(t, map[int]any{1: 3, 3: -7, -1: odd(modulus(2048)), -2: []byte{1, 0, 1}}), false},
		"a symmetric key":           {cose(t, map[int]any{1: 4, 3: 5, -1: x}), false},
		"ML-DSA-44":                 {cose(t, map[int]any{1: 7, 3: -48, -1: seeded("akp", 1312)}), false},
		"no kind":                   {cose(t, map[int]any{3: -7, -1: 1, -2: x, -3: y}), false},
		"bytes behind it":           {append(bytes.Clone(good), 0), false},
		"half":                      {good[:len(good)/2], false},
		"nothing":                   {nil, false},
		"no map":                    {[]byte{0x80}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := passkey.CheckKey(row.key); (err == nil) != row.taken {
				t.Errorf("%x: %v, want that it is taken: %t", row.key, err, row.taken)
			}
		})
	}
}}}
