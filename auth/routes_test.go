package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/user"
)

// sessionBody is what the tests read of a session.
type sessionBody struct {
	ID        string
	UserID    string `json:"user_id"`
	Current   bool
	UserAgent *string   `json:"user_agent"`
	ExpiresAt time.Time `json:"expires_at"`
	Factors   []struct {
		Kind string
		At   time.Time
	}
}

func sessionOf(t testing.TB, r *authtest.Reply) sessionBody {
	t.Helper()
	var body struct{ Session sessionBody }
	if err := r.JSON(&body); err != nil {
		t.Fatalf("%v: %v", r, err)
	}
	return body.Session
}

func listSessions(t testing.TB, b *authtest.Browser) []sessionBody {
	t.Helper()
	var body struct{ Sessions []sessionBody }
	r := b.Get("/auth/sessions")
	if err := r.JSON(&body); err != nil || r.Status != http.StatusOK {
		t.Fatalf("%v: %v", r, err)
	}
	return body.Sessions
}

func TestAUserEndsTheSessionsOfOtherDevices(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		laptop, phone, tablet, mallory := s.Browser(), s.Browser(), s.Browser(), s.Browser()
		email := person()
		id := register(t, laptop, email)
		register(t, mallory, person())
		for name, b := range map[string]*authtest.Browser{"phone": phone, "tablet": tablet} {
			b.Header.Set("User-Agent", name)
			s.Clock.Advance(time.Second)
			b.Post("/auth/login", credentials(email, phrase))
		}
		list := listSessions(t, laptop)
		if len(list) != 3 {
			t.Fatalf("%d sessions, want 3", len(list))
		}
		ids := map[string]string{}
		for _, one := range list {
			if one.UserID != id || one.Current != (*one.UserAgent == "authtest") {
				t.Errorf("listed %+v", one)
			}
			ids[*one.UserAgent] = one.ID
		}
		for _, tt := range []struct {
			name   string
			b      *authtest.Browser
			id     string
			status int
		}{
			{"somebody else's", mallory, ids["phone"], 404},
			{"one that is not there", laptop, "ses_none", 404},
			{"another of one's own", laptop, ids["phone"], 204},
			{"the same again", laptop, ids["phone"], 404},
		} {
			if r := tt.b.Delete("/auth/sessions/" + tt.id); r.Status != tt.status || named(r, sessionCookie) != nil {
				t.Errorf("ending %s: %v, cookies %v; want %d", tt.name, r, r.Cookies, tt.status)
			}
		}
		if r := phone.Get("/auth/user"); r.Status != 401 {
			t.Errorf("the ended session answers: %v", r)
		}
		var body struct{ Revoked *int }
		if r := laptop.Delete("/auth/sessions"); r.Status != 200 || r.JSON(&body) != nil || body.Revoked == nil || *body.Revoked != 1 {
			t.Errorf("ending all others: %v, want revoked 1", r)
		}
		if r := tablet.Get("/auth/user"); r.Status != 401 {
			t.Errorf("another session after all others were ended: %v", r)
		}
		if r := laptop.Delete("/auth/sessions/" + ids["authtest"]); r.Status != 204 || laptop.Session() != "" {
			t.Errorf("ending the current one: %v, cookie left %t", r, laptop.Session() != "")
		}
		if r := mallory.Get("/auth/user"); r.Status != 200 {
			t.Errorf("somebody else's session: %v", r)
		}
	})
}

func TestPatchUser(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		want       string // the name afterwards
	}{
		{"a name", `{"name":"Ann"}`, 200, "Ann"},
		{"nothing leaves it", `{}`, 200, "Ann"},
		{"an unknown member leaves it", `{"nickname":"x"}`, 200, "Ann"},
		{"a member in another case leaves it", `{"Name":"x"}`, 200, "Ann"},
		{"what is not the user's to change is ignored", `{"id":"usr_x","email":"x@x.example","email_verified_at":"2030-01-01T00:00:00Z","disabled_at":null}`, 200, "Ann"},
		{"a number", `{"name":1}`, 400, "Ann"},
		{"a truth value", `{"name":true}`, 400, "Ann"},
		{"a list", `{"name":["x"]}`, 400, "Ann"},
		{"an object", `{"name":{"$ne":1}}`, 400, "Ann"},
		{"a name twice", `{"name":"a","name":"b"}`, 400, "Ann"},
		{"101 characters", `{"name":"` + strings.Repeat("é", 101) + `"}`, 422, "Ann"},
		{"control characters are dropped", `{"name":" A\u0000n\u202en\r\n "}`, 200, "Ann"},
		{"HTML is text", `{"name":"<b>Ann</b>"}`, 200, "<b>Ann</b>"},
		{"null empties it", `{"name":null}`, 200, ""},
		{"a name again", `{"name":"Bob"}`, 200, "Bob"},
		{"an empty one empties it", `{"name":""}`, 200, ""},
		{"no body", ``, 400, ""},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b, email := s.Browser(), person()
		id := register(t, b, email)
		for _, tt := range tests {
			r := b.Patch("/auth/user", tt.body)
			u := client.User.Query().Where(user.ID(id)).OnlyX(t.Context())
			got := ""
			if u.Name != nil {
				got = *u.Name
			}
			if r.Status != tt.status || got != tt.want || u.Email != email || u.EmailVerifiedAt != nil {
				t.Errorf("%s: PATCH %s = %v, name %q of %v; want %d, %q", tt.name, tt.body, r, got, u, tt.status, tt.want)
			}
		}
	})
}

