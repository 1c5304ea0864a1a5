package wide

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/privacy"
	_ "github.com/mattn/go-sqlite3"

	"example.com/host/money"
	"example.com/host/wide/ent"
	"example.com/host/wide/ent/post"
	_ "example.com/host/wide/ent/runtime"
	"example.com/host/wide/ent/schema"
	"example.com/host/wide/ent/user"
	"github.com/torii-go/torii/auth"
	toriient "github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/password"
)

// fields is what the host writes for its required fields.
type fields struct{ termsAt error }

func (fields) Role(context.Context, auth.NewUser) (user.Role, error) { return "", auth.ErrMoreNeeded }
func (f fields) TermsAt(context.Context, auth.NewUser) (time.Time, error) {
	return time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("", 3600)), f.termsAt
}
func (fields) Currency(context.Context, auth.NewUser) (money.Currency, error) {
	return "", auth.ErrMoreNeeded
}

func open(t *testing.T) *ent.Client {
	t.Helper()
	drv, err := migrate.Driver(t.Context(), "sqlite3", "file:"+filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(drv))
	t.Cleanup(func() { client.Close() })
	for range 2 {
		if err := client.MigrateAuth(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return client
}

func newAuth(t *testing.T, client *ent.Client, cfg auth.Config, f ent.AuthUser) *auth.Auth {
	t.Helper()
	cfg.BaseURL = "http://localhost:8080"
	cfg.Providers = []auth.Provider{password.New(password.Config{})}
	a, err := client.Auth(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(context.Background()) })
	return a
}

// firstPost is a hook on the host's client: the first post comes with the user.
func firstPost(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		v, err := next.Mutate(ctx, m)
		um, ok := m.(*ent.UserMutation)
		if err != nil || !ok || !m.Op().Is(ent.OpCreate) {
			return v, err
		}
		if !auth.SigningUp(ctx) {
			return nil, errors.New("not signing up")
		}
		tx, err := um.Tx()
		if err != nil {
			return nil, err
		}
		id, _ := um.ID()
		return v, tx.Post.Create().SetTitle("hello").SetAuthorID(id).Exec(ctx)
	})
}

func with(more map[string]any) map[string]any {
	all := map[string]any{"role": user.RoleReader, "currency": money.Currency("EUR")}
	for k, v := range more {
		all[k] = v
	}
	return all
}

