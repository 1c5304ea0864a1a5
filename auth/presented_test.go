package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

func TestATokenComesByCookieOrHeader(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		ann, bob := s.Browser(), s.App()
		annID := register(t, ann, person())
		r := bob.Post("/auth/register", credentials(person(), phrase))
		bobID := r.UserID()
		bob.Header.Set("Authorization", "Bearer "+r.Token())
		if r := ann.Get("/auth/user"); r.UserID() != annID {
			t.Errorf("by cookie: %v, want %s", r, annID)
		}
		if r := bob.Get("/auth/user"); r.UserID() != bobID {
			t.Errorf("by header: %v, want %s", r, bobID)
		}
		ann.Header.Set("Authorization", bob.Header.Get("Authorization"))
		if r := ann.Get("/auth/user"); r.UserID() != bobID {
			t.Errorf("by both: %v, want the header's %s", r, bobID)
		}
		ann.Header.Set("Authorization", "Bearer "+strings.Repeat("A", 43))
		if r := ann.Get("/auth/user"); r.Status != http.StatusUnauthorized || ann.Session() == "" {
			t.Errorf("by a bad header beside a good cookie: %v, cookie left %t; want 401 and the cookie", r, ann.Session() != "")
		}
	})
}

func TestAuthorizationHeaders(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		token := s.App().Post("/auth/register", credentials(person(), phrase)).Token()
		tests := []struct {
			name    string
			headers []string
			status  int
		}{
			{"Bearer and the token", []string{"Bearer " + token}, 200},
			{"the scheme in lower case", []string{"bearer " + token}, 200},
			{"the scheme in upper case", []string{"BEARER " + token}, 200},
			{"another scheme beside it", []string{"Basic YTpi", "Bearer " + token}, 200},
			{"nothing", []string{""}, 401},
			{"the scheme alone", []string{"Bearer"}, 401},
			{"the scheme and a space", []string{"Bearer "}, 401},
			{"the token alone", []string{token}, 401},
			{"the token twice", []string{"Bearer " + token + " " + token}, 401},
			{"two headers", []string{"Bearer " + token, "Bearer " + token}, 401},
			{"a list", []string{"Bearer " + token + ", Bearer " + token}, 401},
			{"a quoted token", []string{`Bearer "` + token + `"`}, 401},
			{"a parameter", []string{"Bearer token=" + token}, 401},
			{"a tab for the space", []string{"Bearer\t" + token}, 401},
			{"no space", []string{"Bearer" + token}, 401},
			{"a colon", []string{"Bearer: " + token}, 401},
			{"Basic", []string{"Basic " + token}, 401},
			{"Token", []string{"Token " + token}, 401},
			{"a character more", []string{"Bearer " + token + "A"}, 401},
			{"padding", []string{"Bearer " + token + "="}, 401},
			{"a NUL behind", []string{"Bearer " + token + "\x00"}, 401},
			{"a line break behind", []string{"Bearer " + token + "\n"}, 401},
			{"a no-break space behind", []string{"Bearer " + token + "\u00a0"}, 401},
			{"bytes that are no text", []string{"Bearer \xff\xfe\x00"}, 401},
			{"ten thousand characters", []string{"Bearer " + strings.Repeat("A", 10_000)}, 401},
			{"SQL", []string{"Bearer ' OR '1'='1"}, 401},
			{"a JSON Web Token without a signature", []string{"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9."}, 401},
		}
		for i := range token {
			tests = append(tests, struct {
				name    string
				headers []string
				status  int
			}{"a part of the token", []string{"Bearer " + token[:i]}, 401})
		}
		for _, tt := range tests {
			app := s.App()
			app.Header["Authorization"] = tt.headers
			if r := app.Get("/auth/user"); r.Status != tt.status {
				t.Errorf("%s: %v, want %d; headers %q", tt.name, r, tt.status, tt.headers)
			}
		}
	})
}

