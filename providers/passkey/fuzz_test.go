package passkey_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/passkey"
)

// fuzzed is a site whose ceremonies have one challenge all the time.
type fuzzed struct {
	*site
	challenge []byte
	n         int
}

func newFuzzed(f *testing.F) *fuzzed {
	f.Helper()
	return &fuzzed{site: lite(f, passkey.Config{}), challenge: seeded("fuzz", 32)}
}

// ask begins a ceremony, each time from another address: they are limited.
func (z *fuzzed) ask(t testing.TB, ceremony string) (*authtest.Browser, passkey.Ceremony) {
	t.Helper()
	z.n++
	app := z.App()
	app.IP = fmt.Sprintf("10.%d.%d.%d", z.n>>16&255, z.n>>8&255, z.n&255)
	path, body := "login", map[string]string{}
	if ceremony == "sign-up" {
		path, body = "register", map[string]string{"email": fmt.Sprintf("ann%d@example.com", z.n)}
	}
	begin(t, app, path, body)
	flow, s, err := z.passkeys.Rechallenge(t.Context(), auth.Client{Flows: app.Header["Torii-Flow"]}, ceremony, z.challenge)
	if err != nil {
		t.Fatal(err)
	}
	app.Header.Set("Torii-Flow", flow)
	return app, s
}

// options are those of any ceremony with the challenge.
func (z *fuzzed) options() []byte {
	return []byte(`{"publicKey":{"challenge":"` + base64.RawURLEncoding.EncodeToString(z.challenge) + `"}}`)
}

// written are how many users, sessions and passkeys there are.
func (z *fuzzed) written(t testing.TB) [3]int {
	t.Helper()
	r := z.rows(t)
	return [3]int{r.users, r.sessions, len(r.credentials)}
}

// parts are what a browser's answer has, as bytes.
func parts(t testing.TB, answer []byte) map[string][]byte {
	t.Helper()
	var r struct {
		ID, Type string
		Response map[string]any
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{"id": []byte(r.ID), "type": []byte(r.Type)}
	for name, v := range r.Response {
		text, _ := v.(string)
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			all[name] = raw
		}
	}
	return all
}

