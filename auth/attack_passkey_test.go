package auth_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/challenge"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/providers/magiclink"
	"github.com/torii-go/torii/providers/passkey"
	"github.com/torii-go/torii/providers/password"
)

// Passkeys, where they meet the rest: who has an account is not told, and a host's fields
// are its own.

// made begins a sign-up with a passkey, and has a device make one.
func made(t *testing.T, b *authtest.Browser, body any) string {
	t.Helper()
	r := posts(t, b, "/auth/passkey/register/begin", body, http.StatusOK)
	answer, err := authtest.NewAuthenticator().Create(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// drawn are the values of an answer that are drawn by lot.
var drawn = regexp.MustCompile(`[A-Za-z0-9_-]{43,}`)

func TestNoCeremonyTellsWhetherAnAddressHasAnAccount(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var n atomic.Int64
		factor := &authtest.SecondFactor{}
		s := newSite(t, ent.NewClient(ent.Driver(meter{client.Driver(), &n})), auth.Config{Providers: []auth.Provider{
			password.New(password.Config{}), magiclink.New(magiclink.Config{}), passkey.New(passkey.Config{}), factor,
		}}, authtest.ProveFirst())
		inner := s.Mux
		s.Mux = http.NewServeMux()
		s.Mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), countedKey{}, true)))
		})
		kinds := maps.Clone(standings(t, s, factor))
		kinds["with a passkey"] = func() string {
			email, b := person(), elsewhere(s)
			posts(t, b, "/auth/passkey/register/finish", made(t, b, form{"email": email}), http.StatusAccepted)
			posts(t, b, "/auth/email/verify", form{"token": linked(t, s, email)}, http.StatusOK)
			return email
		}
		told := map[string]map[string][]string{"sign-up begin": {}, "sign-up finish": {}, "sign-in begin": {}, "log": {}}
		for what, address := range kinds {
			email, b := address(), elsewhere(s)
			client.RateLimit.Delete().ExecX(t.Context())
			other := b.Clone() // so that the counters of the client are there
			other.Post("/auth/passkey/register/finish", made(t, other, form{"email": person()}))
			other.Post("/auth/passkey/login/begin", form{})
			deliver(t, s)
			answer, logged := "", len(s.Log())
			for _, step := range []struct {
				name string
				ask  func() *authtest.Reply
			}{
				{"sign-up begin", func() *authtest.Reply {
					r := b.Post("/auth/passkey/register/begin", form{"email": email})
					raw, err := authtest.NewAuthenticator().Create(r.Body)
					if err != nil {
						t.Fatalf("%s: %v: %v", what, err, r)
					}
					answer = string(raw)
					return r
				}},
				{"sign-up finish", func() *authtest.Reply { return b.Post("/auth/passkey/register/finish", answer) }},
				{"sign-in begin", func() *authtest.Reply { return b.Post("/auth/passkey/login/begin", form{"email": email}) }},
			} {
				before := n.Load()
				r := step.ask()
				text := fmt.Sprint(n.Load()-before, " statements: ", r.Status, r.Header, string(r.Body))
				text = drawn.ReplaceAllString(strings.ReplaceAll(text, email, "EMAIL"), "DRAWN")
				told[step.name][text] = append(told[step.name][text], what)
				if got := r.Header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s: Cache-Control %q", step.name, got)
				}
			}
			log := regexp.MustCompile(`time=\S+ `).ReplaceAllString(s.Log()[logged:], "")
			if strings.Contains(log, email) {
				t.Errorf("%s: the log names the address:\n%s", what, log)
			}
			told["log"][log] = append(told["log"][log], what)
		}
		for step, answers := range told {
			if len(answers) != 1 {
				t.Errorf("%s has %d answers: %v", step, len(answers), answers)
			}
		}
	})
}

// typedHost is a host whose client takes a field's own type alone, as Ent's does.
type typedHost struct{ picky }

func (h *typedHost) CreateUser(ctx context.Context, d dialect.Driver, u auth.HostUser) error {
	if age, there := u.New.Fields["age"]; there {
		if _, ok := age.(int64); !ok {
			return auth.InvalidField("age", "invalid")
		}
	}
	return h.picky.CreateUser(ctx, d, u)
}

