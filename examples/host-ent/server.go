package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	_ "github.com/torii-go/torii/examples/host-ent/ent/runtime" // the schema's hooks and policies
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// app is the application with Torii in it.
type app struct {
	client *ent.Client // the application's own
	auth   *auth.Auth
	pw     *password.Provider
}

// open opens the database, makes what is missing in it, and puts Torii on the
// application's client.
func open(ctx context.Context, driver, dsn string, cfg auth.Config) (*app, error) {
	drv, err := migrate.Driver(ctx, driver, dsn)
	if err != nil {
		return nil, err
	}
	a := &app{client: ent.NewClient(ent.Driver(drv)), pw: password.New(password.Config{})}
	cfg.Providers = append(cfg.Providers, a.pw)
	if err = a.client.MigrateAuth(ctx); err == nil {
		a.auth, err = a.client.Auth(cfg, fields{})
	}
	if err != nil {
		return nil, errors.Join(err, a.client.Close())
	}
	return a, nil
}

func (a *app) close(ctx context.Context) error {
	return errors.Join(closeWithin(ctx, a.auth.Close), a.client.Close())
}

// fields gives new users what they must have and Torii does not know.
type fields struct{}

// Locale is asked for: forms that sign up send it, and who comes by a door that cannot
// ask says it before the account is made.
func (fields) Locale(context.Context, auth.NewUser) (string, error) { return "", auth.ErrMoreNeeded }

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/auth/", a.auth.Handler())
	mux.Handle("GET /blog", a.auth.RequireUser(answer(a.blog)))
	mux.Handle("POST /posts", a.auth.RequireUser(answer(a.addPost)))
	return mux
}
