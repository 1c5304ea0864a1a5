package authtest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/torii-go/torii/authtest"
)

// refusals are the lies that go-webauthn refuses, and a part of what it says: the reason is
// the lie and nothing else. Where a ceremony has reasons of its own they are below.
var refusals = map[authtest.PasskeyLie]string{
	authtest.PasskeyChallengeOther:    "Error validating challenge",
	authtest.PasskeyChallengeHex:      "Error validating challenge",
	authtest.PasskeyChallengePadded:   "Error validating challenge",
	authtest.PasskeyChallengeMissing:  `Received b: ""`,
	authtest.PasskeyTypeOther:         "Received: webauthn.",
	authtest.PasskeyTypeMissing:       "Error validating ceremony type",
	authtest.PasskeyOriginScheme:      "Received: http://app.example",
	authtest.PasskeyOriginPort:        "Received: https://app.example:8443",
	authtest.PasskeyOriginSubdomain:   "Received: https://liar.app.example",
	authtest.PasskeyOriginSuffix:      "Received: https://app.example.liar.example",
	authtest.PasskeyOriginPrefix:      "Received: https://liarapp.example",
	authtest.PasskeyOriginDot:         "Received: https://app.example.",
	authtest.PasskeyOriginUser:        "Received: https://app.example@liar.example",
	authtest.PasskeyOriginNull:        "Received: null",
	authtest.PasskeyOriginMissing:     "Error validating origin",
	authtest.PasskeyCrossOrigin:       "Error validating cross origin flag",
	authtest.PasskeyTopOrigin:         "Error validating cross origin flag",
	authtest.PasskeyTopOriginAlone:    "Error validating topOrigin",
	authtest.PasskeyClientBOM:         "invalid character 'ï'",
	authtest.PasskeyClientNotJSON:     "invalid character '<'",
	authtest.PasskeyClientTrailing:    "after top-level value",
	authtest.PasskeyClientNumber:      "cannot unmarshal number",
	authtest.PasskeyClientCrossString: "cannot unmarshal string into Go struct field CollectedClientData.crossOrigin",
	authtest.PasskeyRPOther:           "RP Hash mismatch",
	authtest.PasskeyUPMissing:         "User presence required",
	authtest.PasskeyUVMissing:         "User verification required",
	authtest.PasskeyFlagsZero:         "User presence required",
	authtest.PasskeyBackupImpossible:  "Backup State Flag is true but Backup Eligible flag is false",
	authtest.PasskeyAuthTrailing:      "Leftover bytes",
	authtest.PasskeyAuthShort:         "unexpected EOF",
	authtest.PasskeyExtensionsMissing: "Extensions flag set but extensions data is missing",
	authtest.PasskeyIDLong:            "credential id length too long",
	authtest.PasskeyIDEmpty:           "Missing ID",
	authtest.PasskeyIDOther:           "not match",
	authtest.PasskeyCredentialType:    "Type not public-key",
	authtest.PasskeyBase64Standard:    "illegal base64",
	authtest.PasskeyBase64Garbage:     "illegal base64 data at input byte 0",

	authtest.PasskeyATMissing:       "Attestation missing attested credential data flag",
	authtest.PasskeyATEmpty:         "Attested credential flag set but data is missing",
	authtest.PasskeyIDAttestedOther: "does not match the credential id in the attested credential data",
	authtest.PasskeyKeyEd448:        "algorithm not supported",
	authtest.PasskeyKeyRS1:          "algorithm not supported",
	authtest.PasskeyKeyAlgMissing:   "algorithm not supported",
	authtest.PasskeyKeyTwice:        "duplicate map key",
	authtest.PasskeyFormatUnknown:   "Attestation format liar is unsupported",
	authtest.PasskeyFormatMissing:   "is unsupported",
	authtest.PasskeyNoneStatement:   "format none with attestation present",
	authtest.PasskeyPackedAlg:       "does not equal att statement algorithm",
	authtest.PasskeyPackedSignature: "Unable to verify signature",
	authtest.PasskeyCBORTwice:       `duplicate map key "fmt"`,
	authtest.PasskeyCBORIndefinite:  "indefinite-length",
	authtest.PasskeyCBORDeep:        "max nested level",
	authtest.PasskeyCBORTrailing:    "3 bytes of extraneous data",

	authtest.PasskeyBackupFlipped:     "Backup Eligible flag inconsistency",
	authtest.PasskeyIDUnknown:         "Unable to find the credential",
	authtest.PasskeySignatureKey:      "Error validating the assertion signature: <nil>",
	authtest.PasskeySignatureData:     "Error validating the assertion signature: <nil>",
	authtest.PasskeySignatureEmpty:    "Signature invalid or not provided",
	authtest.PasskeySignatureGarbage:  "Signature invalid or not provided",
	authtest.PasskeySignatureTrailing: "Signature invalid or not provided",
	authtest.PasskeyHandleOther:       "nobody has this user handle",
	authtest.PasskeyHandleMissing:     "blank User Handle",
	authtest.PasskeyHandleLong:        "nobody has this user handle",
}

