package auth_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

func TestTheLifeOfAUser(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		a, ctx := s.Auth, t.Context()
		u, err := a.CreateUser(ctx, auth.NewUser{Email: " Ann@Example.COM ", Name: "Ann", Picture: "https://pictures.example/ann.png"})
		if err != nil {
			t.Fatal(err)
		}
		if u.Email != "ann@example.com" || *u.Name != "Ann" || *u.Picture != "https://pictures.example/ann.png" || u.EmailVerifiedAt != nil || !u.CreatedAt.Equal(authtest.Start) {
			t.Errorf("created %v", u)
		}
		for _, spelling := range []string{"ann@example.com", "ANN@EXAMPLE.COM", "  ann@example.com ", "Ann@example.com"} {
			if got, err := a.UserByEmail(ctx, spelling); err != nil || got.ID != u.ID {
				t.Errorf("UserByEmail(%q) = %v, %v, want %s", spelling, got, err, u.ID)
			}
		}
		s.Clock.Advance(time.Hour)
		empty := ""
		if u, err = a.UpdateUser(ctx, u.ID, auth.UserUpdate{Name: &empty}); err != nil || u.Name != nil || u.Picture == nil || !u.UpdatedAt.Equal(s.Clock.Now()) {
			t.Errorf("UpdateUser with an empty name = %v, %v, want the name gone and the picture there", u, err)
		}
		res := newSession(t, a, u.ID)
		if err := a.DisableUser(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Session(ctx, res.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("the session of a disabled user: %v, want ErrUnauthenticated", err)
		}
		if _, err := a.CreateSession(ctx, u.ID, auth.Client{}); !errors.Is(err, auth.ErrInvalidCredentials) {
			t.Errorf("CreateSession for a disabled user: %v, want ErrInvalidCredentials", err)
		}
		if err := a.EnableUser(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Session(ctx, res.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("a session from before the user was disabled: %v, want ErrUnauthenticated", err)
		}
		if err := a.DeleteUser(ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := a.User(ctx, u.ID); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("User after deletion: %v, want ErrNotFound", err)
		}
		again, err := a.CreateUser(ctx, auth.NewUser{Email: "ann@example.com", EmailVerified: true})
		if err != nil || again.ID == u.ID || again.EmailVerifiedAt == nil {
			t.Errorf("the freed address: %v, %v, want a new id and a proven address", again, err)
		}
		want := []string{
			auth.EventUserCreated, auth.EventUserUpdated, auth.EventSignedIn, auth.EventUserDisabled,
			auth.EventSignInFailed, auth.EventUserEnabled, auth.EventUserDeleted,
		}
		got := events(t, client, u.ID)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
	})
}

func TestFieldsThatAreNotAcceptable(t *testing.T) {
	tests := []struct {
		name string
		user auth.NewUser
		want map[string]string // nil: accepted
	}{
		{"no address", auth.NewUser{}, map[string]string{"email": "invalid_email"}},
		{"no address but a name", auth.NewUser{Email: "ann"}, map[string]string{"email": "invalid_email"}},
		{"two addresses", auth.NewUser{Email: "a@x.example,b@x.example"}, map[string]string{"email": "invalid_email"}},
		{"an address with a name", auth.NewUser{Email: "Ann <ann@x.example>"}, map[string]string{"email": "invalid_email"}},
		{"an address with a header behind it", auth.NewUser{Email: "ann@x.example\r\nBcc: all@x.example"}, map[string]string{"email": "invalid_email"}},
		{"an address with a NUL", auth.NewUser{Email: "ann\x00@x.example"}, map[string]string{"email": "invalid_email"}},
		{"an address in invalid UTF-8", auth.NewUser{Email: "ann\xff@x.example"}, map[string]string{"email": "invalid_email"}},
		{"an address with a second at sign in quotes", auth.NewUser{Email: `"a@evil.example"@x.example`}, map[string]string{"email": "invalid_email"}},
		{"an address of 255 bytes", auth.NewUser{Email: "a@" + strings.Repeat("b.", 122) + "example.x"}, map[string]string{"email": "invalid_email"}},
		{"a name of 101 characters", auth.NewUser{Email: "x", Name: strings.Repeat("a", 101)}, map[string]string{"name": "invalid_name"}},
		{"a name in invalid UTF-8", auth.NewUser{Email: "x", Name: "\xff"}, map[string]string{"name": "invalid_name"}},
		{"a name of 100 characters", auth.NewUser{Name: strings.Repeat("a", 100)}, nil},
		{"a name of control characters", auth.NewUser{Name: "\x00\r\n\u202e"}, nil},
		{"a picture over plain http", auth.NewUser{Picture: "http://x.example/a.png"}, map[string]string{"picture": "invalid_url"}},
		{"a picture that runs", auth.NewUser{Picture: "javascript:alert(1)"}, map[string]string{"picture": "invalid_url"}},
		{"a picture in the text", auth.NewUser{Picture: "data:image/svg+xml,<svg/>"}, map[string]string{"picture": "invalid_url"}},
		{"a picture without a host", auth.NewUser{Picture: "https:///a.png"}, map[string]string{"picture": "invalid_url"}},
		{"a picture without a scheme", auth.NewUser{Picture: "//x.example/a.png"}, map[string]string{"picture": "invalid_url"}},
		{"a picture with a password", auth.NewUser{Picture: "https://a:b@x.example/"}, map[string]string{"picture": "invalid_url"}},
		{"a picture with a line break", auth.NewUser{Picture: "https://x.example/\r\na"}, map[string]string{"picture": "invalid_url"}},
		{"a picture with an override of direction", auth.NewUser{Picture: "https://x.example/\u202egnp"}, map[string]string{"picture": "invalid_url"}},
		{"a picture of 2,049 bytes", auth.NewUser{Picture: "https://x.example/" + strings.Repeat("a", 2049-18)}, map[string]string{"picture": "invalid_url"}},
		{"a picture of 2,048 bytes", auth.NewUser{Picture: "https://x.example/" + strings.Repeat("a", 2048-18)}, nil},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		there := newUser(t, s.Auth)
		before := rows(t, client)
		for _, tt := range tests {
			in := tt.user
			if _, badEmail := tt.want["email"]; !badEmail {
				in.Email = person()
			}
			u, err := s.Auth.CreateUser(t.Context(), in)
			var fields *auth.FieldsError
			switch {
			case tt.want == nil && err != nil:
				t.Errorf("%s: CreateUser(%+v) = %v, want no error", tt.name, in, err)
			case tt.want == nil:
				if err := s.Auth.DeleteUser(t.Context(), u.ID); err != nil {
					t.Error(err)
				}
			case !errors.As(err, &fields) || !errors.Is(err, auth.ErrInvalidFields) || !maps.Equal(fields.Fields, tt.want):
				t.Errorf("%s: CreateUser(%+v) = %v, want fields %v", tt.name, in, err, tt.want)
			}
			if _, badEmail := tt.want["email"]; badEmail || tt.want == nil {
				continue
			}
			if _, err := s.Auth.UpdateUser(t.Context(), there.ID, auth.UserUpdate{Name: &in.Name, Picture: &in.Picture}); !errors.Is(err, auth.ErrInvalidFields) {
				t.Errorf("%s: UpdateUser = %v, want ErrInvalidFields", tt.name, err)
			}
		}
		unchanged(t, client, before, "bad fields")
	})
}