func TestUsersAreMadeThroughTheHostsClient(t *testing.T) {
	client := open(t)
	client.User.Use(firstPost)
	a := newAuth(t, client, auth.Config{}, fields{})
	u, err := a.CreateUser(t.Context(), auth.NewUser{Email: "Ann@Example.com", Name: "Ann", Fields: with(map[string]any{"username": "ann", "age": 41})})
	if err != nil {
		t.Fatal(err)
	}
	got := client.User.GetX(t.Context(), u.ID)
	if got.Email != "Ann@example.com" && got.Email != "ann@example.com" || *got.Name != "Ann" || got.Plan != "free" || got.Role != user.RoleReader ||
		got.Currency != "EUR" || *got.Username != "ann" || got.Age != 41 || got.Number != 7 || !got.CreatedAt.Equal(u.CreatedAt) {
		t.Errorf("the row is %v", got)
	}
	if want := time.Date(2026, 1, 2, 2, 4, 5, 6000, time.UTC); !got.TermsAt.Equal(want) {
		t.Errorf("terms_at is %v, want %v", got.TermsAt, want)
	}
	if n := got.QueryPosts().CountX(t.Context()); n != 1 {
		t.Errorf("%d posts, want that of the hook", n)
	}
	if n := client.Session.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestRefusals(t *testing.T) {
	client := open(t)
	a := newAuth(t, client, auth.Config{}, fields{})
	if _, err := a.CreateUser(t.Context(), auth.NewUser{Email: "first@x.example", Fields: with(map[string]any{"username": "ann"})}); err != nil {
		t.Fatal(err)
	}
	one := func(name string, v any) map[string]any { return with(map[string]any{name: v}) }
	for _, tt := range []struct {
		name   string
		fields map[string]any
		field  string // the one that is named
		want   error
	}{
		{"too short", one("username", "a"), "username", auth.ErrInvalidFields},
		{"too long", one("username", strings.Repeat("a", 21)), "username", auth.ErrInvalidFields},
		{"another type", one("age", "old"), "age", auth.ErrInvalidFields},
		{"an enum as a string", one("role", "reader"), "role", auth.ErrInvalidFields},
		{"no value of the enum", one("role", user.Role("owner")), "role", auth.ErrInvalidFields},
		{"the host's own type", one("currency", money.Currency("x")), "currency", auth.ErrInvalidFields},
		{"a field that is not there", one("shoe_size", 4), "shoe_size", auth.ErrInvalidFields},
		{"a field of Torii's", one("email", "x@x.example"), "email", auth.ErrInvalidFields},
		{"somebody else's", one("username", "ann"), "username", auth.ErrInvalidFields},
		{"the hook's", one("username", "refused"), "", schema.ErrRefused},
		{"the policy's", one("username", "denied"), "", privacy.Deny},
	} {
		_, err := a.CreateUser(t.Context(), auth.NewUser{Email: "second@x.example", Fields: tt.fields})
		var bad *auth.FieldsError
		if !errors.Is(err, tt.want) || tt.field != "" && (!errors.As(err, &bad) || bad.Fields[tt.field] == "" || len(bad.Fields) != 1) {
			t.Errorf("%s: %v, want %v that names %q alone", tt.name, err, tt.want, tt.field)
		}
	}
	if n := client.User.Query().CountX(t.Context()); n != 1 {
		t.Errorf("%d users, want 1", n)
	}
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	client := open(t)
	a := newAuth(t, client, auth.Config{}, fields{})
	_, err := a.CreateUser(t.Context(), auth.NewUser{Email: "ann@x.example", Fields: map[string]any{"role": nil}})
	var missing *auth.ProfileError
	if !errors.As(err, &missing) || strings.Join(missing.Fields, " ") != "role currency" {
		t.Errorf("%v, want a ProfileError with role and currency", err)
	}
	a = newAuth(t, client, auth.Config{}, fields{termsAt: auth.ErrMoreNeeded})
	_, err = a.CreateUser(t.Context(), auth.NewUser{Email: "ann@x.example", Fields: with(nil)})
	if err == nil || errors.Is(err, auth.ErrProfileRequired) || !strings.Contains(err.Error(), "annotate User.terms_at with torii.SignUp()") {
		t.Errorf("a field that nobody can be asked for: %v", err)
	}
	own := errors.New("own")
	a = newAuth(t, client, auth.Config{}, fields{termsAt: own})
	if _, err = a.CreateUser(t.Context(), auth.NewUser{Email: "ann@x.example", Fields: with(nil)}); !errors.Is(err, own) {
		t.Errorf("%v, want the method's own error", err)
	}
	if _, err := client.Auth(auth.Config{BaseURL: "http://localhost:8080"}, nil); err == nil || !strings.Contains(err.Error(), "role, terms_at, currency") {
		t.Errorf("fields nil: %v", err)
	}
}

func TestFieldsAreUpdatedAndShown(t *testing.T) {
	client := open(t)
	a := newAuth(t, client, auth.Config{}, fields{})
	u, err := a.CreateUser(t.Context(), auth.NewUser{Email: "ann@x.example", Fields: with(map[string]any{"username": "ann", "nick": "A"})})
	if err != nil {
		t.Fatal(err)
	}
	update := func(name string, v any) error {
		_, err := a.UpdateUser(t.Context(), u.ID, auth.UserUpdate{Fields: map[string]any{name: v}})
		return err
	}
	for name, v := range map[string]any{"username": nil, "nick": "B", "age": 7, "currency": money.Currency("USD")} {
		if err := update(name, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, v := range map[string]any{"role": nil, "score": 2.5, "currency": money.Currency(""), "id": "x"} {
		if err := update(name, v); !errors.Is(err, auth.ErrInvalidFields) {
			t.Errorf("%s to %v: %v, want ErrInvalidFields", name, v, err)
		}
	}
	got := client.User.GetX(t.Context(), u.ID)
	if got.Username != nil || got.Nick != "B" || got.Age != 7 || got.Currency != "USD" || got.Score != 1.5 || got.Role != user.RoleReader {
		t.Errorf("the row is %v", got)
	}
	if _, err := a.UpdateUser(t.Context(), "usr_unknown", auth.UserUpdate{Fields: map[string]any{"age": 7}}); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown user: %v, want ErrNotFound", err)
	}
}

func TestSignUpOverHTTP(t *testing.T) {
	client := open(t)
	reads := 0
	client.User.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			reads++
			return next.Query(ctx, q)
		})
	}))
	a := newAuth(t, client, auth.Config{}, fields{})
	post := func(body string) (int, string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/auth/register", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		text, _ := io.ReadAll(w.Body)
		return w.Code, string(text)
	}
	if code, text := post(`{"email":"ann@x.example","password":"a long enough phrase","role":"writer"}`); code != http.StatusUnprocessableEntity || !strings.Contains(text, "currency") {
		t.Errorf("without the currency: %d %s", code, text)
	}
	code, text := post(`{"email":"ann@x.example","password":"a long enough phrase","role":"writer","currency":"EUR","plan":"paid"}`)
	for _, want := range []string{`"role":"writer"`, `"currency":"EUR"`, `"plan":"free"`, `"username":null`, `"seen_at":null`, `"terms_at":"2026-01-02T02:04:05.000006Z"`} {
		if code != http.StatusCreated || !strings.Contains(text, want) {
			t.Errorf("registered: %d %s, want %s in it", code, text, want)
		}
	}
	if reads == 0 {
		t.Error("the host's interceptor saw no reading of what is shown")
	}
}

