package password_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

// site is an application whose users have passwords, and maybe more.
type site struct {
	*authtest.Site
	pw     *password.Provider
	keys   *keys
	factor *authtest.SecondFactor
}

func newSite(t testing.TB, client *ent.Client, cfg auth.Config, options ...authtest.Option) *site {
	t.Helper()
	s := &site{pw: password.New(password.Config{}), keys: &keys{}, factor: &authtest.SecondFactor{}}
	cfg.Providers = []auth.Provider{s.pw, s.keys, s.factor}
	s.Site = authtest.NewOn(t, client, cfg, options...)
	return s
}

// lite is a site on SQLite, for what does not depend on the database.
func lite(t testing.TB) *site {
	t.Helper()
	return newSite(t, authtest.Database(t), auth.Config{})
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
		f(t, newSite(t, client, auth.Config{}))
	})
}

var people atomic.Uint64

// person is an address that no other test uses.
func person() string { return fmt.Sprintf("person%d@example.com", people.Add(1)) }

// account makes an account with the pass phrase, and a session.
func (s *site) account(t testing.TB) (email string, res auth.Result) {
	t.Helper()
	email = person()
	res, err := s.pw.Register(t.Context(), password.Registration{Email: email, Password: phrase}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return email, res
}

// browser is a visitor who has just registered with the pass phrase.
func (s *site) browser(t testing.TB) (b *authtest.Browser, email, userID string) {
	t.Helper()
	b, email = s.Browser(), person()
	r := b.Post("/auth/register", map[string]string{"email": email, "password": phrase})
	if r.Status != http.StatusCreated {
		t.Fatalf("register: %v", r)
	}
	return b, email, r.UserID()
}

func (s *site) signIn(t testing.TB, email, secret string) (auth.Result, error) {
	t.Helper()
	return s.pw.SignIn(t.Context(), password.Credentials{Email: email, Password: secret}, auth.Client{})
}

// live is the ids of a user's sessions.
func (s *site) live(t testing.TB, userID string) []string {
	t.Helper()
	list, err := s.Auth.Sessions(t.Context(), userID)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, x := range list {
		ids = append(ids, x.ID)
	}
	return ids
}

// row is a user's password as it is stored.
func (s *site) row(t testing.TB, userID string) *ent.Credential {
	t.Helper()
	row, err := s.Client.Credential.Query().Where(credential.UserID(userID), credential.Kind(password.Kind)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// code is the one field code of an error, "" without one.
func code(err error) string {
	fields, ok := errors.AsType[*auth.FieldsError](err)
	if !ok || len(fields.Fields) != 1 {
		return ""
	}
	for _, c := range fields.Fields {
		return c
	}
	return ""
}

// keys is another way to sign in, for accounts that have two. Nobody signs in by it here.
type keys struct{ kit auth.Kit }

func (*keys) Name() string { return "key" }

func (k *keys) Mount(kit auth.Kit) ([]auth.Route, error) {
	k.kit = kit
	return nil, nil
}

func (k *keys) add(t testing.TB, userID string) (id string) {
	t.Helper()
	err := k.kit.Transact(t.Context(), auth.Client{}, userID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return k.kit.AddCredential(ctx, tx, u.ID, auth.NewCredential{Kind: "key", Secret: "a key"})
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err = k.kit.Credentials().Query().Where(credential.UserID(userID), credential.Kind("key")).OnlyID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (k *keys) remove(ctx context.Context, s sessions.Session, id string) error {
	return k.kit.Transact(ctx, auth.Client{}, s.UserID, func(ctx context.Context, tx *auth.Tx, u *ent.User) error {
		return k.kit.RemoveCredential(ctx, tx, u.ID, id)
	})
}

// hashes is how many Argon2 computations a site has made.
func hashes(s *site) uint64 {
	return s.Auth.Hashes()
}

// from is a client at an address.
func from(ip string) auth.Client { return auth.Client{IP: netip.MustParseAddr(ip), UserAgent: "test"} }
