package auth_test

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/providers/password"
)

// host is an application with a pool of its own beside Torii's.
type host struct {
	*authtest.Site
	pool *sql.DB
	pw   *password.Provider
}

func eachHost(t *testing.T, f func(t *testing.T, h host)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		options := map[string]string{
			"sqlite3":  "_foreign_keys=on&_txlock=immediate&_busy_timeout=5000",
			"postgres": "",
			"mysql":    "parseTime=true&loc=UTC",
		}[db.Dialect]
		if strings.Contains(db.DSN, "?") {
			options = "&" + options
		} else {
			options = "?" + options
		}
		pw := password.New(password.Config{})
		h := host{Site: newSite(t, open(t, db), auth.Config{Providers: []auth.Provider{pw}}), pw: pw}
		if db.Dialect == "postgres" {
			options = ""
		}
		pool, err := sql.Open(db.Driver, db.DSN+options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		h.pool = pool
		h.exec(t, pool, "CREATE TABLE orders (name varchar(50) NOT NULL)")
		f(t, h)
	})
}

func (h host) exec(t testing.TB, conn interface {
	Exec(string, ...any) (sql.Result, error)
}, query string) {
	t.Helper()
	if _, err := conn.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (h host) orders(t testing.TB) (n int) {
	t.Helper()
	if err := h.pool.QueryRow("SELECT COUNT(*) FROM orders").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAUserIsMadeInTheHostsTransaction(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		for _, commit := range []bool{false, true} {
			before := rows(t, h.Client)
			email := person()
			tx, err := h.pool.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			h.exec(t, tx, "INSERT INTO orders (name) VALUES ('first')")
			u, err := h.pw.In(h.Auth.InTx(tx)).Register(t.Context(), password.Registration{Email: email, Password: phrase, Name: "Ann"})
			if err != nil {
				t.Fatal(err)
			}
			if !commit {
				if err := tx.Rollback(); err != nil {
					t.Fatal(err)
				}
				unchanged(t, h.Client, before, "the host's rollback")
				if n := len(events(t, h.Client, u.ID)); n != 0 || h.orders(t) != 0 {
					t.Errorf("%d events and %d orders after the host's rollback", n, h.orders(t))
				}
				continue
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if r := h.Browser().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK || r.UserID() != u.ID {
				t.Errorf("sign-in after the host's commit: %v", r)
			}
			if u.Email != email || *u.Name != "Ann" || h.orders(t) != 1 {
				t.Errorf("user %v, %d orders", u, h.orders(t))
			}
			if n, err := h.Client.User.Rebind(u).QueryCredentials().Count(t.Context()); n != 1 || err != nil {
				t.Errorf("credentials of the user after the commit: %d, %v, want 1", n, err)
			}
		}
	})
}

func TestARefusedStepLeavesTheHostsTransactionUsable(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		taken := person()
		register(t, h.Browser(), taken)
		for _, tt := range []struct {
			name string
			step func(tx *auth.Tx) error
			want *auth.Error
		}{
			{"a taken address", func(tx *auth.Tx) error {
				_, err := tx.CreateUser(t.Context(), auth.NewUser{Email: strings.ToUpper(taken)})
				return err
			}, auth.ErrEmailTaken},
			{"a taken address with a password", func(tx *auth.Tx) error {
				_, err := h.pw.In(tx).Register(t.Context(), password.Registration{Email: taken, Password: phrase})
				return err
			}, auth.ErrEmailTaken},
			{"an address that is none", func(tx *auth.Tx) error {
				_, err := tx.CreateUser(t.Context(), auth.NewUser{Email: "none"})
				return err
			}, auth.ErrInvalidFields},
			{"a user who is not there", func(tx *auth.Tx) error { return tx.DeleteUser(t.Context(), "usr_none") }, auth.ErrNotFound},
			{"a password for a user who is not there", func(tx *auth.Tx) error { return h.pw.In(tx).Set(t.Context(), "usr_none", phrase) }, auth.ErrNotFound},
			{"a password that is too short", func(tx *auth.Tx) error {
				u, err := tx.Client().User.Query().First(t.Context())
				if err != nil {
					return err
				}
				return h.pw.In(tx).Set(t.Context(), u.ID, "short")
			}, auth.ErrInvalidFields},
		} {
			before, orders := rows(t, h.Client), h.orders(t)
			tx, err := h.pool.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			earlier, err := h.Auth.InTx(tx).CreateUser(t.Context(), auth.NewUser{Email: person()})
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.step(h.Auth.InTx(tx)); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			h.exec(t, tx, "INSERT INTO orders (name) VALUES ('after the refusal')")
			if _, err := h.Auth.InTx(tx).UpdateUser(t.Context(), earlier.ID, auth.UserUpdate{Name: new("Later")}); err != nil {
				t.Errorf("%s: a step after it: %v", tt.name, err)
			}
			if err := tx.Commit(); err != nil {
				t.Errorf("%s: commit: %v", tt.name, err)
			}
			got, err := h.Auth.User(t.Context(), earlier.ID)
			if err != nil || got.Name == nil || *got.Name != "Later" || h.orders(t) != orders+1 {
				t.Errorf("%s: what was done before and after it: %v, %v, %d orders", tt.name, got, err, h.orders(t)-orders)
			}
			refused := h.Client.AuthEvent.Query().Where(authevent.Kind(auth.EventOperationRefused), authevent.Code(tt.want.Code)).CountX(t.Context())
			if refused == 0 {
				t.Errorf("%s: the refusal is not written down", tt.name)
			}
			if after := rows(t, h.Client); after["users"] != before["users"]+1 || after["credentials"] != before["credentials"] {
				t.Errorf("%s: rows %v, want one user more than %v", tt.name, after, before)
			}
		}
	})
}

