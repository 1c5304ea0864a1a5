package password_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/authevent"
	"github.com/torii-go/torii/ent/credential"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		res, err := s.pw.Register(ctx, password.Registration{Email: " Ann@Example.COM ", Password: phrase, Name: "Ann"}, from("192.0.2.7"))
		if err != nil {
			t.Fatal(err)
		}
		u := res.User
		if u.Email != "ann@example.com" || u.EmailEntered != "Ann@Example.COM" || u.Name == nil || *u.Name != "Ann" || u.EmailVerifiedAt != nil {
			t.Errorf("user %v, typed as %q", u, u.EmailEntered)
		}
		if got := res.Session; got.IP != "192.0.2.7" || got.UserAgent != "test" || !got.ProvenAt("password").Equal(s.Clock.Now()) {
			t.Errorf("session %+v", got)
		}
		if _, who, err := s.Auth.Session(ctx, res.Token.Reveal()); err != nil || who.ID != u.ID {
			t.Errorf("the token opens %v, %v; want %s", who, err, u.ID)
		}
		row := s.row(t, u.ID)
		if !strings.HasPrefix(row.Secret, "$argon2id$v=19$m=8,t=1,p=1$") || row.SecondFactor || strings.Contains(row.String(), "argon2") {
			t.Errorf("stored %q, printed as %v", row.Secret, row)
		}
		kinds, err := s.Client.AuthEvent.Query().Where(authevent.UserID(u.ID)).Select(authevent.FieldKind).Strings(ctx)
		if err != nil || strings.Join(kinds, " ") == "" {
			t.Fatal(err)
		}
		for _, want := range []string{auth.EventUserCreated, auth.EventCredentialAdded, auth.EventSignedIn} {
			if !strings.Contains(strings.Join(kinds, " "), want) {
				t.Errorf("events %q, want %s among them", kinds, want)
			}
		}
		if _, err := s.signIn(t, "ANN@example.com", phrase); err != nil {
			t.Errorf("sign-in afterwards: %v", err)
		}
	})
}

func TestRegisterRefuses(t *testing.T) {
	s := lite(t)
	long := strings.Repeat("x", 101)
	for _, row := range []struct {
		name   string
		r      password.Registration
		fields map[string]string
	}{
		{"nothing at all", password.Registration{}, map[string]string{"email": "invalid_email", "password": "weak_password"}},
		{"no address", password.Registration{Password: phrase}, map[string]string{"email": "invalid_email"}},
		{"an address without a domain", password.Registration{Email: "ann", Password: phrase}, map[string]string{"email": "invalid_email"}},
		{"two addresses", password.Registration{Email: "ann@example.com,bob@example.com", Password: phrase}, map[string]string{"email": "invalid_email"}},
		{"an address with a line break", password.Registration{Email: "ann@example.com\r\nBcc: x@example.com", Password: phrase}, map[string]string{"email": "invalid_email"}},
		{"an address with a NUL", password.Registration{Email: "ann\x00@example.com", Password: phrase}, map[string]string{"email": "invalid_email"}},
		{"a password that is not UTF-8", password.Registration{Email: "ann@example.com", Password: "by the sea\xff"}, map[string]string{"password": "invalid_password"}},
		{"a name that is too long", password.Registration{Email: "ann@example.com", Password: phrase, Name: long}, map[string]string{"name": "invalid_name"}},
		{"a name that is not UTF-8", password.Registration{Email: "ann@example.com", Password: phrase, Name: "\xff"}, map[string]string{"name": "invalid_name"}},
		{"a bad address that is the password", password.Registration{Email: "not an address", Password: "not an address"},
			map[string]string{"email": "invalid_email", "password": "guessable_password"}},
		{"everything at once", password.Registration{Email: "ann", Password: "short", Name: long},
			map[string]string{"email": "invalid_email", "password": "weak_password", "name": "invalid_name"}},
	} {
		before := hashes(s)
		_, err := s.pw.Register(t.Context(), row.r, auth.Client{})
		fields, ok := errors.AsType[*auth.FieldsError](err)
		if !ok || !errors.Is(err, auth.ErrInvalidFields) || !maps.Equal(fields.Fields, row.fields) {
			t.Errorf("%s: %v %v, want %v", row.name, err, fields, row.fields)
		}
		if n := hashes(s) - before; n != 0 && row.fields["password"] != "" {
			t.Errorf("%s: %d hashes were computed for a password that is refused", row.name, n)
		}
	}
	if n := s.Client.User.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d users were made", n)
	}
}

