package ent_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func open(t *testing.T, db testdb.DB) *ent.Client {
	t.Helper()
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// The look-up written by hand must give what the generated queries give, whatever
// columns they come to have.
func TestByTokenHash(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	for _, row := range []struct {
		name string
		user func(*ent.UserCreate)
	}{
		{"only what is required", func(u *ent.UserCreate) {}},
		{"every column filled", func(u *ent.UserCreate) {
			u.SetName("Ann ⛩").SetPicture("https://example.org/a.png").SetEmailVerifiedAt(at).SetDisabledAt(at.Add(time.Second)).
				SetSessionsValidAfter(at.Add(time.Minute))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db testdb.DB) {
				ctx := t.Context()
				client := open(t, db)
				other := client.User.Create().SetEmail("ben@example.org").SaveX(ctx)
				create := client.User.Create().SetEmail("ann@example.org").SetEmailEntered("Ann@Example.org").
					SetCreatedAt(at.Add(time.Hour)).SetUpdatedAt(at.Add(2 * time.Hour))
				row.user(create)
				u := create.SaveX(ctx)
				for i, owner := range []*ent.User{other, u} {
					client.Session.Create().SetTokenHash(hash(byte(i))).SetUser(owner).SetFactors("v1 password@1").SetTransport("bearer").
						SetUserAgent("curl/8").SetIP("2001:db8::1").SetCreatedAt(at.Add(3 * time.Hour)).SetLastSeenAt(at.Add(4 * time.Hour)).
						SetExpiresAt(at.Add(5 * time.Hour)).SetAbsoluteExpiresAt(at.Add(6 * time.Hour)).ExecX(ctx)
				}
				got, err := client.Session.ByTokenHash(ctx, hash(1))
				if err != nil {
					t.Fatal(err)
				}
				want := client.Session.Query().Where(session.TokenHash(hash(1))).WithUser().OnlyX(ctx)
				if row.name == "every column filled" {
					filled(t, *want, session.Columns)
					filled(t, *want.Edges.User, user.Columns)
				}
				same(t, *got, *want)
				if loaded, err := got.Edges.UserOrErr(); err != nil {
					t.Error(err)
				} else {
					same(t, *loaded, *want.Edges.User)
				}
				alone, err := client.User.ByID(ctx, u.ID)
				if err != nil {
					t.Fatal(err)
				}
				same(t, *alone, *want.Edges.User)
				if n := alone.QuerySessions().CountX(ctx); n != 1 {
					t.Errorf("the user found by id has %d sessions, want 1", n)
				}
				if _, err := client.User.ByID(ctx, "usr_nobody"); !ent.IsNotFound(err) {
					t.Errorf("an unknown id: %v, want a NotFoundError", err)
				}
				// Both are bound to the client.
				if back := got.QueryUser().OnlyX(ctx); back.ID != u.ID {
					t.Errorf("the session's user is %s, want %s", back.ID, u.ID)
				}
				if n := got.Edges.User.QuerySessions().CountX(ctx); n != 1 {
					t.Errorf("the user has %d sessions, want 1", n)
				}
				// And it sees the writes of its own transaction.
				tx, err := client.Tx(ctx)
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback()
				tx.Session.DeleteOneID(got.ID).ExecX(ctx)
				if _, err := tx.Session.ByTokenHash(ctx, hash(1)); !ent.IsNotFound(err) {
					t.Errorf("in the transaction that deleted it: %v, want not found", err)
				}
			})
		})
	}
}

func TestByTokenHashNotFound(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client := open(t, db)
		for name, token := range map[string][]byte{"an unknown hash": hash(1), "an empty hash": {}, "no hash": nil} {
			if s, err := client.Session.ByTokenHash(t.Context(), token); !ent.IsNotFound(err) || s != nil {
				t.Errorf("%s: got %v, %v, want not found", name, s, err)
			}
		}
	})
}

// The statement names every column that the generated client knows, and no other.
func TestByTokenHashNamesEveryColumn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		var statement string
		client := ent.NewClient(ent.Driver(dialect.Debug(open(t, db).Driver(), func(v ...any) { statement = fmt.Sprint(v...) })))
		if _, err := client.Session.ByTokenHash(t.Context(), hash(1)); !ent.IsNotFound(err) {
			t.Fatal(err)
		}
		_, list, _ := strings.Cut(statement, "SELECT ")
		list, _, _ = strings.Cut(list, " FROM ")
		got := strings.Split(strings.NewReplacer("`", "", `"`, "").Replace(list), ", ")
		var want []string
		for _, c := range session.Columns {
			want = append(want, "s."+c)
		}
		for _, c := range user.Columns {
			want = append(want, "u."+c)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the look-up reads\n%v, want\n%v", got, want)
		}
	})
}

func hash(b byte) []byte {
	h := make([]byte, 32)
	h[31] = b
	return h
}

// same compares the columns of two entities: times as instants, the rest deeply.
func same[T any](t *testing.T, got, want T) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		f := g.Type().Field(i)
		if !f.IsExported() || f.Name == "Edges" || f.Anonymous {
			continue
		}
		a, b := g.Field(i).Interface(), w.Field(i).Interface()
		if x, y, ok := times(a, b); ok && x.Equal(y) || reflect.DeepEqual(a, b) {
			continue
		}
		t.Errorf("%T.%s: got %v, want %v", got, f.Name, a, b)
	}
}

func times(a, b any) (x, y time.Time, ok bool) {
	switch a := a.(type) {
	case time.Time:
		return a, b.(time.Time), true
	case *time.Time:
		if b := b.(*time.Time); a != nil && b != nil {
			return *a, *b, true
		}
	}
	return x, y, false
}

// filled fails if a column has its zero value: the comparison would not see it.
func filled[T any](t *testing.T, entity T, columns []string) {
	t.Helper()
	v := reflect.ValueOf(entity)
	n := 0
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "-" { // sensitive
			name = "token_hash"
		}
		if !v.Type().Field(i).IsExported() || !slices.Contains(columns, name) {
			continue
		}
		if n++; v.Field(i).IsZero() {
			t.Errorf("%T.%s is empty: the test sets it not", entity, v.Type().Field(i).Name)
		}
	}
	if n != len(columns) {
		t.Errorf("%T: %d fields for %d columns", entity, n, len(columns))
	}
}