func TestATransactionOfEntsInTheHostsIsASavepoint(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		tx, err := h.pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, end := range map[string]func(*ent.Tx) error{"kept": (*ent.Tx).Commit, "undone": (*ent.Tx).Rollback} {
			inner, err := h.Auth.InTx(tx).Client().Tx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			inner.User.Create().SetEmail(name + "@example.com").ExecX(t.Context())
			if err := end(inner); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]error{"kept": nil, "undone": auth.ErrNotFound} {
			if _, err := h.Auth.UserByEmail(t.Context(), name+"@example.com"); !errors.Is(err, want) {
				t.Errorf("what was %s: %v, want %v", name, err, want)
			}
		}
	})
}

func TestWhatTheHostTakesBackDidNotHappen(t *testing.T) {
	eachHost(t, func(t *testing.T, h host) {
		for name, end := range map[string]func(tx *auth.Tx, u *ent.User) error{
			"disabling":          func(tx *auth.Tx, u *ent.User) error { return tx.DisableUser(t.Context(), u.ID) },
			"deleting":           func(tx *auth.Tx, u *ent.User) error { return tx.DeleteUser(t.Context(), u.ID) },
			"setting a password": func(tx *auth.Tx, u *ent.User) error { return h.pw.In(tx).Set(t.Context(), u.ID, phrase) },
		} {
			u := newUser(t, h.Auth)
			res := newSession(t, h.Auth, u.ID)
			for _, commit := range []bool{false, true} {
				conn, err := h.pool.Conn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				statement := func(query string) {
					if _, err := conn.ExecContext(t.Context(), query); err != nil {
						t.Fatal(err)
					}
				}
				statement("BEGIN")
				if err := end(h.Auth.InTx(conn), u); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				statement(map[bool]string{true: "COMMIT", false: "ROLLBACK"}[commit])
				conn.Close()
				if _, _, err := h.Auth.Session(t.Context(), res.Token.Reveal()); (err == nil) == commit {
					t.Errorf("the session after %s, committed %t: %v", name, commit, err)
				}
			}
			if n := h.Client.Credential.Query().Where(credential.UserID(u.ID)).CountX(t.Context()); n != map[bool]int{true: 1}[name == "setting a password"] {
				t.Errorf("%s: %d credentials", name, n)
			}
		}
	})
}
