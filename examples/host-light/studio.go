package main

import (
	"context"
	"errors"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-light/ent"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// studio is the application with Torii in it.
type studio struct {
	client *ent.Client
	auth   *auth.Auth
	pw     *password.Provider
}

// open opens the database with the settings that Torii wants, and makes what it lacks:
// the tables of this graph, users among them, and Torii's other tables.
func open(ctx context.Context, driver, dsn string) (*ent.Client, error) {
	drv, err := migrate.Driver(ctx, driver, dsn)
	if err != nil {
		return nil, err
	}
	client := ent.NewClient(ent.Driver(drv))
	if err := client.MigrateAuth(ctx); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

// newStudio puts Torii on the studio's client. User has no required field without a
// default, so there is no AuthUser to give.
func newStudio(client *ent.Client, cfg auth.Config) (*studio, error) {
	pw := password.New(password.Config{})
	cfg.Providers = []auth.Provider{pw}
	a, err := client.Auth(cfg, nil)
	if err != nil {
		return nil, err
	}
	return &studio{client: client, auth: a, pw: pw}, nil
}

// plan puts something to book into an empty studio.
func plan(ctx context.Context, client *ent.Client) error {
	if there, err := client.Session.Query().Exist(ctx); err != nil || there {
		return err
	}
	return client.Session.CreateBulk(
		client.Session.Create().SetTitle("Sun salutation"),
		client.Session.Create().SetTitle("Handstands").SetLevel("advanced"),
	).Exec(ctx)
}
