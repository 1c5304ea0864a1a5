package passkey_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/passkey"
)

// What must not happen, each by the line of the list of threats that forbids it (PK-01 to
// PK-16, ENU-06); the lines name steps of WebAuthn Level 3:
//
//	go test -run TestNegative -v ./providers/passkey
func TestNegative(t *testing.T) {
	liesOfCreate(t)
	liesOfGet(t)
	counters(t)
	for _, table := range [][]negative{challenges, crossings, bodies, keys, signUps, owners, accounts, management, policies, answersOfBegin} {
		for _, row := range table {
			t.Run(row.name, func(t *testing.T) { row.test(t, lite(t, row.cfg, row.options...)) })
		}
	}
}

// negative is something that has to be refused, on a site of its own.
type negative struct {
	name    string
	test    func(t *testing.T, s *site)
	cfg     passkey.Config
	options []authtest.Option
}

// rows are how many there are of what a ceremony may write, and what there is of passkeys.
type rows struct {
	users, sessions int
	credentials     []*ent.Credential
}

func (s *site) rows(t testing.TB) rows {
	t.Helper()
	ctx := t.Context()
	var (
		r   rows
		err error
	)
	if r.users, err = s.client.User.Query().Count(ctx); err != nil {
		t.Fatal(err)
	}
	if r.sessions, err = s.client.Session.Query().Count(ctx); err != nil {
		t.Fatal(err)
	}
	if r.credentials, err = s.client.Credential.Query().Order(ent.Asc(credential.FieldID)).All(ctx); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r rows) equal(o rows) bool {
	return r.users == o.users && r.sessions == o.sessions && slices.EqualFunc(r.credentials, o.credentials, func(a, b *ent.Credential) bool {
		return a.String() == b.String()
	})
}

// String leaves out what nearly all have.
func (r rows) String() string {
	text := fmt.Sprintf("%d users, %d sessions, %d credentials", r.users, r.sessions, len(r.credentials))
	for _, c := range r.credentials[max(0, len(r.credentials)-3):] {
		text += fmt.Sprint("\n", c.ID, " ", c.UserID, " ", c.Name, " ", c.SignCount, " ", c.Flags, " ", c.LastUsedAt)
	}
	return text
}

// refused fails unless an answer is that refusal, and nothing has been written since.
func (s *site) refused(t testing.TB, r *authtest.Reply, status int, code string, before rows) {
	t.Helper()
	if r.Status != status || r.Code() != code {
		t.Errorf("it is %v, want %d %s", r, status, code)
	}
	for _, c := range r.Cookies {
		if strings.Contains(c.Name, "session") && c.Value != "" {
			t.Errorf("a refusal sets %s", c.Name)
		}
	}
	if after := s.rows(t); !after.equal(before) {
		t.Errorf("it wrote something:\n%v, before:\n%v", after, before)
	}
}

// ceremonies are how many challenges wait.
func (s *site) ceremonies(t testing.TB) int {
	t.Helper()
	n, err := s.client.Challenge.Query().Where(challenge.PurposeHasPrefix("passkey:")).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// events are how many there are of a kind.
func (s *site) events(t testing.TB, kind string) int {
	t.Helper()
	n, err := s.client.AuthEvent.Query().Where(authevent.Kind(kind)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// member is one of the options.
func member(t testing.TB, options []byte, path ...string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(options, &v); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"publicKey"}, path...) {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %s", path, options)
		}
		v = m[name]
	}
	text, _ := v.(string)
	return text
}

// asking are options to sign a challenge of any ceremony.
func asking(t testing.TB, options []byte) []byte {
	t.Helper()
	return []byte(`{"publicKey":{"rpId":"app.example","challenge":"` + member(t, options, "challenge") + `"}}`)
}

// making are options to make a passkey with a challenge of any ceremony.
func making(t testing.TB, options []byte, handle string) []byte {
	t.Helper()
	return []byte(`{"publicKey":{"rp":{"id":"app.example","name":""},"user":{"id":"` + handle +
		`","name":"","displayName":""},"pubKeyCredParams":[` + params + `],"challenge":"` + member(t, options, "challenge") + `"}}`)
}

const params = `{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},{"type":"public-key","alg":-257}`

// again is a passkey that was made for other options: nobody signs "none".
func again(t testing.TB, answer, options []byte) map[string]any {
	t.Helper()
	body := with(t, answer, nil)
	client := `{"type":"webauthn.create","challenge":"` + member(t, options, "challenge") + `","origin":"` + authtest.Origin + `","crossOrigin":false}`
	body["response"].(map[string]any)["clientDataJSON"] = base64.RawURLEncoding.EncodeToString([]byte(client))
	return body
}

// finish posts the browser's answer to a finish route.
func finish(b *authtest.Browser, ceremony string, answer any) *authtest.Reply {
	if raw, ok := answer.([]byte); ok {
		answer = json.RawMessage(raw)
	}
	switch ceremony {
	case "sign-in":
		return b.Post("/auth/passkey/login/finish", answer)
	case "step-up":
		return b.Post("/auth/step-up", map[string]any{"passkey": answer})
	}
	return b.Post("/auth/passkey/register/finish", answer)
}

// actor is somebody who takes part in a ceremony.
type actor struct {
	*authtest.Browser
	device *authtest.Authenticator
	email  string
	id     string
}

// newcomer is a browser with a device.
func (s *site) newcomer(name string) actor {
	return actor{Browser: s.Browser(), device: authtest.NewAuthenticator(), email: name + "@example.com"}
}

// owner is somebody who has an account with a passkey and is signed in.
func (s *site) owner(t testing.TB, name string) actor {
	t.Helper()
	a := s.newcomer(name)
	a.enter(t)
	return a
}

func (a *actor) enter(t testing.TB) {
	t.Helper()
	r := signUp(t, a.Browser, a.device, a.email)
	if r.Status != http.StatusCreated {
		t.Fatalf("sign-up of %s: %v", a.email, r)
	}
	a.id = r.UserID()
}

// passkeyID is the id of the passkey of somebody who has one.
func (a *actor) passkeyID(t testing.TB) string {
	t.Helper()
	got := list(t, a.Browser).Passkeys
	if len(got) != 1 {
		t.Fatalf("%s has %d passkeys", a.email, len(got))
	}
	return got[0].ID
}
