package auth_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
)

// cell is one value of one row.
type cell struct {
	column string
	value  []byte
}

// dump reads every column of every table.
func dump(t testing.TB, db testdb.DB) []cell {
	t.Helper()
	pool, err := sql.Open(db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	catalog := map[string]string{
		"sqlite3":  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
		"postgres": "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
		"mysql":    "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
	}[db.Dialect]
	var tables []string
	for _, c := range query(t, pool, "catalog", catalog) {
		tables = append(tables, string(c.value))
	}
	if len(tables) < 10 {
		t.Fatalf("found the tables %q alone", tables)
	}
	var cells []cell
	for _, table := range tables {
		cells = append(cells, query(t, pool, table, "SELECT * FROM "+table)...)
	}
	return cells
}

func query(t testing.TB, pool *sql.DB, table, text string) []cell {
	t.Helper()
	rows, err := pool.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var cells []cell
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			b, ok := v.([]byte)
			if !ok && v != nil {
				b = []byte(fmt.Sprint(v))
			}
			if len(b) > 0 {
				cells = append(cells, cell{table + "." + columns[i], b})
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return cells
}

// spellings are the ways in which a secret could be written down.
func spellings(secret string) [][]byte {
	list := [][]byte{[]byte(secret)}
	raw := [][]byte{[]byte(secret)}
	if decoded, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(decoded) >= 16 {
		raw = append(raw, decoded)
		list = append(list, decoded)
	}
	for _, b := range raw {
		list = append(list,
			[]byte(hex.EncodeToString(b)), bytes.ToUpper([]byte(hex.EncodeToString(b))),
			[]byte(base64.RawStdEncoding.EncodeToString(b)), []byte(base64.RawURLEncoding.EncodeToString(b)))
	}
	return list
}

func TestACopyOfTheDatabaseHoldsNoSecret(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		st := tell(t, open(t, db), auth.Config{})
		cells := dump(t, db)
		if len(st.secrets) < 10 || len(cells) < 100 {
			t.Fatalf("the story left %d secrets and %d values: nothing to look for", len(st.secrets), len(cells))
		}
		for name, secret := range st.secrets {
			for _, spelling := range spellings(secret) {
				for _, c := range cells {
					if bytes.Contains(c.value, spelling) {
						t.Errorf("%s is in %s: %q", name, c.column, c.value)
					}
				}
			}
		}
	})
}

func TestACopyOfTheDatabaseSignsNobodyIn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		st := tell(t, open(t, db), auth.Config{})
		factorless := auth.Client{}
		for _, c := range dump(t, db) {
			for _, try := range []string{
				string(c.value), hex.EncodeToString(c.value), base64.RawURLEncoding.EncodeToString(c.value), base64.StdEncoding.EncodeToString(c.value),
			} {
				if _, _, err := st.site.Auth.Session(t.Context(), try); !errors.Is(err, auth.ErrUnauthenticated) {
					t.Errorf("%s as a session's token: %v, want ErrUnauthenticated", c.column, err)
				}
				factorless.Flows = append(factorless.Flows[:0], try)
				if err := st.site.Auth.SignOut(t.Context(), factorless); err != nil {
					t.Errorf("%s as a flow: %v", c.column, err)
				}
			}
		}
		if n := st.site.Client.Challenge.Query().CountX(t.Context()); n != 2 {
			t.Errorf("%d of 2 pending sign-ins are left: a stored value ended one", n)
		}
	})
}