func TestANameOf100CharactersIsStoredWhole(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for _, letter := range []string{"a", "é", "名", "🙂"} {
			name := strings.Repeat(letter, 100)
			u, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: person(), Name: name})
			if err != nil || u.Name == nil || *u.Name != name {
				t.Errorf("100 times %s: stored %d bytes of %d, error %v", letter, len(*u.Name), len(name), err)
			}
		}
	})
}

func TestATakenAddressIsTakenInEverySpelling(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: "jose@example.com"}); err != nil {
			t.Fatal(err)
		}
		before := rows(t, client)
		for _, taken := range []string{"jose@example.com", "JOSE@example.com", " jose@EXAMPLE.com "} {
			if _, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: taken}); !errors.Is(err, auth.ErrEmailTaken) {
				t.Errorf("CreateUser(%q) = %v, want ErrEmailTaken", taken, err)
			}
		}
		unchanged(t, client, before, "taken addresses")
		// Databases fold letters that are not the same: é is not e, and the Kelvin sign
		// is no k. Whoever owns one address must not get the other's account.
		for _, other := range []string{"josé@example.com", "jose @example.com", "jo\u017fe@example.com"} {
			if got, err := s.Auth.UserByEmail(t.Context(), other); !errors.Is(err, auth.ErrNotFound) {
				t.Errorf("UserByEmail(%q) = %v, %v, want ErrNotFound", other, got, err)
			}
		}
	})
}

func TestAnIdOfNobodyIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a, ctx := newSite(t, client, auth.Config{}).Auth, t.Context()
		for _, id := range []string{"usr_none", "", "\x00", "usr_\xff", strings.Repeat("a", 65), "' OR 1=1 --", "é"} {
			for name, call := range map[string]func() error{
				"User":          func() error { _, err := a.User(ctx, id); return err },
				"UpdateUser":    func() error { _, err := a.UpdateUser(ctx, id, auth.UserUpdate{}); return err },
				"DisableUser":   func() error { return a.DisableUser(ctx, id) },
				"EnableUser":    func() error { return a.EnableUser(ctx, id) },
				"DeleteUser":    func() error { return a.DeleteUser(ctx, id) },
				"EndSession":    func() error { return a.EndSession(ctx, id, "ses_none") },
				"EndSession of": func() error { return a.EndSession(ctx, "usr_none", id) },
			} {
				if err := call(); !errors.Is(err, auth.ErrNotFound) {
					t.Errorf("%s(%q) = %v, want ErrNotFound", name, id, err)
				}
			}
			if id == "" {
				continue // a proof that names nobody is a mistake of the program's
			}
			if _, err := a.CreateSession(ctx, id, auth.Client{}); !errors.Is(err, auth.ErrInvalidCredentials) {
				t.Errorf("CreateSession(%q) = %v, want ErrInvalidCredentials", id, err)
			}
			if n, err := a.EndSessions(ctx, id); n != 0 || err != nil {
				t.Errorf("EndSessions(%q) = %d, %v, want none", id, n, err)
			}
			if list, err := a.Sessions(ctx, id); len(list) != 0 || err != nil {
				t.Errorf("Sessions(%q) = %v, %v, want none", id, list, err)
			}
		}
	})
}
