package magiclink_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/magiclink"
)

func TestMistakesAreToldAtTheStart(t *testing.T) {
	client := authtest.Database(t)
	cfg := auth.Config{
		BaseURL: authtest.Origin, Secrets: [][]byte{[]byte(rand.Text() + rand.Text())}, Logger: slog.New(slog.DiscardHandler),
		Providers:             []auth.Provider{magiclink.New(magiclink.Config{})},
		SkipEmailVerification: true,
	}
	if a, err := auth.New(client, cfg); a != nil || !errors.Is(err, auth.ErrNoMailer) {
		t.Errorf("without a mailer: %v, want %v", err, auth.ErrNoMailer)
	}

	cfg.Mail = auth.MailConfig{Sender: &mail.Outbox{}, From: mail.Address{Address: "app@app.example"}}
	cfg.Providers = append(cfg.Providers, magiclink.New(magiclink.Config{}))
	if a, err := auth.New(client, cfg); a != nil || err == nil {
		t.Errorf("two of them in one Auth: %v, want an error", err)
	}

	ml := magiclink.New(magiclink.Config{})
	cfg.Providers = []auth.Provider{ml}
	one, err := auth.New(client, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { one.Close(t.Context()) })
	if a, err := auth.New(client, cfg); a != nil || err == nil || !strings.Contains(err.Error(), "another Auth") {
		t.Errorf("one of them in two Auths: %v, want an error that says so", err)
	}
	if _, err := ml.Send(t.Context(), ada, "", auth.Client{}); err != nil {
		t.Errorf("the first Auth's, after that: %v", err)
	}
}

func TestAProviderThatBelongsToNoAuth(t *testing.T) {
	ml := magiclink.New(magiclink.Config{})
	if _, err := ml.Send(t.Context(), ada, "", auth.Client{}); !errors.Is(err, auth.ErrNotMounted) {
		t.Errorf("Send: %v, want %v", err, auth.ErrNotMounted)
	}
	if ml.Name() != magiclink.Name {
		t.Errorf("Name is %q, want %q", ml.Name(), magiclink.Name)
	}
}