func posted(t testing.TB, id, kind string, response map[string][]byte) []byte {
	t.Helper()
	texts := map[string]string{}
	for name, raw := range response {
		texts[name] = hexed(raw).url()
	}
	body, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": kind, "response": texts})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// isHonest says whether the client data are of this site and the ceremony, and the data of
// the authenticator of a user who was verified: by another reading than the tested one.
func (z *fuzzed) isHonest(client, data []byte, kind string) bool {
	var c struct {
		Type, Challenge, Origin string
		CrossOrigin             bool
	}
	hash := sha256.Sum256([]byte("app.example"))
	return json.Unmarshal(client, &c) == nil && c.Type == kind && c.Challenge == hexed(z.challenge).url() && c.Origin == authtest.Origin &&
		!c.CrossOrigin && len(data) >= 37 && bytes.Equal(data[:32], hash[:]) && data[32]&(up|uv) == up|uv
}

// overHTTP tells whether an input is one of the few that go through everything.
func overHTTP(input ...[]byte) bool {
	sum := sha256.Sum256(slices.Concat(input...))
	return sum[0] < 4
}

// Whatever a browser sends to finish a registration, nothing breaks, and what is taken is
// what has to be.
func FuzzFinishRegistration(f *testing.F) {
	z := newFuzzed(f)
	_, s := z.ask(f, "sign-up")
	device := authtest.NewAuthenticator()
	for _, algorithm := range []int{authtest.CoseES256, authtest.CoseEdDSA, authtest.CoseRS256} {
		device.Algorithms = []int{algorithm}
		lies := []authtest.PasskeyLie{"", authtest.PasskeyPackedSelf}
		if algorithm == authtest.CoseES256 {
			lies = append(authtest.PasskeyLies("create"), "")
		}
		for _, lie := range lies {
			device.Lie(lie)
			p := parts(f, create(f, device, making(f, z.options(), "aGFuZGxl")))
			f.Add(string(p["id"]), string(p["type"]), p["clientDataJSON"], p["attestationObject"])
		}
	}
	for _, v := range readVectors(f) {
		f.Add(v.Registration.CredentialID.url(), "public-key", []byte(v.Registration.ClientData), []byte(v.Registration.Attestation))
	}
	f.Fuzz(func(t *testing.T, id, kind string, client, object []byte) {
		body := posted(t, id, kind, map[string][]byte{"clientDataJSON": client, "attestationObject": object})
		err := z.passkeys.Created(s, body)
		raw, _ := base64.RawURLEncoding.DecodeString(id)
		hash := sha256.Sum256([]byte("app.example"))
		at := bytes.Index(object, hash[:]) // the data of the authenticator are within the object
		if err == nil && (at < 0 || !z.isHonest(client, object[at:], "webauthn.create") || kind != "public-key" || !bytes.Contains(object, raw) || len(raw) > 1023) {
			t.Fatalf("accepted: id %q, type %q, client data %q, object %x", id, kind, client, object)
		}
		if !overHTTP([]byte(id), []byte(kind), client, object) {
			return
		}
		app, _ := z.ask(t, "sign-up")
		before := z.written(t)
		r := app.Post("/auth/passkey/register/finish", body)
		after := z.written(t)
		switch {
		case err == nil && r.Status == http.StatusCreated && after == [3]int{before[0] + 1, before[1] + 1, before[2] + 1}:
		case err == nil && r.Code() == "credential_taken" && after == before:
		case err != nil && r.Status >= 400 && r.Status < 500 && after == before:
		default:
			t.Fatalf("%v for %q: it is %v, %v rows, %v before", err, body, r, after, before)
		}
	})
}

// Whatever a browser sends to finish a sign-in, nothing breaks, and nobody signs in but by
// the key.
func FuzzFinishSignIn(f *testing.F) {
	z := newFuzzed(f)
	ann := z.owner(f, "ann")
	_, s := z.ask(f, "sign-in")
	row := z.client.Credential.Query().Where(credential.Kind("passkey")).OnlyX(f.Context())
	public := publicKeyOf(f, row)
	for _, lie := range append(authtest.PasskeyLies("get"), "") {
		ann.device.Lie(lie)
		p := parts(f, sign(f, ann.device, asking(f, z.options())))
		f.Add(string(p["id"]), string(p["type"]), p["clientDataJSON"], p["authenticatorData"], p["signature"], p["userHandle"])
	}
	f.Fuzz(func(t *testing.T, id, kind string, client, data, signature, handle []byte) {
		body := posted(t, id, kind, map[string][]byte{
			"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": handle,
		})
		err := z.passkeys.Used(s, body, row)
		if err == nil {
			hash := sha256.Sum256(client)
			sum := sha256.Sum256(slices.Concat(data, hash[:]))
			if !z.isHonest(client, data, "webauthn.get") || id != row.Identifier || kind != "public-key" ||
				!bytes.Equal(handle, *row.UserHandle) || !ecdsa.VerifyASN1(public, sum[:], signature) {
				t.Fatalf("accepted: %s", body)
			}
		}
		if !overHTTP([]byte(id), []byte(kind), client, data, signature, handle) {
			return
		}
		app, _ := z.ask(t, "sign-in")
		before := z.written(t)
		r := app.Post("/auth/passkey/login/finish", body)
		after := z.written(t)
		switch {
		case err == nil && r.UserID() == ann.id && after[0] == before[0] && after[2] == before[2]:
		case err != nil && r.Status >= 400 && r.Status < 500 && after == before:
		default:
			t.Fatalf("%v for %s: it is %v, %v rows, %v before", err, body, r, after, before)
		}
	})
}

// publicKeyOf reads an ES256 key as it is stored: 0x21 and 0x22 are x and y.
func publicKeyOf(t testing.TB, row *ent.Credential) *ecdsa.PublicKey {
	t.Helper()
	raw := *row.PublicKey
	if len(raw) != 77 {
		t.Fatalf("a public key of %d bytes", len(raw))
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, raw[10:42], raw[45:77]))
	if err != nil {
		t.Fatal(err)
	}
	return public
}
