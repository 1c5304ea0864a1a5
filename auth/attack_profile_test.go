package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/password"
)

// What a host wants to know of a person, where the address is proven first.

// picky is a host that asks for one more field from some moment on, or admits one address
// alone.
type picky struct {
	wider
	needs, admits string
	// rehearsed is the address of the last row that was only tried out.
	rehearsed string
}

func (p *picky) CreateUser(ctx context.Context, d dialect.Driver, u auth.HostUser) error {
	email, rehearsal := auth.Rehearsal(ctx)
	if rehearsal {
		p.rehearsed = u.Email
	} else {
		email = u.Email
	}
	switch {
	case p.admits != "" && email != p.admits:
		return auth.InvalidField("email", "not_invited")
	case p.needs != "" && u.New.Fields[p.needs] == nil:
		return &auth.ProfileError{Fields: []string{p.needs}}
	}
	return p.wider.CreateUser(ctx, d, u)
}

// choosy is a site of a picky host, whose people prove their address first.
func choosy(t *testing.T, client *ent.Client) (*authtest.Site, *picky) {
	t.Helper()
	for column, kind := range map[string]string{"locale": "varchar(100)", "username": "varchar(100)", "age": "bigint", "internal_note": "varchar(100)"} {
		alter(t, client, "ALTER TABLE users ADD COLUMN "+column+" "+kind+" NULL")
	}
	alter(t, client, "CREATE UNIQUE INDEX users_username ON users (username)")
	p := &picky{}
	cfg := auth.Config{Host: p, Providers: []auth.Provider{password.New(password.Config{}), magiclink.New(magiclink.Config{})}}
	return newSite(t, client, cfg, authtest.ProveFirst()), p
}

func profile(email string, more ...string) form {
	f := form{"email": email, "password": phrase, "locale": "de"}
	for i := 0; i < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	return f
}

// takeName makes an account that has a name.
func takeName(t *testing.T, s *authtest.Site, name string) {
	t.Helper()
	_, err := s.Auth.CreateUser(t.Context(), auth.NewUser{Email: person(), Fields: map[string]any{"locale": "de", "username": name}})
	if err != nil {
		t.Fatal(err)
	}
}

// Who could read somebody's mail for a moment keeps no way in for later.
func TestAProofThatWaitsForItsProfileEntersNoOthersAccount(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := choosy(t, client)
		v, mallory := visitor{b: elsewhere(s), email: person()}, elsewhere(s)
		posts(t, mallory, "/auth/magic-link", form{"email": v.email}, http.StatusAccepted)
		if r := mallory.Post("/auth/magic-link/verify", form{"token": linked(t, s, v.email)}); r.Code() != "profile_required" {
			t.Fatalf("a first sign-in: %v, want profile_required", r)
		}
		s.Clock.Advance(10 * time.Minute)
		posts(t, v.b, "/auth/register", profile(v.email), http.StatusAccepted)
		posts(t, v.b, "/auth/email/verify", form{"token": linked(t, s, v.email)}, http.StatusOK)
		refused(t, mallory.Post("/auth/register/complete", form{"locale": "de"}), "completing after the owner came")
		if mallory.Session() != "" {
			t.Error("who waited for a profile has a session")
		}
		if r := v.b.Get("/auth/user"); r.Status != http.StatusOK {
			t.Errorf("the owner: %v", r)
		}
	})
}

// Nobody runs out of mails by correcting a form.
func TestARefusedFormUsesUpNoMail(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, _ := choosy(t, client)
		takeName(t, s, "ann")
		v := visitor{b: elsewhere(s), email: person()}
		for range 6 { // one more than the mails that one may ask for
			if r := v.b.Post("/auth/register", profile(v.email, "username", "ann")); r.Status != http.StatusUnprocessableEntity || r.Field("username") != "taken" {
				t.Fatalf("a taken name: %v, want 422 taken", r)
			}
		}
		posts(t, v.b, "/auth/register", profile(v.email, "username", "anna"), http.StatusAccepted)
		s.Mail(t, v.email)
		if n := len(s.Outbox.Messages()); n != 1 {
			t.Errorf("%d mails for one form that was accepted", n)
		}
	})
}

// Between a form and the proof of its address there may be a day.
func TestWhatAHostDoesNotAcceptAnyMoreIsAskedForAgain(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, host := choosy(t, client)
		for what, row := range map[string]struct {
			form    []string
			happens func()
		}{
			"a name that was taken meanwhile": {[]string{"username", "ann"}, func() { takeName(t, s, "ann") }},
			"a field that is needed by now":   {nil, func() { host.needs = "username" }},
		} {
			host.needs = ""
			v := visitor{b: elsewhere(s), email: person()}
			posts(t, v.b, "/auth/register", profile(v.email, row.form...), http.StatusAccepted)
			row.happens()
			r := v.b.Post("/auth/email/verify", form{"token": linked(t, s, v.email)})
			if r.Status != http.StatusUnauthorized || r.Code() != "profile_required" || r.Field("username") == "" {
				t.Fatalf("%s: %v, want 401 profile_required that names it", what, r)
			}
			if n := client.User.Query().Where(user.Email(v.email)).CountX(t.Context()); n != 0 {
				t.Errorf("%s: the account was made all the same", what)
			}
			refused(t, elsewhere(s).Post("/auth/register/complete", form{"username": "other"}), "another browser")
			r = posts(t, v.b, "/auth/register/complete", form{"username": "n" + v.email[:10]}, http.StatusCreated)
			if !strings.Contains(r.String(), `"locale":"de"`) {
				t.Errorf("%s: %v, want what was said before", what, r)
			}
			if list := opens(s, v.email, phrase); len(list) != 1 {
				t.Errorf("%s: the password of the sign-up does not open the account", what)
			}
		}
	})
}

// A host that invites people knows whom a sign-up is for, while the row that is tried
// out tells nobody whether the address has an account.
func TestAHostThatInvitesKnowsTheAddressOfASignUp(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s, host := choosy(t, client)
		v := visitor{b: elsewhere(s), email: person()}
		host.admits = v.email
		for range 2 { // with an account it is the same
			posts(t, v.b, "/auth/register", profile(v.email), http.StatusAccepted)
			if host.rehearsed == "" || host.rehearsed == v.email || !strings.HasSuffix(host.rehearsed, v.email[strings.IndexByte(v.email, '@'):]) {
				t.Errorf("the row that was tried out has the address %q, want another of the same domain as %q", host.rehearsed, v.email)
			}
			if client.User.Query().CountX(t.Context()) == 0 {
				posts(t, v.b, "/auth/email/verify", form{"token": linked(t, s, v.email)}, http.StatusOK)
			}
			host.rehearsed = ""
		}
		if r := elsewhere(s).Post("/auth/register", profile(person())); r.Status != http.StatusUnprocessableEntity || r.Field("email") != "not_invited" {
			t.Errorf("somebody else: %v, want 422 not_invited", r)
		}
		if n := client.User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d users, want the one who was invited", n)
		}
	})
}
