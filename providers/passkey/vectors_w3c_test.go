//go:build w3cvectors

package passkey_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/torii-go/torii/providers/passkey"
)

// specified are the vectors of WebAuthn Level 3, section 16, and how they end: by default,
// and where users need not be verified. The flags of the vectors are random.
var specified = map[string][2]string{
	"sctn-test-vectors-none-es256":                    {refusedToCreate, signsIn}, // UV=0
	"sctn-test-vectors-packed-self-es256":             {refusedToSignIn, signsIn}, // UV=0 at sign-in
	"sctn-test-vectors-none-es256-crossOrigin":        {refusedToCreate, refusedToCreate},
	"sctn-test-vectors-none-es256-topOrigin":          {refusedToCreate, refusedToCreate},
	"sctn-test-vectors-none-es256-long-credential-id": {refusedToCreate, signsIn}, // UV=0
	"sctn-test-vectors-packed-es256":                  {signsIn, signsIn},
	"sctn-test-vectors-packed-es384":                  {refusedToCreate, refusedToCreate}, // -35 is not offered
	"sctn-test-vectors-packed-es512":                  {refusedToCreate, refusedToCreate}, // -36 is not offered
	"sctn-test-vectors-packed-rs256":                  {refusedToSignIn, signsIn},         // UV=0 at sign-in
	"sctn-test-vectors-packed-eddsa":                  {refusedToCreate, signsIn},         // UV=0
	"sctn-test-vectors-packed-ed448":                  {refusedToCreate, refusedToCreate}, // -53 is not offered
	"sctn-test-vectors-tpm-es256":                     {refusedToCreate, refusedToCreate}, // its maker is nobody's
	"sctn-test-vectors-android-key-es256":             {refusedToCreate, refusedToCreate}, // its root is nobody's
	"sctn-test-vectors-apple-es256":                   {refusedToCreate, refusedToCreate}, // its root is nobody's
	"sctn-test-vectors-fido-u2f-es256":                {refusedToCreate, signsIn},         // U2F verifies nobody
}

// The vectors of the specification may not be copied. To run them, save them as JSON to a
// folder and name it:
//
//	TORII_WEBAUTHN_VECTORS=… go test -tags w3cvectors -run TestSpecified ./providers/passkey
func TestSpecifiedVectors(t *testing.T) {
	folder := os.Getenv("TORII_WEBAUTHN_VECTORS")
	if folder == "" {
		t.Fatal("TORII_WEBAUTHN_VECTORS names no folder")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "webauthn-l3-test-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Origin  string
		Vectors []struct {
			Anchor string
			vector
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range file.Vectors {
		if v.Registration.Challenge == nil {
			continue // keys, or outputs of extensions by themselves
		}
		n++
		t.Run(v.Anchor, func(t *testing.T) {
			for i, cfg := range []passkey.Config{{}, {InsecureSkipUserVerification: true}} {
				got := v.run(t, vectorSite(t, file.Origin, cfg))
				if got.how != specified[v.Anchor][i] || got.code != refusals[got.how] {
					t.Errorf("%+v: it %s (%q), want that it %s", cfg, got.how, got.code, specified[v.Anchor][i])
				}
			}
		})
	}
	if n != 15 || len(specified) != 15 {
		t.Errorf("%d vectors, %d are described, want 15", n, len(specified))
	}
}
