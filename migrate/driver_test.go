package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// A clock in another zone must not make an expired session valid, nor the reverse.
func TestTimesOfOtherZones(t *testing.T) {
	zones := map[string]*time.Location{"UTC-8": time.FixedZone("", -8*3600), "UTC+13": time.FixedZone("", 13*3600)}
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		u := addUser(t, client, "ann@example.org")
		for writer, w := range zones {
			for reader, r := range zones {
				now := time.Now()
				client.Session.Delete().ExecX(t.Context())
				for i, expiry := range []time.Time{now.Add(-time.Hour), now.Add(time.Hour)} {
					client.Session.Create().SetID([]string{"expired", "valid"}[i]).SetUserID(u.ID).SetTokenHash(make32(byte(i))).
						SetExpiresAt(expiry.In(w)).SetAbsoluteExpiresAt(expiry.In(w)).ExecX(t.Context())
				}
				valid, err := client.Session.Query().Where(session.ExpiresAtGT(now.In(r))).IDs(t.Context())
				if err != nil || len(valid) != 1 || valid[0] != "valid" {
					t.Errorf("written in %s, asked in %s: got %v, %v, want [valid]", writer, reader, valid, err)
				}
				tx, err := client.Tx(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				n, err := tx.Session.Update().Where(session.ExpiresAtLT(now.In(r))).SetLastSeenAt(now.In(w)).Save(t.Context())
				if err != nil || n != 1 {
					t.Errorf("written in %s, updated in %s: got %d, %v, want 1", writer, reader, n, err)
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
				got := client.Session.GetX(t.Context(), "expired").LastSeenAt
				if want := now.Truncate(time.Microsecond); !got.Equal(want) {
					t.Errorf("written in %s: got %v, want %v", writer, got, want)
				}
			}
		}
	})
}

func make32(b byte) []byte {
	hash := make([]byte, 32)
	hash[0] = b
	return hash
}

func TestUTCArgs(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123_456_789, time.FixedZone("", 13*3600))
	want := time.Date(2026, 1, 1, 14, 4, 5, 123_456_000, time.UTC)
	var none *time.Time
	for _, row := range []struct {
		name     string
		in, want any
	}{
		{"a time", at, want},
		{"a pointer to one", &at, want},
		{"a nil pointer stays", none, none},
		{"a nullable time", sql.NullTime{Time: at, Valid: true}, want},
		{"a null stays", sql.NullTime{Time: at}, sql.NullTime{Time: at}},
		{"a generic nullable time", sql.Null[time.Time]{V: at, Valid: true}, want},
		{"a pointer to a nullable time", &sql.NullTime{Time: at, Valid: true}, want},
		{"a nil pointer to a nullable time stays", (*sql.NullTime)(nil), (*sql.NullTime)(nil)},
		{"a named time", sql.Named("at", at), sql.Named("at", want)},
		{"another value stays", sql.NullString{String: "x", Valid: true}, sql.NullString{String: "x", Valid: true}},
		{"nil stays", nil, nil},
		{"text stays", "x", "x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			args := []any{"before", row.in}
			got := migrate.UTCArgs(args)
			if !reflect.DeepEqual(got[1], row.want) || got[0] != "before" {
				t.Errorf("got %#v, want %#v", got[1], row.want)
			}
			if !reflect.DeepEqual(args[1], row.in) {
				t.Error("the caller's slice has been changed")
			}
		})
	}
}

func TestTransactions(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		ctx := t.Context()
		client := open(t, db)
		for _, begin := range map[string]func() (*ent.Tx, error){
			"Tx":      func() (*ent.Tx, error) { return client.Tx(ctx) },
			"BeginTx": func() (*ent.Tx, error) { return client.BeginTx(ctx, &entsql.TxOptions{}) },
			"Debug":   func() (*ent.Tx, error) { return quiet(client).Tx(ctx) },
		} {
			tx, err := begin()
			if err != nil {
				t.Fatal(err)
			}
			tx.User.Create().SetEmail("gone@example.org").ExecX(ctx)
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
			if tx, err = begin(); err != nil {
				t.Fatal(err)
			}
			kept := tx.User.Create().SetEmail("kept@example.org").SaveX(ctx)
			result, err := tx.ExecContext(ctx, "UPDATE users SET email_entered = 'Kept' WHERE email = 'kept@example.org'")
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := result.RowsAffected(); n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
			rows, err := tx.QueryContext(ctx, "SELECT email FROM users WHERE email_entered = 'Kept'")
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() || rows.Close() != nil {
				t.Error("the transaction does not see its own write")
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			if got := client.User.Query().Select(user.FieldEmail).StringsX(ctx); len(got) != 1 || got[0] != "kept@example.org" {
				t.Errorf("got %v, want the one that was committed", got)
			}
			client.User.DeleteOneID(kept.ID).ExecX(ctx)
		}
	})
}

func quiet(client *ent.Client) *ent.Client {
	return ent.NewClient(ent.Driver(dialect.Debug(client.Driver(), func(...any) {})))
}

func TestReadersCannotWrite(t *testing.T) {
	client := open(t, testdb.New(t, dialect.SQLite))
	tx, err := client.BeginTx(t.Context(), &entsql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.User.Create().SetEmail("ann@example.org").Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a read-only transaction writes: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	// A statement that returns rows and writes is not sent to a reader.
	rows, err := client.QueryContext(t.Context(), "INSERT INTO auth_rate_limits SELECT * FROM auth_rate_limits WHERE false RETURNING id")
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

// Readers go on while a transaction holds the writer.
func TestReadersDoNotWait(t *testing.T) {
	client := open(t, testdb.New(t, dialect.SQLite))
	tx, err := client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	tx.User.Create().SetEmail("ann@example.org").ExecX(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if n, err := client.User.Query().Count(ctx); err != nil || n != 0 {
		t.Errorf("got %d, %v beside an open transaction, want 0", n, err)
	}
}

func TestMySQLReadsCommitted(t *testing.T) {
	db := testdb.New(t, dialect.MySQL)
	pool, err := sql.Open(db.Driver, db.DSN+separator(db.DSN)+"parseTime=true")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	onHosts, err := migrate.OpenDB(t.Context(), dialect.MySQL, pool)
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*ent.Client{"Open": open(t, db), "OpenDB": onHosts} {
		tx, err := client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := tx.User.Query().CountX(t.Context())
		addUser(t, client, name+"@example.org")
		if after := tx.User.Query().CountX(t.Context()); after != before+1 {
			t.Errorf("%s: the transaction does not see what has been committed since", name)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func TestMySQLRefusesWhatIsTooLong(t *testing.T) {
	db := testdb.New(t, dialect.MySQL)
	client := open(t, testdb.DB{Driver: db.Driver, DSN: db.DSN})
	_, err := client.ExecContext(t.Context(), "INSERT INTO auth_meta (id, value, updated_at) VALUES (?, '', ?)", strings.Repeat("x", 65), time.Now())
	if err == nil {
		t.Error("65 characters have been cut to 64 and stored")
	}
}

func TestUpInsideATransactionIsRefused(t *testing.T) {
	client := open(t, testdb.New(t, dialect.SQLite))
	tx, err := client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := migrate.Up(t.Context(), tx.Client()); err == nil || errors.Is(err, migrate.ErrLocked) {
		t.Errorf("got %v, want an error that says so", err)
	}
}
