package auth_test

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/privacy"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/schema"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/password"
)

// wider is a host whose User has four more columns: what entauth generates, by hand.
type wider struct {
	refuse error  // of the next CreateUser, after the insert
	before func() // runs in CreateUser, before the insert
}

var hostColumns = []string{"locale", "username", "age", "internal_note"}

func (*wider) SchemaChecksum() string { return schema.Checksum() }

func (*wider) Fields() []auth.HostField {
	return []auth.HostField{
		{Name: "locale", Kind: "string", Values: []string{"de", "en"}, MaxLen: 8, SignUp: true, Show: true, Edit: true, Decode: auth.DecodeField[string]},
		{Name: "username", Kind: "string", MaxLen: 20, Nullable: true, SignUp: true, Show: true, Edit: true, Decode: auth.DecodeField[string]},
		{Name: "age", Kind: "integer", Nullable: true, SignUp: true, Show: true, Decode: auth.DecodeField[int64]},
		{Name: "internal_note", Kind: "string", MaxLen: 100, Nullable: true, Decode: auth.DecodeField[string]},
	}
}

func (w *wider) CreateUser(ctx context.Context, d dialect.Driver, u auth.HostUser) error {
	if !auth.SigningUp(ctx) {
		return errors.New("SigningUp is not true while a user is made")
	}
	if u.New.Fields["locale"] == nil {
		return &auth.ProfileError{Fields: []string{"locale"}}
	}
	if v := u.New.Fields["locale"]; v != "de" && v != "en" {
		return auth.InvalidField("locale", "invalid")
	}
	if w.before != nil {
		w.before()
	}
	err := ent.NewClient(ent.Driver(d)).User.Create().SetID(u.ID).SetEmail(u.Email).SetEmailEntered(u.EmailEntered).
		SetNillableName(u.Name).SetNillablePicture(u.Picture).SetNillableEmailVerifiedAt(u.EmailVerifiedAt).
		SetCreatedAt(u.At).SetUpdatedAt(u.At).Exec(ctx)
	if err == nil {
		err = w.UpdateUser(ctx, d, u.ID, u.New.Fields)
	}
	return errors.Join(err, w.refuse)
}