var refusalsOfGet = map[authtest.PasskeyLie]string{
	authtest.PasskeyAuthTrailing:   "Attested credential flag not set", // it means the length
	authtest.PasskeyAuthShort:      "Got 34 bytes",
	authtest.PasskeyIDLong:         "Unable to find the credential",
	authtest.PasskeyIDEmpty:        "ID missing",
	authtest.PasskeyCredentialType: "bad type",
}

// passes are the lies that go-webauthn lets pass: whoever uses it must refuse them.
var passes = []authtest.PasskeyLie{
	authtest.PasskeyOriginUserinfo, authtest.PasskeyOriginUpper, authtest.PasskeyOriginDefaultPort,
	authtest.PasskeyOriginSlash, authtest.PasskeyOriginQuery, authtest.PasskeyClientTwice, authtest.PasskeyClientCase,
	authtest.PasskeyClientHuge, authtest.PasskeyBase64Padded, authtest.PasskeyBase64Newline, authtest.PasskeyBase64Bits,
}

var (
	passesOfCreate = []authtest.PasskeyLie{
		authtest.PasskeyKeyAlgOther, authtest.PasskeyKeyOffCurve, authtest.PasskeyKeyCurveOther, authtest.PasskeyKeyRSA1024,
		authtest.PasskeyKeyExponent1, authtest.PasskeyPackedSelf, authtest.PasskeyCopiesOther,
	}
	passesOfGet = []authtest.PasskeyLie{authtest.PasskeyATUnasked}
)

// response is an answer as anybody reads it.
type response struct {
	ID, RawID, Type string
	Response        struct {
		ClientDataJSON, AttestationObject, AuthenticatorData, PublicKey, Signature string
		UserHandle                                                                 *string
	}
}