// A host's fields at a sign-up by passkey are those of any other.
func TestAPasskeyAsksForAHostsFields(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		for column, kind := range map[string]string{"locale": "varchar(100)", "username": "varchar(100)", "age": "bigint", "internal_note": "varchar(100)"} {
			alter(t, client, "ALTER TABLE users ADD COLUMN "+column+" "+kind+" NULL")
		}
		alter(t, client, "CREATE UNIQUE INDEX users_username ON users (username)")
		host := &typedHost{}
		pk := passkey.New(passkey.Config{})
		s := newSite(t, client, auth.Config{Host: host, Providers: []auth.Provider{password.New(password.Config{}), pk}}, authtest.ProveFirst())
		takeName(t, s, "ann")
		waits := func() int {
			return client.Challenge.Query().Where(challenge.PurposeHasPrefix("passkey:")).CountX(t.Context())
		}
		before := waits()
		for name, row := range map[string]struct {
			body  form
			field string
		}{
			"one is missing":       {form{}, "locale"},
			"one is not for it":    {form{"locale": "xx"}, "locale"},
			"one is somebody's":    {form{"locale": "de", "username": "ann"}, "username"},
			"one is too long":      {form{"locale": "de", "username": strings.Repeat("x", 21)}, "username"},
			"and no address comes": {form{"locale": "de", "email": "x"}, "email"},
		} {
			body := form{"email": person()}
			maps.Copy(body, row.body)
			r := elsewhere(s).Post("/auth/passkey/register/begin", body)
			if r.Status != http.StatusUnprocessableEntity || r.Field(row.field) == "" || waits() != before {
				t.Errorf("%s: %v, %d ceremonies", name, r, waits()-before)
			}
		}
		// What is not asked for is not taken, neither at the beginning nor at the end.
		b, email := elsewhere(s), person()
		body := map[string]any{
			"email": email, "locale": "de", "username": "bob", "internal_note": "vip", "age": 9007199254740993,
			"id": "usr_1", "email_verified": true, "email_verified_at": "2020-01-01T00:00:00Z", "user_id": "usr_1", "fields": map[string]any{"internal_note": "vip"},
		}
		answer := made(t, b, body)
		answer = strings.Replace(answer, "{", `{"internal_note":"vip","email":"eve@example.com","locale":"en","email_verified":true,`, 1)
		posts(t, b, "/auth/passkey/register/finish", answer, http.StatusAccepted)
		takeName(t, s, "bob")
		r := b.Post("/auth/email/verify", form{"token": linked(t, s, email)})
		if r.Code() != "profile_required" || r.Field("username") == "" {
			t.Fatalf("a name that was taken meanwhile: %v", r)
		}
		r = posts(t, b, "/auth/register/complete", form{"username": "bobby"}, http.StatusCreated)
		if text := r.String(); !strings.Contains(text, `"locale":"de"`) || !strings.Contains(text, `"age":9007199254740993`) {
			t.Errorf("what was said is lost: %v", r)
		}
		u := client.User.Query().Where(user.Email(email)).OnlyX(t.Context())
		if client.User.Query().Where(func(q *sql.Selector) { q.Where(sql.NotNull("internal_note")) }).ExistX(t.Context()) {
			t.Error("a field that is the host's own was set")
		}
		// The same where accounts open at once.
		open := newSite(t, client, auth.Config{Host: host, Providers: []auth.Provider{passkey.New(passkey.Config{})}})
		b = elsewhere(open)
		r = posts(t, b, "/auth/passkey/register/finish", made(t, b, map[string]any{"email": person(), "locale": "en", "age": 9007199254740993}), http.StatusCreated)
		if !strings.Contains(r.String(), `"age":9007199254740993`) {
			t.Errorf("what was said is lost: %v", r)
		}
		if list, err := pk.Passkeys(t.Context(), u.ID); err != nil || len(list) != 1 {
			t.Errorf("passkeys %v, %v", list, err)
		}
	})
}
