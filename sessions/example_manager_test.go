package sessions_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

// counted is a manager of the application's own: Torii's, with numbers for a dashboard.
// What it embeds does all that it does not.
type counted struct {
	sessions.Manager
	good, bad atomic.Int64
	spent     atomic.Int64 // nanoseconds
}

func (m *counted) Lookup(ctx context.Context, c *ent.Client, secret string) (sessions.Session, *ent.User, error) {
	begin := time.Now()
	s, u, err := m.Manager.Lookup(ctx, c, secret)
	m.spent.Add(int64(time.Since(begin)))
	if err != nil {
		m.bad.Add(1)
	} else {
		m.good.Add(1)
	}
	return s, u, err
}

func ExampleManager() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "torii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	client, err := migrate.Open(ctx, "sqlite3", "file:"+filepath.Join(dir, "app.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	cfg := sessions.Config{Lifetime: 7 * 24 * time.Hour}.WithDefaults(true)
	manager := &counted{Manager: sessions.NewOpaque(cfg, now)}
	a, err := auth.New(client, auth.Config{
		BaseURL: "http://localhost:8080", Logger: slog.New(slog.DiscardHandler),
		Sessions: sessions.Config{Manager: manager},
	})
	if err != nil {
		log.Fatal(err)
	}
	ann, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	res, err := a.CreateSession(ctx, ann.ID, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range []string{res.Token.Reveal(), "guessed", res.Token.Reveal()} {
		_, _, err := a.Session(ctx, token)
		fmt.Println(err)
	}
	fmt.Println(manager.good.Load(), "good,", manager.bad.Load(), "bad, time spent:", manager.spent.Load() > 0)
	// Output:
	// <nil>
	// auth: unauthenticated
	// <nil>
	// 2 good, 1 bad, time spent: true
}