func (p *party) read(t *testing.T) response {
	t.Helper()
	var r response
	if err := json.Unmarshal(p.answer, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// lenient decodes base64 however it is spelled.
func lenient(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "", "\n", "", "!", "").Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// tellOne makes an authenticator tell one lie in one ceremony, and be honest in the other.
func tellOne(t *testing.T, ceremony string, lie authtest.PasskeyLie) (p *party, a *authtest.Authenticator, spki string, failed error) {
	t.Helper()
	p, a = newParty(t), &authtest.Authenticator{DeviceBound: lie == authtest.PasskeyBackupImpossible}
	if ceremony == "create" {
		a.Lie(lie)
	}
	_, refused, failed := p.register(t, a)
	if refused != nil {
		t.Fatalf("%s of %s: %v", ceremony, lie, refused)
	}
	spki = p.read(t).Response.PublicKey
	if ceremony == "get" {
		if failed != nil {
			t.Fatalf("registered honestly: %v", failed)
		}
		a.Lie(lie)
		if _, refused, failed = p.signIn(t, a, false); refused != nil {
			t.Fatalf("%s of %s: %v", ceremony, lie, refused)
		}
	}
	a.Lie()
	return p, a, spki, failed
}

// Each lie is refused by go-webauthn for what it is, or is in the list of those that pass.
func TestAuthenticatorLiesToGoWebauthn(t *testing.T) {
	for ceremony, more := range map[string][]authtest.PasskeyLie{"create": passesOfCreate, "get": passesOfGet} {
		want := slices.Concat(passes, more)
		var passed []authtest.PasskeyLie
		for _, lie := range authtest.PasskeyLies(ceremony) {
			reason, own := refusalsOfGet[lie]
			if ceremony != "get" || !own {
				reason = refusals[lie]
			}
			p, a, _, failed := tellOne(t, ceremony, lie)
			switch {
			case failed == nil:
				passed = append(passed, lie)
			case reason == "" || !strings.Contains(failed.Error(), reason):
				t.Errorf("%s of %s is refused for %q, want %q", ceremony, lie, failed, reason)
			}
			if ceremony == "get" {
				if _, refused, failed := p.signIn(t, a, false); refused != nil || failed != nil {
					t.Errorf("honest after %s: %v, %v", lie, refused, failed)
				}
			}
		}
		slices.Sort(want)
		slices.Sort(passed)
		if !slices.Equal(passed, want) {
			t.Errorf("go-webauthn lets pass at %s:\n%q, want\n%q", ceremony, passed, want)
		}
	}
}

// What passes was told indeed.
func TestAuthenticatorTellsWhatPasses(t *testing.T) {
	in := func(text string) func(response, string) bool {
		return func(_ response, client string) bool { return strings.Contains(client, text) }
	}
	rows := map[authtest.PasskeyLie]func(response, string) bool{
		authtest.PasskeyOriginUserinfo:    in(`"origin":"https://liar@app.example"`),
		authtest.PasskeyOriginUpper:       in(`"origin":"https://APP.EXAMPLE"`),
		authtest.PasskeyOriginDefaultPort: in(`"origin":"https://app.example:443"`),
		authtest.PasskeyOriginSlash:       in(`"origin":"https://app.example/"`),
		authtest.PasskeyOriginQuery:       in(`"origin":"https://app.example/liar?liar"`),
		authtest.PasskeyClientTwice:       func(_ response, c string) bool { return strings.Count(c, `"challenge":`) == 2 },
		authtest.PasskeyClientCase: func(_ response, c string) bool {
			return strings.Contains(c, `"Challenge":`) && !strings.Contains(c, `"challenge":`)
		},
		authtest.PasskeyClientHuge: func(_ response, c string) bool { return len(c) > 60<<10 },
		authtest.PasskeyBase64Padded: func(r response, _ string) bool {
			return strings.HasSuffix(r.Response.ClientDataJSON, "=") && strings.HasSuffix(r.Response.AuthenticatorData, "=") && !strings.Contains(r.ID, "=")
		},
		authtest.PasskeyBase64Newline: func(r response, _ string) bool { return strings.Contains(r.Response.ClientDataJSON, "\n") },
		authtest.PasskeyBase64Bits: func(r response, _ string) bool {
			_, err := base64.RawURLEncoding.Strict().DecodeString(r.Response.ClientDataJSON)
			return err != nil
		},
	}
	if want := slices.Sorted(slices.Values(passes)); !slices.Equal(slices.Sorted(maps.Keys(rows)), want) {
		t.Fatalf("looked at are %v, want %v", slices.Sorted(maps.Keys(rows)), want)
	}
	for lie, told := range rows {
		for _, ceremony := range []string{"create", "get"} {
			p, _, _, _ := tellOne(t, ceremony, lie)
			r := p.read(t)
			if client := string(lenient(t, r.Response.ClientDataJSON)); !told(r, client) || !strings.Contains(client, `"webauthn.`+ceremony+`"`) {
				t.Errorf("%s of %s: %.300s", ceremony, lie, p.answer)
			}
		}
	}
	p, _, _, _ := tellOne(t, "get", authtest.PasskeyATUnasked)
	var data protocol.AuthenticatorData
	if err := data.Unmarshal(lenient(t, p.read(t).Response.AuthenticatorData)); err != nil || !bytes.Equal(data.AttData.CredentialID, p.user.keys[0].ID) {
		t.Errorf("unasked credential data: %+v, %v", data, err)
	}
}

// The signature is right over every lie that is not about the signature.
func TestAuthenticatorSignsItsLies(t *testing.T) {
	for _, lie := range authtest.PasskeyLies("get") {
		p, _, spki, _ := tellOne(t, "get", lie)
		r := p.read(t)
		public, err := x509.ParsePKIXPublicKey(lenient(t, spki))
		if err != nil {
			t.Fatal(err)
		}
		sum := signedHash(t, r)
		right := ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), sum[:], lenient(t, r.Response.Signature))
		if right == (lie.Part() == "signature") {
			t.Errorf("%s: the signature is right: %v", lie, right)
		}
	}
}

