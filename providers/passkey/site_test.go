package passkey_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

const phrase = "a long pass phrase"

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// site is an application whose people sign in with a passkey, or with a password.
type site struct {
	*authtest.Site
	passkeys *passkey.Provider
	client   *ent.Client
	factor   *authtest.SecondFactor
}

func newSite(t testing.TB, client *ent.Client, cfg passkey.Config, options ...authtest.Option) *site {
	t.Helper()
	s := &site{passkeys: passkey.New(cfg), client: client, factor: &authtest.SecondFactor{}}
	s.Site = authtest.NewOn(t, client, auth.Config{
		Providers: []auth.Provider{password.New(password.Config{}), s.passkeys, s.factor},
	}, options...)
	return s
}

// lite is a site on SQLite, for what does not depend on the database.
func lite(t testing.TB, cfg passkey.Config, options ...authtest.Option) *site {
	t.Helper()
	return newSite(t, authtest.Database(t), cfg, options...)
}

// each runs f on every database.
func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		f(t, newSite(t, client, passkey.Config{}))
	})
}

// begin asks for options, and takes part in the flow.
func begin(t testing.TB, b *authtest.Browser, path string, body any) []byte {
	t.Helper()
	r := b.Post("/auth/passkey/"+path+"/begin", body)
	if r.Status != http.StatusOK {
		t.Fatalf("%s/begin: %v", path, r)
	}
	if flow := r.Flow(); flow != "" { // of an app
		b.Header.Set("Torii-Flow", flow)
	}
	return r.Body
}

// with is the browser's JSON with members of the application's.
func with(t testing.TB, answer []byte, members map[string]any) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(answer, &body); err != nil {
		t.Fatal(err)
	}
	for name, v := range members {
		body[name] = v
	}
	return body
}

// create has a device make a passkey, or fails.
func create(t testing.TB, device *authtest.Authenticator, options []byte) []byte {
	t.Helper()
	answer, err := device.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// sign has a device sign, or fails.
func sign(t testing.TB, device *authtest.Authenticator, options []byte) []byte {
	t.Helper()
	answer, err := device.Get(options)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// signUp makes an account with a passkey.
func signUp(t testing.TB, b *authtest.Browser, device *authtest.Authenticator, email string) *authtest.Reply {
	t.Helper()
	options := begin(t, b, "register", map[string]string{"email": email})
	return b.Post("/auth/passkey/register/finish", string(create(t, device, options)))
}

// signIn signs in with a passkey.
func signIn(t testing.TB, b *authtest.Browser, device *authtest.Authenticator) *authtest.Reply {
	t.Helper()
	options := begin(t, b, "login", map[string]string{})
	return b.Post("/auth/passkey/login/finish", string(sign(t, device, options)))
}

// add adds a passkey to the account of who is signed in.
func add(t testing.TB, b *authtest.Browser, device *authtest.Authenticator, name string) *authtest.Reply {
	t.Helper()
	options := begin(t, b, "register", map[string]string{})
	return b.Post("/auth/passkey/register/finish", with(t, create(t, device, options), map[string]any{"name": name}))
}

// register makes an account with a password, and returns the browser that is signed in.
func (s *site) register(t testing.TB, email string) *authtest.Browser {
	t.Helper()
	b := s.Browser()
	if r := b.Post("/auth/register", map[string]string{"email": email, "password": phrase}); r.Status != http.StatusCreated {
		t.Fatalf("register: %v", r)
	}
	return b
}
