package main

import (
	"context"
	"log/slog"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-light/ent"
	"github.com/torii-go/torii/examples/host-light/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// An application that had Torii alone becomes one with this graph, or begins as one:
// the database ends up the same, nothing that was there is lost, and nothing is left to
// do for either.
func TestBothOrdersOfMigration(t *testing.T) {
	for _, order := range []struct {
		name  string
		torii bool // comes first
	}{{"the studio first", false}, {"Torii first", true}} {
		t.Run(order.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, d testdb.DB) {
				ctx := t.Context()
				drv, err := migrate.Driver(ctx, d.Driver, d.DSN)
				if err != nil {
					t.Fatal(err)
				}
				client := ent.NewClient(ent.Driver(drv))
				t.Cleanup(func() { client.Close() })
				own, err := migrate.Client(drv)
				if err != nil {
					t.Fatal(err)
				}
				var token, id string
				if order.torii {
					if err := migrate.Up(ctx, own); err != nil {
						t.Fatal(err)
					}
					token, id = signedIn(t, func(cfg auth.Config) (*auth.Auth, error) { return auth.New(own, cfg) })
				}
				for range 2 {
					if err := client.MigrateAuth(ctx); err != nil {
						t.Fatal(err)
					}
					if sql, err := migrate.Plan(ctx, own); err != nil || sql != "" {
						t.Errorf("left to do: %q, %v", sql, err)
					}
					if err := migrate.Up(ctx, own); err != nil {
						t.Error(err)
					}
					if err := migrate.Verify(ctx, own); err != nil {
						t.Error(err)
					}
				}
				s, err := newStudio(client, config())
				if err != nil {
					t.Fatal(err)
				}
				defer s.auth.Close(context.Background())
				if !order.torii {
					token, id = signedIn(t, func(auth.Config) (*auth.Auth, error) { return s.auth, nil })
				}
				if _, u, err := s.auth.Session(ctx, token); err != nil || u.ID != id {
					t.Errorf("the sign-in: %v, %v", u, err)
				}
				if got, err := client.User.Get(ctx, id); err != nil || got.Level != user.LevelBeginner {
					t.Errorf("the user in the studio's graph: %v, %v", got, err)
				}
				if err := s.auth.DeleteUser(ctx, id); err != nil {
					t.Fatal(err)
				}
				if n := own.Session.Query().CountX(ctx); n != 0 {
					t.Errorf("%d sign-ins of nobody", n)
				}
			})
		})
	}
}

func config() auth.Config {
	return auth.Config{BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler)}
}

// signedIn makes a user with a session.
func signedIn(t *testing.T, open func(auth.Config) (*auth.Auth, error)) (token, id string) {
	t.Helper()
	cfg := config()
	cfg.Providers = []auth.Provider{password.New(password.Config{})}
	a, err := open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	u, err := a.CreateUser(t.Context(), auth.NewUser{Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := a.CreateSession(t.Context(), u.ID, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return res.Token.Reveal(), u.ID
}

// Many instances may start at once on an empty database.
func TestConcurrentStarts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, d testdb.DB) {
		const instances = 4
		ended := make(chan error, instances)
		for range instances {
			go func() {
				client, err := open(context.Background(), d.Driver, d.DSN)
				if err == nil {
					err = client.Close()
				}
				ended <- err
			}()
		}
		for range instances {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}
