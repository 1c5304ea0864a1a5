package passkey_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/passkey"
)

// goldenFile are passkeys as they were stored once. -update adds those that are missing, and
// changes none: what is stored has to sign in for ever.
const goldenFile = "testdata/stored.json"

// golden are the columns of a passkey. Its signature is that of the vector of the same title.
type golden struct {
	Title          string `json:"title"`
	Identifier     string `json:"identifier"`
	IdentifierHash hexed  `json:"identifier_hash"`
	PublicKey      hexed  `json:"public_key"`
	SignCount      int64  `json:"sign_count"`
	Flags          int64  `json:"flags"`
	AAGUID         string `json:"aaguid"`
	Transports     string `json:"transports"`
	UserHandle     hexed  `json:"user_handle"`
	Name           string `json:"name"`
}

var goldenTitles = []string{"ES256", "EdDSA", "RS256", "backed up", "may be backed up since", "id of 1023 bytes"}

func TestPasskeysThatWereStoredOnceSignIn(t *testing.T) {
	vectors := map[string]vector{}
	for _, v := range readVectors(t) {
		vectors[v.Title] = v
	}
	if *update {
		storeGolden(t, vectors)
	}
	raw, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []golden
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < len(goldenTitles) {
		t.Fatalf("%d stored passkeys, want %d", len(list), len(goldenTitles))
	}
	each(t, func(t *testing.T, s *site) {
		for _, g := range list {
			v := vectors[g.Title]
			u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: v.Registration.Challenge.url()[:16] + "@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			insert(t, s, u.ID, "crd_"+u.ID[4:], g)
			app := s.App()
			begin(t, app, "login", map[string]string{})
			flow, _, err := s.passkeys.Rechallenge(t.Context(), auth.Client{Flows: app.Header["Torii-Flow"]}, "sign-in", v.Authentication.Challenge)
			if err != nil {
				t.Fatal(err)
			}
			app.Header.Set("Torii-Flow", flow)
			r := app.Post("/auth/passkey/login/finish", v.answer(map[string]any{
				"clientDataJSON": v.Authentication.ClientData.url(), "authenticatorData": v.Authentication.AuthData.url(),
				"signature": v.Authentication.Signature.url(), "userHandle": g.UserHandle.url(),
			}))
			if r.Status != http.StatusOK || r.UserID() != u.ID {
				t.Errorf("%s: %v", g.Title, r)
			}
		}
	})
}

// insert writes a row as it was, by SQL: the code of today has no say.
func insert(t *testing.T, s *site, userID, id string, g golden) {
	t.Helper()
	driver := s.client.Driver()
	query, args := sql.Dialect(driver.Dialect()).Insert("auth_credentials").
		Columns("id", "user_id", "kind", "identifier", "identifier_hash", "public_key", "sign_count", "flags", "aaguid",
			"transports", "user_handle", "name", "second_factor", "created_at", "updated_at").
		Values(id, userID, "passkey", g.Identifier, []byte(g.IdentifierHash), []byte(g.PublicKey), g.SignCount, g.Flags, g.AAGUID,
			g.Transports, []byte(g.UserHandle), g.Name, false, authtest.Start, authtest.Start).
		Query()
	if err := driver.Exec(t.Context(), query, args, nil); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// storeGolden adds what is missing in the file, as it is stored now.
func storeGolden(t *testing.T, vectors map[string]vector) {
	t.Helper()
	var list []golden
	if raw, err := os.ReadFile(goldenFile); err == nil {
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
	}
	there := map[string]bool{}
	for _, g := range list {
		there[g.Title] = true
	}
	for _, title := range goldenTitles {
		if there[title] {
			continue
		}
		s := vectorSite(t, authtest.Origin, passkey.Config{})
		v := vectors[title]
		v.Authentication.Signature = nil // stays as it was when it was made
		if got := v.run(t, s); got.how != refusedToSignIn {
			t.Fatalf("%s: it %s", title, got.how)
		}
		c := s.client.Credential.Query().Where(credential.Kind("passkey")).OnlyX(t.Context())
		list = append(list, golden{
			Title: title, Identifier: c.Identifier, IdentifierHash: c.IdentifierHash, PublicKey: *c.PublicKey, SignCount: c.SignCount,
			Flags: c.Flags, AAGUID: c.Aaguid, Transports: c.Transports, UserHandle: *c.UserHandle, Name: c.Name,
		})
	}
	raw, err := json.MarshalIndent(list, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenFile, append(raw, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}