func TestATokenAnywhereElseIsNone(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		token := s.App().Post("/auth/register", credentials(person(), phrase)).Token()
		for _, path := range []string{
			"/auth/user?token=", "/auth/user?access_token=", "/auth/user?session=", "/auth/user?torii_session=", "/auth/user?" + sessionCookie + "=",
			"/auth/user?Authorization=Bearer%20",
		} {
			if r := s.App().Get(path + token); r.Status != http.StatusUnauthorized {
				t.Errorf("GET %s…: %v, want 401", path, r)
			}
		}
		for _, member := range []string{"token", "access_token", "session", sessionCookie, "Authorization"} {
			if r := s.App().Post("/auth/step-up", map[string]string{member: token, "password": phrase}); r.Status != http.StatusUnauthorized {
				t.Errorf("POST with member %s: %v, want 401", member, r)
			}
		}
		for _, header := range []string{"Token", "X-Session", "X-Auth-Token", "Proxy-Authorization", "Torii-Session", "Torii-Flow"} {
			app := s.App()
			app.Header[header] = []string{token, "Bearer " + token}
			if r := app.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("header %s: %v, want 401", header, r)
			}
		}
		for _, name := range []string{"torii_session", "__host-torii_session", "__HOST-TORII_SESSION", "__Host-Torii_Session", "__Secure-torii_session", flowCookie, deviceCookie} {
			b := s.Browser()
			b.Header["Cookie"] = []string{name + "=" + token}
			if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("cookie %s: %v, want 401", name, r)
			}
		}
	})
}

func TestTwoSessionCookiesAreNobody(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		withRoutes(s)
		ann, mallory, email := s.Browser(), s.Browser(), person()
		id := register(t, ann, email)
		register(t, mallory, person())
		both := func() *authtest.Browser {
			b := s.Browser()
			b.Header["Cookie"] = []string{sessionCookie + "=" + mallory.Session() + "; " + sessionCookie + "=" + ann.Session()}
			return b
		}
		for _, route := range []string{"GET /auth/user", "GET /me", "DELETE /auth/sessions", "PATCH /auth/user"} {
			method, path, _ := strings.Cut(route, " ")
			r := both().Do(method, path, nil)
			if r.Status != http.StatusUnauthorized || len(r.Cookies) != 1 || r.Cookies[0].Name != sessionCookie || r.Cookies[0].MaxAge >= 0 {
				t.Errorf("%s: %v, cookies %v; want 401 and the name cleared", route, r, r.Cookies)
			}
		}
		for name, pair := range map[string][2]string{
			"a planted nonsense before the own": {"x", ann.Session()}, "a planted nonsense behind the own": {ann.Session(), "x"},
			"the own twice": {ann.Session(), ann.Session()}, "an empty one before the own": {"", ann.Session()},
		} {
			b := s.Browser()
			b.Header["Cookie"] = []string{sessionCookie + "=" + pair[0] + "; " + sessionCookie + "=" + pair[1]}
			if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("%s: %v, want 401", name, r)
			}
		}
		if r := both().Get("/look"); r.Status != http.StatusOK || len(r.Body) != 0 {
			t.Errorf("LoadUser: %v, want nobody", r)
		}
		planted := mallory.Session()
		if r := both().Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK || r.UserID() != id {
			t.Errorf("signing in with two cookies: %v", r)
		}
		for name, b := range map[string]*authtest.Browser{"the planted session": mallory, "the one before": ann} {
			if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized {
				t.Errorf("%s, once presented at a sign-in: %v, want 401", name, r)
			}
		}
		b := s.Browser()
		b.SetCookie(sessionCookie, planted)
		if r := b.Post("/auth/login", credentials(email, phrase)); r.Status != http.StatusOK || b.Session() == planted {
			t.Errorf("signing in over an ended session: %v, adopted %t", r, b.Session() == planted)
		}
	})
}
