package magiclink_test

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/magiclink"
)

// openExample opens a database for an example, and returns what deletes it.
func openExample() (*ent.Client, func()) {
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		panic(err)
	}
	client, err := migrate.Open(context.Background(), "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		panic(err)
	}
	return client, func() { client.Close(); os.RemoveAll(dir) }
}

// example is an application whose people sign in by mail; done closes it.
func example(p *magiclink.Provider) (a *auth.Auth, outbox *mail.Outbox, done func()) {
	client, closeDB := openExample()
	outbox = &mail.Outbox{} // an application has mail.SMTP here
	a, err := auth.New(client, auth.Config{
		AppName:   "Engines",
		BaseURL:   "http://localhost:8080",
		Mail:      auth.MailConfig{Sender: outbox, From: mail.Address{Name: "Engines", Address: "app@engines.example"}},
		Providers: []auth.Provider{p},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return a, outbox, func() { a.Close(context.Background()); closeDB() }
}

// linkIn is the link of a mail.
func linkIn(m mail.Message) *url.URL {
	link, err := url.Parse(m.Links()[0])
	if err != nil {
		panic(err)
	}
	return link
}
