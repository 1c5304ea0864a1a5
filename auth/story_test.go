package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
)

// told is a whole story and what was secret in it.
type told struct {
	site    *authtest.Site
	secrets map[string]string // by what they are
	names   []string          // how the person is called
}

// tell lets somebody sign up, guess, prove, change and half sign in, in a browser and
// in an app, and keeps every secret that was sent or received.
func tell(t *testing.T, client *ent.Client, cfg auth.Config) told {
	t.Helper()
	const first, second, guess = "canary-correct-horse", "canary-battery-staple", "canary-wrong-guess"
	factor := &authtest.SecondFactor{}
	cfg.Providers = []auth.Provider{password.New(password.Config{}), factor}
	cfg.Secrets = [][]byte{[]byte("canary-signing-secret-0123456789")}
	s := newSite(t, client, cfg)
	st := told{site: s, names: []string{"Canary-Person@People.Example", "canary-person@people.example", "Canary Nightingale"}, secrets: map[string]string{
		"the first password": first, "the second password": second, "a guess": guess,
		"a password typed as an address": "canary-typed-as-address", "the signing secret": string(cfg.Secrets[0]),
	}}
	b := s.Browser()
	expect := func(r *authtest.Reply, status int) *authtest.Reply {
		t.Helper()
		if r.Status != status {
			t.Fatalf("%v, want %d", r, status)
		}
		for _, c := range r.Cookies {
			if c.Value != "" {
				st.secrets["the cookie "+c.Name+" "+c.Value[:4]] = c.Value
			}
		}
		if token := r.Token(); token != "" {
			st.secrets["the token "+token[:4]] = token
		}
		return r
	}
	id := expect(b.Post("/auth/register", map[string]string{"email": st.names[0], "password": first, "name": st.names[2]}), 201).UserID()
	expect(b.Post("/auth/register", map[string]string{"email": st.names[0], "password": first}), 409)
	expect(s.Browser().Post("/auth/login", credentials(st.names[0], guess)), 401)
	expect(s.Browser().Post("/auth/login", credentials("canary-typed-as-address", guess)), 401)
	expect(s.Browser().Get("/auth/user?token="+b.Session()+"&password="+first), 401)
	expect(b.Post("/auth/step-up", map[string]string{"password": guess}), 403)
	expect(b.Post("/auth/step-up", map[string]string{"password": first}), 200)
	expect(b.Post("/auth/password", map[string]string{"current_password": guess, "new_password": second}), 403)
	expect(b.Post("/auth/password", map[string]string{"current_password": first, "new_password": second}), 200)
	expect(b.Patch("/auth/user", `{"name":"`+st.names[2]+`"}`), 200)

	app := s.App()
	token := expect(app.Post("/auth/login", credentials(st.names[1], second)), 200).Token()
	app.Header.Set("Authorization", "Bearer "+token)
	token = expect(app.Post("/auth/step-up", map[string]string{"password": second}), 200).Token()
	app.Header.Set("Authorization", "Bearer "+token+"x")
	expect(app.Get("/auth/user"), 401)

	if err := factor.Enrol(t.Context(), id, testCode); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	expect(s.Browser().Post("/auth/login", credentials(st.names[0], second)), 401) // its flow stays open
	bearer := s.App()
	var body struct{ Flow string }
	if err := expect(bearer.Post("/auth/login", credentials(st.names[0], second)), 401).JSON(&body); err != nil || body.Flow == "" {
		t.Fatalf("flow %q, %v", body.Flow, err)
	}
	st.secrets["the flow of an app"] = body.Flow
	return st
}

func TestNoSecretAndNoPersonIsLogged(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		st := tell(t, client, auth.Config{Hooks: []auth.Hook{}})
		log := st.site.Log()
		if !strings.Contains(log, "invalid_credentials") {
			t.Fatalf("the log does not speak of the story:\n%s", log)
		}
		for name, secret := range st.secrets {
			if strings.Contains(log, secret) {
				t.Errorf("the log has %s:\n%s", name, log)
			}
		}
		for _, name := range st.names {
			if strings.Contains(strings.ToLower(log), strings.ToLower(name)) {
				t.Errorf("the log has %s:\n%s", name, log)
			}
		}
		if strings.Contains(log, "level=ERROR") {
			t.Errorf("a story without a mistake logged an error:\n%s", log)
		}
	})
}

func TestRefusalsAreOneLineEachInTheLog(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{})
	b := s.Browser()
	b.Header.Set("User-Agent", "x\r\ntime=now level=ERROR msg=forged")
	before := strings.Count(s.Log(), "\n")
	if r := b.Get("/auth/sessions%0alevel=ERROR%1b[31m"); r.Status != http.StatusNotFound {
		t.Errorf("a path with a line break: %v", r)
	}
	if got := s.Log(); strings.Count(got, "\n") != before+1 || strings.Contains(got, "\x1b") || strings.Contains(got, "\nlevel=ERROR") {
		t.Errorf("log after one refusal:\n%q", got)
	}
}