func TestOneTransactionBothWays(t *testing.T) {
	client := open(t)
	boom := errors.New("boom")
	var inHook func(context.Context, *ent.Tx) error
	hook := func(ctx context.Context, tx *auth.Tx, e auth.Event) error {
		if e.Kind != auth.EventUserCreated {
			return nil
		}
		return inHook(ctx, client.InAuth(tx))
	}
	a := newAuth(t, client, auth.Config{Hooks: []auth.Hook{hook}}, fields{})
	create := func(c interface {
		CreateUser(context.Context, auth.NewUser) (*toriient.User, error)
	}, email string) error {
		_, err := c.CreateUser(t.Context(), auth.NewUser{Email: email, Fields: with(nil)})
		return err
	}
	count := func() int {
		return client.User.Query().CountX(t.Context())*10 + client.Post.Query().CountX(t.Context())
	}

	inHook = func(ctx context.Context, tx *ent.Tx) error {
		u, err := tx.User.Query().Only(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Client().Tx(ctx); !errors.Is(err, ent.ErrTxStarted) {
			t.Errorf("a transaction in the transaction: %v", err)
		}
		if tx.Commit() == nil || tx.Rollback() == nil {
			t.Error("the host ended a transaction of Torii's")
		}
		if _, err := tx.ExecContext(ctx, "UPDATE users SET age = 9"); err != nil {
			return err
		}
		return tx.Post.Create().SetTitle("hook").SetAuthor(u).Exec(ctx)
	}
	if err := create(a, "ann@x.example"); err != nil || count() != 11 {
		t.Fatalf("%v, count %d, want a user and a post", err, count())
	}
	client.Post.Delete().ExecX(t.Context())
	inHook = func(ctx context.Context, tx *ent.Tx) error {
		tx.Post.Create().SetTitle("gone").SetAuthor(tx.User.Query().FirstX(ctx)).ExecX(ctx)
		return boom
	}
	if err := create(a, "bob@x.example"); !errors.Is(err, boom) || count() != 10 {
		t.Errorf("%v, count %d, want boom and nothing new", err, count())
	}

	inHook = func(context.Context, *ent.Tx) error { return nil }
	for _, commit := range []bool{false, true} {
		tx, err := client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := create(tx.Auth(a), "cy@x.example"); err != nil {
			t.Fatal(err)
		}
		cy := tx.User.Query().Where(user.Email("cy@x.example")).OnlyX(t.Context())
		tx.Post.Create().SetTitle("mine").SetAuthor(cy).ExecX(t.Context())
		if _, err := tx.Client().Auth(auth.Config{}, fields{}); !errors.Is(err, ent.ErrTxStarted) {
			t.Errorf("Auth of a client in a transaction: %v", err)
		}
		if err := tx.Client().MigrateAuth(t.Context()); !errors.Is(err, ent.ErrTxStarted) {
			t.Errorf("MigrateAuth in a transaction: %v", err)
		}
		if end := map[bool]func() error{true: tx.Commit, false: tx.Rollback}[commit]; end() != nil {
			t.Fatal("cannot end the transaction")
		}
	}
	if n := client.Post.Query().Where(post.Title("mine")).CountX(t.Context()); n != 1 || count() != 21 {
		t.Errorf("%d posts of the host's, count %d, want those of the transaction that was committed", n, count())
	}
}