func (*wider) UpdateUser(ctx context.Context, d dialect.Driver, id string, fields map[string]any) error {
	for name, v := range fields {
		query, args := sql.Dialect(d.Dialect()).Update(user.Table).Set(name, v).Where(sql.EQ("id", id)).Query()
		if err := d.Exec(ctx, query, args, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *wider) LoadUser(ctx context.Context, d dialect.Driver, id string) (map[string]any, error) {
	if _, ok := auth.UserFrom(ctx); !ok {
		return nil, errors.New("nobody is in the context of the host's reading")
	}
	query, args := sql.Dialect(d.Dialect()).Select("locale", "username", "age").From(sql.Table(user.Table)).Where(sql.EQ("id", id)).Query()
	var rows sql.Rows
	if err := d.Query(ctx, query, args, &rows); err != nil {
		return nil, err
	}
	defer rows.Close()
	var locale, username stdsql.NullString
	var age stdsql.NullInt64
	if rows.Next() {
		if err := rows.Scan(&locale, &username, &age); err != nil {
			return nil, err
		}
	}
	out := map[string]any{"locale": locale.String, "username": nil, "age": nil}
	if username.Valid {
		out["username"] = username.String
	}
	if age.Valid {
		out["age"] = age.Int64
	}
	return out, rows.Err()
}

func (*wider) Taken(ctx context.Context, d dialect.Driver, id string, fields map[string]any) ([]string, error) {
	v, ok := fields["username"]
	if !ok {
		return nil, nil
	}
	query, args := sql.Dialect(d.Dialect()).Select("id").From(sql.Table(user.Table)).
		Where(sql.And(sql.EQ("username", v), sql.NEQ("id", id))).Query()
	var rows sql.Rows
	if err := d.Query(ctx, query, args, &rows); err != nil {
		return nil, err
	}
	defer rows.Close()
	if rows.Next() {
		return []string{"username"}, nil
	}
	return nil, rows.Err()
}

// hosted is a site on a wider table, with the door that cannot ask.
func hosted(t *testing.T, client *ent.Client, cfg auth.Config, options ...authtest.Option) (*authtest.Site, *wider) {
	t.Helper()
	for _, column := range hostColumns {
		kind := "varchar(100)"
		if column == "age" {
			kind = "bigint"
		}
		alter(t, client, "ALTER TABLE users ADD COLUMN "+column+" "+kind+" NULL")
	}
	alter(t, client, "CREATE UNIQUE INDEX users_username ON users (username)")
	w := &wider{}
	cfg.Host = w
	cfg.Providers = append(cfg.Providers, password.New(password.Config{}), &authtest.Arrival{})
	return newSite(t, client, cfg, options...), w
}

func alter(t *testing.T, client *ent.Client, statement string) {
	t.Helper()
	if err := client.Driver().Exec(t.Context(), statement, []any{}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestHostsFieldsTravel(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{})
		b, email := s.Browser(), person()
		body := map[string]any{"email": email, "password": phrase, "locale": "de", "username": "ann", "age": 9007199254740993, "internal_note": "x"}
		r := b.Post("/auth/register", body)
		if want := `"locale":"de"`; r.Status != http.StatusCreated || !strings.Contains(r.String(), want) || !strings.Contains(r.String(), "9007199254740993") {
			t.Fatalf("register: %v, want %s and every digit of the age", r, want)
		}
		if n := client.User.Query().Where(func(q *sql.Selector) { q.Where(sql.NotNull("internal_note")) }).CountX(t.Context()); n != 0 {
			t.Error("a field without an annotation was written")
		}
		for path, want := range map[string]string{"/auth/user": `"username":"ann"`, "/auth/session": `"username":"ann"`} {
			if r := b.Get(path); !strings.Contains(r.String(), want) || strings.Contains(r.String(), "internal_note") {
				t.Errorf("GET %s: %v, want %s and no internal_note", path, r, want)
			}
		}
		if r := b.Patch("/auth/user", map[string]any{"locale": "en", "username": nil, "age": 4, "internal_note": "x"}); r.Status != http.StatusOK ||
			!strings.Contains(r.String(), `"username":null`) || !strings.Contains(r.String(), `"locale":"en"`) || strings.Contains(r.String(), `"age":4`) {
			t.Errorf("PATCH /user: %v", r)
		}
		for name, v := range map[string]any{"locale": nil, "username": "a name that is too long", "age": "old"} {
			body := credentials(person(), phrase)
			all := map[string]any{"email": body["email"], "password": body["password"], "locale": "en", name: v}
			if r := s.Browser().Post("/auth/register", all); r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.String(), `"`+name+`"`) {
				t.Errorf("register with %s %v: %v, want 422 that names it", name, v, r)
			}
		}
		if r := b.Patch("/auth/user", map[string]any{"username": "nul\x00"}); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("a NUL: %v, want 422", r)
		}
		document := readDocument(t, s)
		for _, route := range []struct{ path, method string }{{"/register", "post"}, {"/register/complete", "post"}, {"/user", "patch"}, {"/user", "get"}} {
			if text := fmt.Sprint(document.Paths[route.path][route.method]); !strings.Contains(text, "locale") || strings.Contains(text, "internal_note") {
				t.Errorf("openapi.json, %s %s: %s", route.method, route.path, text)
			}
		}
	})
}

func TestAUniqueFieldOfTheHostIsSomebodyElses(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{})
		names := authtest.InParallel(20, func(i int) string {
			r := s.Browser().Post("/auth/register", map[string]any{"email": person(), "password": phrase, "locale": "en", "username": "ann"})
			return fmt.Sprint(r.Status, r.Field("username"))
		})
		if names["201"] != 1 || names["422taken"] != 19 {
			t.Errorf("20 people took one name: %v, want one and 19 taken", names)
		}
		b := s.Browser()
		b.Post("/auth/register", map[string]any{"email": person(), "password": phrase, "locale": "en"})
		if r := b.Patch("/auth/user", map[string]any{"username": "ann"}); r.Status != http.StatusUnprocessableEntity || r.Field("username") != "taken" {
			t.Errorf("PATCH /user to a taken name: %v", r)
		}
	})
}

