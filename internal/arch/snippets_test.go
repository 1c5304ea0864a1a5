package arch_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// The Go of the README stands here too, so that it compiles and runs.

func methods(ctx context.Context, a *auth.Auth, pw *password.Provider) (*ent.User, error) {
	res, err := pw.SignIn(ctx, password.Credentials{
		Email: "ada@example.org", Password: "a long and lovely password",
	}, auth.Client{})
	if err != nil {
		return nil, err
	}
	session, user, err := a.Session(ctx, res.Token.Reveal())
	if err != nil {
		return nil, err
	}
	fmt.Println(user.Email, "is signed in until", session.ExpiresAt)
	return user, nil
}

func guarded(a *auth.Auth, mux *http.ServeMux, home, me, payout, publish http.Handler) {
	mux.Handle("GET /{$}", a.LoadUser(home))                           // everybody
	mux.Handle("GET /me", a.RequireUser(me))                           // 401, or 303 to Config.LoginURL
	mux.Handle("POST /publish", a.RequireVerified(publish))            // 403 email_unverified
	mux.Handle("POST /payout", a.RequireRecent(5*time.Minute, payout)) // 403 step_up_required
}

func withCarts(client *ent.Client, pw *password.Provider) (*auth.Auth, error) {
	return auth.New(client, auth.Config{
		BaseURL:   "http://localhost:8080",
		Logger:    slog.New(slog.DiscardHandler),
		Providers: []auth.Provider{pw},
		Hooks: []auth.Hook{func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
			if e.Kind != auth.EventUserCreated {
				return nil
			}
			_, err := tx.Client().ExecContext(ctx, "INSERT INTO carts (user_id) VALUES (?)", e.UserID)
			return err
		}},
	})
}

func order(ctx context.Context, db *sql.DB, a *auth.Auth, pw *password.Provider) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()

	user, err := pw.In(a.InTx(tx)).Register(ctx, password.Registration{
		Email: "ada@example.org", Password: "a long and lovely password",
	})
	if err != nil {
		return err // auth.ErrEmailTaken, *auth.FieldsError …; the transaction is still usable
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (user_id) VALUES (?)", user.ID); err != nil {
		return err
	}
	return tx.Commit()
}

// shop is a host with tables of its own, on its own pool.
func shop(t *testing.T) (*sql.DB, *ent.Client) {
	t.Helper()
	db, err := sql.Open("sqlite3", testdb.New(t, "sqlite3").DSN+"?_fk=1&_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	client, err := migrate.OpenDB(t.Context(), "sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"carts", "orders"} {
		if _, err := db.Exec("CREATE TABLE " + table + " (user_id TEXT NOT NULL)"); err != nil {
			t.Fatal(err)
		}
	}
	return db, client
}

func count(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReadmeSnippets(t *testing.T) {
	db, client := shop(t)
	pw := password.New(password.Config{})
	a, err := withCarts(client, pw)
	if err != nil {
		t.Fatal(err)
	}
	guarded(a, http.NewServeMux(), http.NotFoundHandler(), http.NotFoundHandler(), http.NotFoundHandler(), http.NotFoundHandler())

	if err := order(t.Context(), db, a, pw); err != nil {
		t.Fatalf("order: %v", err)
	}
	if err := order(t.Context(), db, a, pw); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("order with a taken address: %v, want %v", err, auth.ErrEmailTaken)
	}
	if carts, orders := count(t, db, "carts"), count(t, db, "orders"); carts != 1 || orders != 1 {
		t.Errorf("%d carts and %d orders, want one of each", carts, orders)
	}
	if user, err := methods(t.Context(), a, pw); err != nil || user.Email != "ada@example.org" {
		t.Errorf("sign in: %v, %v", user, err)
	}
}
