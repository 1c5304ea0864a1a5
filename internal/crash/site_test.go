package crash_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// site is an application, in the process that is killed and in the one that looks.
type site struct {
	client *ent.Client
	auth   *auth.Auth
	pw     *password.Provider
}

// start is what a program does when it starts.
func start(ctx context.Context, driver, dsn string) (*site, error) {
	client, err := migrate.Open(ctx, driver, dsn)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	s := &site{client: client, pw: password.New(password.Config{})}
	s.auth, err = auth.New(client, auth.Config{
		BaseURL:               "https://app.example",
		Secrets:               [][]byte{secret},
		Providers:             []auth.Provider{s.pw},
		Hash:                  auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true},
		Logger:                slog.New(slog.DiscardHandler),
		SkipEmailVerification: true,
	})
	return s, err
}

func (s *site) register(ctx context.Context, p person) (auth.Result, error) {
	return s.pw.Register(ctx, password.Registration{Email: p.Email, Password: p.phrase(p.Turn)}, auth.Client{})
}

func (s *site) signIn(ctx context.Context, p person, turn int) (auth.Result, error) {
	return s.pw.SignIn(ctx, password.Credentials{Email: p.Email, Password: p.phrase(turn)}, auth.Client{})
}

// person is somebody with an account, or about to have one.
type person struct {
	Email string
	Turn  int    // which of their passwords is in force
	Token string // of a session to end
}

// phrase is the password after so many changes.
func (p person) phrase(turn int) string {
	return fmt.Sprintf("quartz lantern %d of %.8s", turn, p.Email)
}