func TestRegisterAnswersFieldByField(t *testing.T) {
	s := lite(t)
	for _, row := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"an empty object", `{}`, 422, "invalid_fields"},
		{"nulls", `{"email":null,"password":null,"name":null}`, 422, "invalid_fields"},
		{"a weak password", `{"email":"ann@example.com","password":"short"}`, 422, "invalid_fields"},
		{"a member in another case", `{"Email":"ann@example.com","PASSWORD":"a long pass phrase"}`, 422, "invalid_fields"},
		{"a password that is a number", `{"email":"ann@example.com","password":12345678}`, 400, "invalid_request"},
		{"an address in an array", `{"email":["ann@example.com"],"password":"a long pass phrase"}`, 400, "invalid_request"},
		{"a password that is not UTF-8", "{\"email\":\"ann@example.com\",\"password\":\"by the sea\xff\"}", 400, "invalid_request"},
		{"a password with half a surrogate pair", `{"email":"ann@example.com","password":"by the sea\ud800"}`, 400, "invalid_request"},
		{"a password of a megabyte", `{"email":"ann@example.com","password":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large"},
		{"a password of sixty thousand", `{"email":"ann@example.com","password":"` + strings.Repeat("x", 60_000) + `"}`, 422, "invalid_fields"},
		{"members that nobody knows", `{"email":"ann@example.com","password":"a long pass phrase","id":"usr_x","email_verified_at":"2030-01-01T00:00:00Z"}`, 201, ""},
	} {
		before := hashes(s)
		r := s.Browser().Post("/auth/register", row.body)
		if r.Status != row.status || r.Code() != row.code {
			t.Errorf("%s: %v, want %d %s", row.name, r, row.status, row.code)
		}
		if n := hashes(s) - before; r.Status != http.StatusCreated && n != 0 {
			t.Errorf("%s: %d hashes for a refusal", row.name, n)
		}
	}
	var reply struct {
		User struct {
			ID              string  `json:"id"`
			EmailVerifiedAt *string `json:"email_verified_at"`
		}
	}
	r := s.Browser().Post("/auth/login", map[string]string{"email": "ann@example.com", "password": phrase})
	if err := r.JSON(&reply); err != nil || reply.User.ID == "usr_x" || reply.User.EmailVerifiedAt != nil {
		t.Errorf("somebody chose an id, or proved an address, by a member of the body: %v", r)
	}
}

func TestTakenAddressChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, owner := s.account(t)
		secret := s.row(t, owner.User.ID).Secret
		for _, spelling := range []string{owner.User.Email, strings.ToUpper(owner.User.Email), "  " + owner.User.Email} {
			_, err := s.pw.Register(t.Context(), password.Registration{Email: spelling, Password: "another long phrase", Name: "Mallory"}, auth.Client{})
			if !errors.Is(err, auth.ErrEmailTaken) {
				t.Errorf("%v, want ErrEmailTaken for %q", err, spelling)
			}
		}
		if got := s.row(t, owner.User.ID).Secret; got != secret {
			t.Error("the owner's password has changed")
		}
		if u, err := s.Auth.User(t.Context(), owner.User.ID); err != nil || u.Name != nil {
			t.Errorf("the owner is %v, %v", u, err)
		}
		if live := s.live(t, owner.User.ID); len(live) != 1 || live[0] != owner.Session.ID {
			t.Errorf("the owner's sessions are %v, want %s", live, owner.Session.ID)
		}
	})
}

func TestOneOfManyRegistrationsWins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		email := person()
		won := authtest.InParallel(8, func(int) bool {
			_, err := s.pw.Register(t.Context(), password.Registration{Email: email, Password: phrase}, auth.Client{})
			if err != nil && !errors.Is(err, auth.ErrEmailTaken) {
				t.Errorf("%v, want ErrEmailTaken", err)
			}
			return err == nil
		})[true]
		u, err := s.Auth.UserByEmail(t.Context(), email)
		if err != nil || won != 1 {
			t.Fatalf("%d of 8 registrations of one address succeeded, %v; want 1", won, err)
		}
		rows := s.Client.Credential.Query().Where(credential.UserID(u.ID)).CountX(t.Context())
		if live := s.live(t, u.ID); rows != 1 || len(live) != 1 {
			t.Errorf("%d passwords, sessions %v; want one of each", rows, live)
		}
	})
}

// Before New there is no database to ask: an error, no panic.
func TestMethodsBeforeNew(t *testing.T) {
	ctx, pw, own := t.Context(), password.New(password.Config{}), sessions.Session{UserID: "usr_x"}
	for _, row := range []struct {
		name string
		call func() error
	}{
		{"Register", func() error {
			_, err := pw.Register(ctx, password.Registration{Email: "ann@example.com", Password: phrase}, auth.Client{})
			return err
		}},
		{"SignIn", func() error {
			_, err := pw.SignIn(ctx, password.Credentials{Email: "ann@example.com", Password: phrase}, auth.Client{})
			return err
		}},
		{"Change", func() error { _, err := pw.Change(ctx, own, phrase, "another long phrase", auth.Client{}); return err }},
		{"SetFirst", func() error { _, err := pw.SetFirst(ctx, own, phrase, auth.Client{}); return err }},
		{"Set", func() error { return pw.Set(ctx, "usr_x", phrase) }},
		{"Remove", func() error { return pw.Remove(ctx, own, auth.Client{}) }},
		{"RequireChange", func() error { return pw.RequireChange(ctx, "usr_x") }},
	} {
		func() {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("%s: panic: %v, want ErrNotMounted", row.name, v)
				}
			}()
			if err := row.call(); !errors.Is(err, auth.ErrNotMounted) {
				t.Errorf("%s: %v, want ErrNotMounted", row.name, err)
			}
		}()
	}
}

func TestValueBelongsToOneAuth(t *testing.T) {
	s := lite(t)
	_, err := auth.New(s.Client, auth.Config{BaseURL: "http://localhost:8080", Providers: []auth.Provider{s.pw}})
	if err == nil || !strings.Contains(err.Error(), "password") || !strings.Contains(err.Error(), "another Auth") {
		t.Errorf("one value in two Auths: %v, want an error that says so", err)
	}
	email, _ := s.account(t)
	if _, err := s.signIn(t, email, phrase); err != nil {
		t.Errorf("the first Auth, after the second was refused: %v", err)
	}
}