func TestDeletingAUserNeedsARecentProof(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b, email := s.Browser(), person()
		id := register(t, b, email)
		s.Clock.Advance(11 * time.Minute)
		if r := b.Delete("/auth/user"); r.Status != 403 || r.Code() != auth.ErrStepUpRequired.Code {
			t.Fatalf("11 minutes after signing in: %v, want 403 step_up_required", r)
		}
		if r := b.Post("/auth/step-up", map[string]string{"password": phrase}); r.Status != 200 {
			t.Fatal(r)
		}
		if r := b.Delete("/auth/user"); r.Status != 204 || b.Session() != "" {
			t.Errorf("after a step-up: %v, cookie left %t", r, b.Session() != "")
		}
		for table, n := range rows(t, client) {
			if n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
		if again := register(t, s.Browser(), email); again == id {
			t.Errorf("whoever takes the address next is %s again", id)
		}
	})
}

func TestAStepUpRotatesTheToken(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b := s.Browser()
		register(t, b, person())
		before, old := sessionOf(t, b.Get("/auth/session")), b.Clone()
		s.Clock.Advance(30 * time.Second)
		for _, tt := range []struct {
			name   string
			body   any
			status int
			code   string
		}{
			{"nothing to prove", "{}", 400, "invalid_request"},
			{"null", `{"password":null}`, 400, "invalid_request"},
			{"a number", `{"password":1}`, 400, "invalid_request"},
			{"another factor", `{"code":"314159"}`, 400, "invalid_request"},
			{"an empty password", `{"password":""}`, 403, "wrong_password"},
			{"a wrong password", `{"password":"wrong"}`, 403, "wrong_password"},
		} {
			if r := b.Post("/auth/step-up", tt.body); r.Status != tt.status || r.Code() != tt.code || len(r.Cookies) != 0 {
				t.Errorf("%s: %v, cookies %v; want %d %s", tt.name, r, r.Cookies, tt.status, tt.code)
			}
		}
		r := b.Post("/auth/step-up", map[string]string{"password": phrase})
		after := sessionOf(t, r)
		if r.Status != 200 || after.ID != before.ID || !after.ExpiresAt.Equal(before.ExpiresAt) || len(after.Factors) != 1 || !after.Factors[0].At.Equal(s.Clock.Now()) {
			t.Errorf("step-up: %v; want session %s, the same end, a new time", r, before.ID)
		}
		if r := old.Get("/auth/session"); r.Status != 401 {
			t.Errorf("the token from before: %v, want 401", r)
		}
		if got := sessionOf(t, b.Get("/auth/session")); got.ID != before.ID {
			t.Errorf("the new token opens %s, want %s", got.ID, before.ID)
		}
	})
}

func TestARenewedTokenTravelsAsTheOldOneCame(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		proof := map[string]string{"password": phrase}
		for _, tt := range []struct {
			name             string
			opened           func() *authtest.Browser // signs up
			byHeader, inBody bool
		}{
			{"opened by an app, sent in the header", s.App, true, true},
			{"opened by an app, sent as a cookie", s.App, false, false},
			{"opened by a browser, sent as a cookie", s.Browser, false, false},
			{"opened by a browser, sent in the header", s.Browser, true, false},
		} {
			opened := tt.opened()
			token := opened.Post("/auth/register", credentials(person(), phrase)).Token() + opened.Session()
			b := s.Browser()
			if tt.byHeader {
				b.Header.Set("Authorization", "Bearer "+token)
			} else {
				b.SetCookie(sessionCookie, token)
			}
			b.Header.Set("Torii-Transport", "bearer") // asks for what only the session decides
			r := b.Post("/auth/step-up", proof)
			if r.Status != 200 || (r.Token() != "") != tt.inBody || (named(r, sessionCookie) != nil) == tt.inBody {
				t.Errorf("%s: %v, cookies %v; want the token in the body %t", tt.name, r, r.Cookies, tt.inBody)
			}
		}
	})
}