func TestAuthenticatorLiesInEverySignature(t *testing.T) {
	for _, algorithm := range []int{authtest.CoseES256, authtest.CoseEdDSA, authtest.CoseRS256} {
		p, a := newParty(t), &authtest.Authenticator{Algorithms: []int{algorithm}}
		if _, refused, failed := p.register(t, a); refused != nil || failed != nil {
			t.Fatal(refused, failed)
		}
		for _, lie := range authtest.PasskeyLies("get") {
			if lie.Part() != "signature" {
				continue
			}
			a.Lie(lie)
			if _, refused, failed := p.signIn(t, a, false); refused != nil || failed == nil {
				t.Errorf("%d, %s: %v, %v", algorithm, lie, refused, failed)
			}
		}
	}
}

func TestAuthenticatorTellsSeveralLies(t *testing.T) {
	p, a := newParty(t), authtest.NewAuthenticator()
	if _, refused, failed := p.register(t, a); refused != nil || failed != nil {
		t.Fatal(refused, failed)
	}
	ben := newParty(t)
	ben.user.id = bytes.Repeat([]byte{8}, 64)
	if _, refused, failed := ben.register(t, a); refused != nil || failed != nil {
		t.Fatal(refused, failed)
	}
	a.Lie(authtest.PasskeyOriginNull, authtest.PasskeyUVMissing, authtest.PasskeyHandleOther, authtest.PasskeyKeyEd448)
	if _, refused, failed := p.signIn(t, a, true); refused != nil || failed == nil {
		t.Fatal(refused, failed)
	}
	r := p.read(t)
	if flags := lenient(t, r.Response.AuthenticatorData)[32]; flags != 0x19 {
		t.Errorf("flags are %x", flags)
	}
	if client := lenient(t, r.Response.ClientDataJSON); !bytes.Contains(client, []byte(`"origin":"null"`)) {
		t.Errorf("client data are %s", client)
	}
	if h := r.Response.UserHandle; h == nil || !bytes.Equal(lenient(t, *h), ben.user.id) || !bytes.Equal(lenient(t, r.ID), p.user.keys[0].ID) {
		t.Errorf("Ann's passkey has not Ben's user handle: %s", p.answer)
	}
}

// PasskeyLies leaves none out, and no two are called the same.
func TestPasskeyLiesAreAll(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "authenticator_lie.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Passkey") {
			declared = append(declared, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	names := func(lies []authtest.PasskeyLie) []string {
		var list []string
		for _, l := range lies {
			list = append(list, string(l))
		}
		return list
	}
	all := names(authtest.PasskeyLies())
	if len(all) < 80 || !slices.Equal(declared, all) {
		t.Errorf("declared are %q,\nPasskeyLies has %q", declared, all)
	}
	create, get := names(authtest.PasskeyLies("create")), names(authtest.PasskeyLies("get"))
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); n != len(declared) {
		t.Errorf("%d lies have %d names", len(declared), n)
	}
	both := slices.Compact(slices.Sorted(slices.Values(slices.Concat(create, get))))
	if !slices.Equal(both, all) || len(create) == len(all) || len(get) == len(all) || len(authtest.PasskeyLies("elsewhere")) != 0 {
		t.Errorf("%d at create and %d at get of %d", len(create), len(get), len(all))
	}
}
