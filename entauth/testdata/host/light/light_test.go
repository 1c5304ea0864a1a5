package light

import (
	"context"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"example.com/host/light/ent"
	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// A host with a Session of its own, and without any feature of Ent.
func TestLight(t *testing.T) {
	drv, err := migrate.Driver(t.Context(), "sqlite3", "file:"+filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(drv))
	defer client.Close()
	if err := client.MigrateAuth(t.Context()); err != nil {
		t.Fatal(err)
	}
	hook := func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		if e.Kind != auth.EventUserCreated {
			return nil
		}
		return client.InAuth(tx).Session.Create().SetMinutes(30).Exec(ctx)
	}
	a, err := client.Auth(auth.Config{BaseURL: "http://localhost:8080", Providers: []auth.Provider{password.New(password.Config{})}, Hooks: []auth.Hook{hook}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.Background())
	tx, err := client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := tx.Auth(a).CreateUser(t.Context(), auth.NewUser{Email: "ann@x.example", Fields: map[string]any{"plan": "paid"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := client.User.GetX(t.Context(), u.ID); got.Plan != "paid" {
		t.Errorf("the row is %v", got)
	}
	if res, err := a.CreateSession(t.Context(), u.ID, auth.Client{}); err != nil || res.Token.Reveal() == "" {
		t.Errorf("a session of Torii's: %v", err)
	}
	if n := client.Session.Query().CountX(t.Context()); n != 1 {
		t.Errorf("%d sessions of the host's, want that of the hook", n)
	}
}
