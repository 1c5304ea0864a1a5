package passkey_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/torii-go/torii/authtest"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

const (
	unverified      = "user not verified"
	unverifiedLater = "user not verified at sign-in"
)

// draft is a vector before it is signed. Its zero value signs in.
type draft struct {
	title      string
	ends       string
	algorithm  int       // -7 if it is 0
	packed     bool      // attested by its own key
	id         int       // bytes of the credential's id; 32 if it is 0
	flags      [2]byte   // at registration and at sign-in; 0x05 and what the first is, if they are 0
	client     [2]string // further members of the client data
	extensions [2]map[string]any
	said       string // what the browser says of the extensions
}

// The flags of section 6.1.
const (
	up = 0x01
	uv = 0x04
	be = 0x08
	bs = 0x10
	at = 0x40
	ed = 0x80
)

const inFrame = `,"crossOrigin":true,"topOrigin":"https://liar.example"`

// drafts are what testdata/vectors.json is made of.
var drafts = []draft{
	{title: "ES256", ends: signsIn},
	{title: "EdDSA", ends: signsIn, algorithm: -8},
	{title: "RS256", ends: signsIn, algorithm: -257},
	{title: "ES256, packed by its own key", ends: signsIn, packed: true},
	{title: "EdDSA, packed by its own key", ends: signsIn, algorithm: -8, packed: true},
	{title: "RS256, packed by its own key", ends: signsIn, algorithm: -257, packed: true},
	{title: "ES384 is not offered", ends: refusedToCreate, algorithm: -35, packed: true},
	{title: "ES512 is not offered", ends: refusedToCreate, algorithm: -36, packed: true},
	{title: "Ed448 is not offered", ends: refusedToCreate, algorithm: -53},
	{title: "id of 1023 bytes", ends: signsIn, id: 1023},
	{title: "id of 1024 bytes", ends: refusedToCreate, id: 1024},
	{title: "id of one byte", ends: signsIn, id: 1},
	{title: "bound to its device", ends: signsIn, flags: [2]byte{up | uv, up | uv}},
	{title: "may be backed up", ends: signsIn, flags: [2]byte{up | uv | be, up | uv | be}},
	{title: "backed up", ends: signsIn, flags: [2]byte{up | uv | be | bs, up | uv | be | bs}},
	{title: "backed up since", ends: signsIn, flags: [2]byte{up | uv | be, up | uv | be | bs}},
	{title: "not backed up any more", ends: signsIn, flags: [2]byte{up | uv | be | bs, up | uv | be}},
	{title: "may be backed up since", ends: signsIn, flags: [2]byte{up | uv, up | uv | be | bs}},
	{title: "may not be backed up any more", ends: signsIn, flags: [2]byte{up | uv | be | bs, up | uv}},
	{title: "backed up although it may not", ends: refusedToCreate, flags: [2]byte{up | uv | bs, up | uv | bs}},
	{title: "backed up although it may not, at sign-in", ends: refusedToSignIn, flags: [2]byte{up | uv, up | uv | bs}},
	{title: unverified, ends: refusedToCreate, flags: [2]byte{up, up}},
	{title: unverifiedLater, ends: refusedToSignIn, flags: [2]byte{up | uv, up}},
	{title: "user not present", ends: refusedToCreate, flags: [2]byte{uv, uv}},
	{title: "user not present at sign-in", ends: refusedToSignIn, flags: [2]byte{up | uv, uv}},
	{title: "in a frame", ends: refusedToCreate, client: [2]string{`,"crossOrigin":true`, ""}},
	{title: "in a frame at sign-in", ends: refusedToSignIn, client: [2]string{"", `,"crossOrigin":true`}},
	{title: "in a frame that is named", ends: refusedToCreate, client: [2]string{inFrame, ""}},
	{title: "in a frame that is named, at sign-in", ends: refusedToSignIn, client: [2]string{"", inFrame}},
	{title: "further members of the client data", ends: signsIn, client: [2]string{`,"crossOrigin":false,"more":{"a":[1]}`, `,"more":"…"`}},
	{
		title: "extensions that nobody asked for", ends: signsIn,
		extensions: [2]map[string]any{{"credProtect": 2, "hmac-secret": true}, {"hmac-secret": seeded("hmac", 48)}},
		said:       `{"credProps":{"rk":true},"largeBlob":{"blob":"AA"},"prf":{"enabled":true,"results":{"first":"AAAA"}}}`,
	},
}

// vector signs a draft.
func (d draft) vector(t testing.TB) vector {
	t.Helper()
	if d.algorithm == 0 {
		d.algorithm = -7
	}
	if d.id == 0 {
		d.id = 32
	}
	if d.flags[0] == 0 {
		d.flags = [2]byte{up | uv, up | uv}
	}
	var more [2][]byte
	for i, outputs := range d.extensions {
		if len(outputs) > 0 {
			d.flags[i] |= ed
			more[i] = encoded(t, outputs)
		}
	}
	const rpID = "app.example"
	key := keyOf(t, d.algorithm, d.title)
	client := func(i int, kind string, challenge []byte) []byte {
		return []byte(`{"type":"webauthn.` + kind + `","challenge":"` + base64.RawURLEncoding.EncodeToString(challenge) +
			`","origin":"` + authtest.Origin + `"` + d.client[i] + `}`)
	}
	v := vector{Title: d.title, Ends: d.ends, Extensions: json.RawMessage(d.said)}
	r, a := &v.Registration, &v.Authentication
	r.Challenge, a.Challenge = seeded(d.title+" create", 32), seeded(d.title+" get", 32)
	r.CredentialID = seeded(d.title+" id", d.id)
	r.ClientData, a.ClientData = client(0, "create", r.Challenge), client(1, "get", a.Challenge)
	length := binary.BigEndian.AppendUint16(nil, uint16(d.id)) // #nosec G115 -- 1024 at most
	made := authenticatorData(rpID, d.flags[0]|at, make([]byte, 16), length, r.CredentialID, key.cose, more[0])
	object := map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": made}
	signed := func(data, client []byte) []byte {
		hash := sha256.Sum256(client)
		return key.sign(slices.Concat(data, hash[:]))
	}
	if d.packed {
		object["fmt"] = "packed"
		object["attStmt"] = map[string]any{"alg": key.algorithm, "sig": signed(made, r.ClientData)}
	}
	r.Attestation = encoded(t, object)
	a.AuthData = authenticatorData(rpID, d.flags[1], more[1])
	a.Signature = signed(a.AuthData, a.ClientData)
	return v
}

// The file is what the drafts say. With -update it is written anew; nothing in it is left to
// chance.
func TestVectorsAreMadeOfTheDrafts(t *testing.T) {
	var list []vector
	for _, d := range drafts {
		list = append(list, d.vector(t))
	}
	want, err := json.MarshalIndent(list, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(vectorsFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(vectorsFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the drafts say (%v): make it anew by -update", vectorsFile, err)
	}
}