// Who was asked is refused; who could not be asked is asked later.
func TestASignUpWaitsForWhatTheHostNeeds(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{})
		if r := s.Browser().Post("/auth/register", credentials(person(), phrase)); r.Status != http.StatusUnprocessableEntity || r.Field("locale") != "required" {
			t.Errorf("a form without the field: %v, want 422 locale required", r)
		}
		b, email := s.Browser(), person()
		r := b.Post("/auth/test-arrival", map[string]string{"email": email, "name": "Ann"})
		if r.Status != http.StatusUnauthorized || r.Code() != "profile_required" || r.Field("locale") != "required" || b.Session() != "" {
			t.Fatalf("the door that cannot ask: %v, want 401 profile_required", r)
		}
		if n := client.User.Query().CountX(t.Context()); n != 0 {
			t.Fatalf("%d users before the sign-up is complete", n)
		}
		if r := s.Browser().Post("/auth/register/complete", map[string]string{"locale": "en"}); r.Status != http.StatusBadRequest || r.Code() != "invalid_token" {
			t.Errorf("another browser: %v, want 400 invalid_token", r)
		}
		for _, body := range []map[string]any{{}, {"locale": nil}, {"locale": "fr"}, {"locale": 1}} {
			if r := b.Post("/auth/register/complete", body); r.Status != http.StatusUnprocessableEntity || r.Field("locale") == "" {
				t.Errorf("completed with %v: %v, want 422 for locale", body, r)
			}
		}
		r = b.Post("/auth/register/complete", map[string]any{"locale": "de", "age": 41})
		if r.Status != http.StatusCreated || b.Session() == "" || !strings.Contains(r.String(), `"name":"Ann"`) || !strings.Contains(r.String(), `"age":41`) {
			t.Fatalf("completed: %v", r)
		}
		if u := client.User.Query().Where(user.Email(email)).OnlyX(t.Context()); u.EmailVerifiedAt == nil {
			t.Error("the proven address was forgotten meanwhile")
		}
		if r := b.Post("/auth/register/complete", map[string]any{"locale": "de"}); r.Code() != "invalid_token" {
			t.Errorf("completed again: %v, want invalid_token", r)
		}
		if r := s.Browser().Post("/auth/test-arrival", map[string]string{"email": email}); r.Status != http.StatusOK {
			t.Errorf("the door, with an account: %v", r)
		}
	})
}

func TestASignUpIsCompletedOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := hosted(t, client, auth.Config{})
		b := s.Browser()
		b.Post("/auth/test-arrival", map[string]string{"email": person()})
		got := authtest.InParallel(50, func(int) int {
			return b.Clone().Post("/auth/register/complete", map[string]string{"locale": "en"}).Status
		})
		if got[http.StatusCreated] != 1 || got[http.StatusBadRequest] != 49 {
			t.Errorf("50 completions: %v, want one 201 and 49 times 400", got)
		}
		if n := client.Session.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
		late := s.Browser()
		late.Post("/auth/test-arrival", map[string]string{"email": person()})
		s.Clock.Advance(30 * time.Minute)
		if r := late.Post("/auth/register/complete", map[string]string{"locale": "en"}); r.Code() != "invalid_token" {
			t.Errorf("after half an hour: %v, want invalid_token", r)
		}
	})
}

// An app without cookies carries the flow itself.
func TestAnAppCompletesItsSignUp(t *testing.T) {
	s, _ := hosted(t, authtest.Database(t), auth.Config{})
	app := s.App()
	r := app.Post("/auth/test-arrival", map[string]string{"email": person()})
	if r.Code() != "profile_required" || r.Flow() == "" {
		t.Fatalf("%v, want profile_required and a flow", r)
	}
	app.Header.Set("Torii-Flow", r.Flow())
	r = app.Post("/auth/register/complete", map[string]string{"locale": "en"})
	if r.Status != http.StatusCreated || r.Token() == "" {
		t.Errorf("completed: %v, want 201 and a token", r)
	}
}

// What the host's client refuses leaves nothing behind and reads as what it is.
func TestTheHostsClientRefuses(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, w := hosted(t, client, auth.Config{})
		for _, row := range []struct {
			refuse error
			status int
		}{
			{fmt.Errorf("policy: %w", privacy.Deny), http.StatusForbidden},
			{auth.ErrRefused, http.StatusForbidden},
			{auth.InvalidField("username", "invalid"), http.StatusUnprocessableEntity},
			{errors.New("the host's own trouble"), http.StatusInternalServerError},
		} {
			w.refuse = row.refuse
			for _, sign := range []func(b *authtest.Browser) *authtest.Reply{
				func(b *authtest.Browser) *authtest.Reply {
					return b.Post("/auth/register", map[string]any{"email": person(), "password": phrase, "locale": "en"})
				},
				func(b *authtest.Browser) *authtest.Reply {
					b.Post("/auth/test-arrival", map[string]string{"email": person()})
					return b.Post("/auth/register/complete", map[string]string{"locale": "en"})
				},
			} {
				if r := sign(s.Browser()); r.Status != row.status {
					t.Errorf("%v: %v, want %d", row.refuse, r, row.status)
				}
			}
			if n := client.User.Query().CountX(t.Context()); n != 0 {
				t.Errorf("%v left %d users", row.refuse, n)
			}
		}
	})
}

func TestAHostOfAnotherVersionIsRefused(t *testing.T) {
	cfg := auth.Config{BaseURL: authtest.Origin, Secrets: [][]byte{make([]byte, 32)}, SkipEmailVerification: true, Host: &older{}}
	if _, err := auth.New(authtest.Database(t), cfg); err == nil || !strings.Contains(err.Error(), "go generate") {
		t.Errorf("got %v, want what to do", err)
	}
}

type older struct{ wider }

func (*older) SchemaChecksum() string { return "of last year" }
