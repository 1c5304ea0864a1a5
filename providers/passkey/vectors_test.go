package passkey_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/passkey"
)

// hexed is bytes as the vectors have them.
type hexed []byte

func (h hexed) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexed) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func (h hexed) url() string { return base64.RawURLEncoding.EncodeToString(h) }

// vector is a registration, and a sign-in with what was registered, in the form of those of
// WebAuthn Level 3, section 16.
type vector struct {
	Title        string `json:"title"`
	Registration struct {
		Challenge    hexed `json:"challenge"`
		CredentialID hexed `json:"credential_id"`
		ClientData   hexed `json:"clientDataJSON"`
		Attestation  hexed `json:"attestationObject"`
	} `json:"registration"`
	Authentication struct {
		Challenge  hexed `json:"challenge"`
		ClientData hexed `json:"clientDataJSON"`
		AuthData   hexed `json:"authenticatorData"`
		Signature  hexed `json:"signature"`
	} `json:"authentication"`
	// Extensions are what the browser says of them, beside what was signed.
	Extensions json.RawMessage `json:"clientExtensionResults,omitempty"`
	// Ends is what the site says to it.
	Ends string `json:"ends,omitempty"`
}

// What the site says to a vector.
const (
	signsIn         = "signs in"
	refusedToCreate = "is refused at registration"
	refusedToSignIn = "is refused at sign-in"
)

// answer is what the browser posts.
func (v vector) answer(response map[string]any) map[string]any {
	id := v.Registration.CredentialID.url()
	extensions := v.Extensions
	if extensions == nil {
		extensions = json.RawMessage("{}")
	}
	return map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": extensions}
}

// ending is how a vector ends, and what the site says.
type ending struct{ how, code string }

// vectorSite is a site at an origin, on SQLite.
func vectorSite(t *testing.T, origin string, cfg passkey.Config) *site {
	t.Helper()
	s := &site{passkeys: passkey.New(cfg), client: authtest.Database(t)}
	s.Site = authtest.NewOn(t, s.client, auth.Config{BaseURL: origin, Providers: []auth.Provider{s.passkeys}})
	return s
}

// run registers and signs in. Only the challenge is put in; the rest is what every browser
// meets.
func (v vector) run(t *testing.T, s *site) ending {
	t.Helper()
	app := s.App()
	ask := func(path, ceremony string, body any, challenge []byte) []byte {
		options := begin(t, app, path, body)
		flow, _, err := s.passkeys.Rechallenge(t.Context(), auth.Client{Flows: app.Header["Torii-Flow"]}, ceremony, challenge)
		if err != nil {
			t.Fatal(err)
		}
		app.Header.Set("Torii-Flow", flow)
		return options
	}

	options := ask("register", "sign-up", map[string]string{"email": "ann+" + v.Registration.Challenge.url()[:16] + "@example.com"}, v.Registration.Challenge)
	var o struct {
		PublicKey struct{ User struct{ ID string } }
	}
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.User.ID == "" {
		t.Fatalf("options %s: %v", options, err)
	}
	r := app.Post("/auth/passkey/register/finish", v.answer(map[string]any{
		"clientDataJSON": v.Registration.ClientData.url(), "attestationObject": v.Registration.Attestation.url(),
	}))
	if r.Status != http.StatusCreated {
		return ending{refusedToCreate, r.Code()}
	}
	ann := r.UserID()
	ask("login", "sign-in", map[string]string{}, v.Authentication.Challenge)
	r = app.Post("/auth/passkey/login/finish", v.answer(map[string]any{
		"clientDataJSON": v.Authentication.ClientData.url(), "authenticatorData": v.Authentication.AuthData.url(),
		"signature": v.Authentication.Signature.url(), "userHandle": o.PublicKey.User.ID,
	}))
	if r.Status != http.StatusOK || r.UserID() != ann {
		return ending{refusedToSignIn, r.Code()}
	}
	return ending{how: signsIn}
}

// refusals are what a site says that refuses a vector.
var refusals = map[string]string{refusedToCreate: "invalid_request", refusedToSignIn: "invalid_credentials"}

const vectorsFile = "testdata/vectors.json"

func readVectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile(vectorsFile)
	if errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%v: make it by go test -run TestVectors -update", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// What was signed once is accepted, or refused, for ever.
func TestVectorsEndAsTheyAlwaysDid(t *testing.T) {
	list := readVectors(t)
	if len(list) < 15 {
		t.Fatalf("%d vectors", len(list))
	}
	s := vectorSite(t, authtest.Origin, passkey.Config{})
	for _, v := range list {
		t.Run(v.Title, func(t *testing.T) {
			if got := v.run(t, s); got.how != v.Ends || got.code != refusals[v.Ends] {
				t.Errorf("it %s (%q), want that it %s; log:\n%s", got.how, got.code, v.Ends, s.Log())
			}
		})
	}
}

// Without the demand for user verification only that is different.
func TestVectorsWithoutUserVerification(t *testing.T) {
	accepted := 0
	s := vectorSite(t, authtest.Origin, passkey.Config{InsecureSkipUserVerification: true})
	for _, v := range readVectors(t) {
		want := v.Ends
		if v.Title == unverified || v.Title == unverifiedLater {
			want = signsIn
			accepted++
		}
		if got := v.run(t, s); got.how != want {
			t.Errorf("%s: it %s (%q), want that it %s", v.Title, got.how, got.code, want)
		}
	}
	if accepted != 2 {
		t.Errorf("%d vectors without user verification, want 2", accepted)
	}
}
