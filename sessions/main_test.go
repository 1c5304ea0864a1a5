package sessions_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// desk is a manager on a database, with a clock and users.
type desk struct {
	*sessions.Opaque
	t      *testing.T
	client *ent.Client
	clock  *authtest.Clock
	people int
}

// each runs f on every database. What a test leaves out of cfg has its default.
func each(t *testing.T, cfg sessions.Config, f func(t *testing.T, d *desk)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		f(t, newDesk(t, client, cfg))
	})
}

func newDesk(t *testing.T, client *ent.Client, cfg sessions.Config) *desk {
	t.Helper()
	clock := authtest.NewClock()
	cfg = cfg.WithDefaults(false)
	if err := cfg.Validate(false); err != nil {
		t.Fatal(err)
	}
	return &desk{Opaque: sessions.NewOpaque(cfg, clock.Now), t: t, client: client, clock: clock}
}

// with is the desk under another configuration.
func (d *desk) with(cfg sessions.Config) *desk {
	d.t.Helper()
	other := newDesk(d.t, d.client, cfg)
	other.clock.Advance(d.clock.Now().Sub(authtest.Start))
	other.people = d.people
	return other
}

// user makes a user and returns the id.
func (d *desk) user() string {
	d.t.Helper()
	d.people++
	u, err := d.client.User.Create().SetEmail(fmt.Sprintf("user%d@example.com", d.people)).Save(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return u.ID
}

// open opens a session.
func (d *desk) open(userID string) (sessions.Session, string) {
	d.t.Helper()
	s, secret, err := d.Create(d.t.Context(), d.client, sessions.Opening{
		ID: schema.NewID("ses"), User: &ent.User{ID: userID}, At: d.clock.Now(),
		UserAgent: "browser/1", IP: "192.0.2.1",
		Factors: []sessions.Factor{{Kind: "password", At: d.clock.Now()}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return s, secret.Reveal()
}

// lives tells whether a token opens its session.
func (d *desk) lives(secret string) bool {
	d.t.Helper()
	_, _, err := d.Lookup(d.t.Context(), d.client, secret)
	if err != nil && !errors.Is(err, sessions.ErrNotFound) {
		d.t.Fatal(err)
	}
	return err == nil
}

// stored tells whether a session has a row, dead or alive.
func (d *desk) stored(id string) bool {
	d.t.Helper()
	there, err := d.client.Session.Query().Where(session.ID(id)).Exist(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return there
}

// must is the value of a call that cannot fail.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
