package authtest_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

var ann = map[string]string{"email": "ann@example.com", "password": "a long pass phrase"}

func passwords() []auth.Provider { return []auth.Provider{password.New(password.Config{})} }

func TestSite(t *testing.T) {
	site := authtest.New(t, auth.Config{Providers: passwords()})
	b := site.Browser()
	r := b.Post("/auth/register", ann)
	if r.Status != http.StatusCreated || r.UserID() == "" || r.Code() != "" || r.Token() != "" || b.Session() == "" {
		t.Fatalf("register: %v, session %q", r, b.Session())
	}
	site.Mux.Handle("GET /me", site.Auth.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := auth.UserFrom(r.Context())
		fmt.Fprint(w, u.Email)
	})))
	if r := b.Get("/me"); r.Status != http.StatusOK || string(r.Body) != ann["email"] {
		t.Errorf("the application's own route: %v", r)
	}
	if u, err := site.Auth.UserByEmail(t.Context(), ann["email"]); err != nil || !u.CreatedAt.Equal(authtest.Start) {
		t.Errorf("user %v, %v; want made at %v", u, err, authtest.Start)
	}
	if !strings.Contains(site.Log(), "cheap_hash") {
		t.Errorf("the log does not tell of the cheap hashes:\n%s", site.Log())
	}
	if r := site.Browser().Post("/auth/login", map[string]string{"email": ann["email"], "password": "x"}); r.Code() != "invalid_credentials" || r.UserID() != "" {
		t.Errorf("a refusal: %v", r)
	}
}

func TestProveFirst(t *testing.T) {
	site := authtest.New(t, auth.Config{Providers: passwords()}, authtest.ProveFirst())
	b := site.Browser()
	if r := b.Post("/auth/register", ann); r.Status != http.StatusAccepted || b.Session() != "" || b.Site() != site {
		t.Fatalf("register: %v, session %q", r, b.Session())
	}
	code := site.Mail(t, ann["email"]).Code()
	if r := b.Post("/auth/email/verify", map[string]string{"code": code}); r.Status != http.StatusOK || b.Session() == "" {
		t.Errorf("the code %q: %v", code, r)
	}
	there := authtest.NewOn(t, authtest.Database(t), auth.Config{Providers: passwords()}, authtest.ProveFirst())
	if r := there.Browser().Post("/auth/register", ann); r.Status != http.StatusAccepted {
		t.Errorf("register on a database that is there: %v", r)
	}
}

func TestSitesAreStrangers(t *testing.T) {
	one, two := authtest.New(t, auth.Config{Providers: passwords()}), authtest.New(t, auth.Config{Providers: passwords()})
	one.Browser().Post("/auth/register", ann)
	if r := two.Browser().Post("/auth/login", ann); r.Status != http.StatusUnauthorized {
		t.Errorf("an account of one site at another: %v", r)
	}
	shared := authtest.NewOn(t, one.Client, auth.Config{Providers: passwords()})
	if r := shared.Browser().Post("/auth/login", ann); r.Status != http.StatusOK {
		t.Errorf("an account in a database that two sites share: %v", r)
	}
}

func TestSiteWithAConfigurationOfItsOwn(t *testing.T) {
	var log bytes.Buffer
	start := time.Date(2040, 5, 6, 7, 8, 9, 0, time.UTC)
	site := authtest.New(t, auth.Config{
		BaseURL: "https://shop.example:8443", Path: "/account", Providers: passwords(),
		Logger:   slog.New(slog.NewTextHandler(&log, nil)),
		Now:      func() time.Time { return start },
		Secrets:  [][]byte{[]byte(rand.Text() + rand.Text())},
		Sessions: sessions.Config{Lifetime: time.Hour},
		Hash:     auth.HashConfig{MemoryKiB: 16, Passes: 1, InsecureParams: true},
	})
	b := site.Browser()
	if r := b.Post("/auth/register", ann); r.Status != http.StatusNotFound {
		t.Errorf("the default path: %v", r)
	}
	r := b.Post("/account/register", ann)
	var body struct {
		Session struct {
			ExpiresAt time.Time `json:"expires_at"`
		}
	}
	if err := r.JSON(&body); err != nil || r.Status != http.StatusCreated || !body.Session.ExpiresAt.Equal(start.Add(time.Hour)) {
		t.Fatalf("register: %v, %v; want to expire an hour after %v", r, err, start)
	}
	b.Header.Set("Origin", "https://app.example")
	b.Header.Set("Sec-Fetch-Site", "")
	if r := b.Post("/account/logout", nil); r.Code() != "forbidden_origin" {
		t.Errorf("from the default origin: %v, want 403", r)
	}
	b.Header.Set("Origin", "https://shop.example:8443")
	if r := b.Post("/account/logout", nil); r.Status != http.StatusNoContent {
		t.Errorf("from its own origin: %v", r)
	}
	if site.Log() != "" || log.Len() == 0 {
		t.Errorf("logged %d bytes to the site, %d to the logger of the configuration", len(site.Log()), log.Len())
	}
}

// The helpers follow the cookie's name, also in development mode.
func TestSiteInDevelopmentMode(t *testing.T) {
	for _, row := range []struct {
		name, cookie string
		cfg          auth.Config
	}{
		{"development", "torii_session", auth.Config{BaseURL: "http://localhost:8080"}},
		{"a name of one's own", "__Host-sid", auth.Config{Sessions: sessions.Config{CookieName: "__Host-sid"}}},
	} {
		row.cfg.Providers = passwords()
		b := authtest.New(t, row.cfg).Browser()
		b.Post("/auth/register", ann)
		if r := b.Get("/auth/user"); r.Status != http.StatusOK || b.Cookie(row.cookie) == "" {
			t.Errorf("%s: %v, cookie %q", row.name, r, b.Cookie(row.cookie))
		}
		if b.Session() == "" || b.Session() != b.Cookie(row.cookie) {
			t.Errorf("%s: Session() is %q, want the cookie %s", row.name, b.Session(), row.cookie)
		}
	}
}

func TestBrowser(t *testing.T) {
	site := authtest.New(t, auth.Config{Providers: passwords()})
	site.Mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		fmt.Fprintf(w, "%s %s|%s|%q|%q|%q|%s", r.Method, r.Host, r.RemoteAddr, r.Header["Sec-Fetch-Site"], r.Header["Content-Type"], r.Header["X-Test"], &body)
	})
	for _, row := range []struct {
		name string
		send func(b *authtest.Browser) *authtest.Reply
		want string
	}{
		{"a GET", func(b *authtest.Browser) *authtest.Reply { return b.Get("/echo") },
			`GET app.example|192.0.2.1:40000|["same-origin"]|[]|[]|`},
		{"a map is JSON", func(b *authtest.Browser) *authtest.Reply { return b.Post("/echo", map[string]int{"a": 1}) },
			`POST app.example|192.0.2.1:40000|["same-origin"]|["application/json"]|[]|{"a":1}`},
		{"a string is sent as it is", func(b *authtest.Browser) *authtest.Reply { return b.Patch("/echo", "{") },
			`PATCH app.example|192.0.2.1:40000|["same-origin"]|["application/json"]|[]|{`},
		{"bytes are sent as they are", func(b *authtest.Browser) *authtest.Reply { return b.Do("PUT", "/echo", []byte("x")) },
			`PUT app.example|192.0.2.1:40000|["same-origin"]|["application/json"]|[]|x`},
		{"a DELETE has no body", func(b *authtest.Browser) *authtest.Reply { return b.Delete("/echo") },
			`DELETE app.example|192.0.2.1:40000|["same-origin"]|[]|[]|`},
		{"headers are added, replaced, left out", func(b *authtest.Browser) *authtest.Reply {
			b.Header["X-Test"] = []string{"1", "2"}
			b.Header.Set("Content-Type", "text/plain")
			b.Header.Set("Sec-Fetch-Site", "")
			return b.Post("/echo", "x")
		}, `POST app.example|192.0.2.1:40000|[]|["text/plain"]|["1" "2"]|x`},
		{"another address", func(b *authtest.Browser) *authtest.Reply { b.IP = "198.51.100.7"; return b.Get("/echo") },
			`GET app.example|198.51.100.7:40000|["same-origin"]|[]|[]|`},
		{"an address of IPv6", func(b *authtest.Browser) *authtest.Reply { b.IP = "2001:db8::1"; return b.Get("/echo") },
			`GET app.example|[2001:db8::1]:40000|["same-origin"]|[]|[]|`},
	} {
		if r := row.send(site.Browser()); string(r.Body) != row.want {
			t.Errorf("%s: %s, want %s", row.name, r.Body, row.want)
		}
	}
}

func TestCloneHasTheSameCookiesAndItsOwnFuture(t *testing.T) {
	site := authtest.New(t, auth.Config{Providers: passwords()})
	b := site.Browser()
	b.IP = "198.51.100.7"
	b.Header.Set("X-Test", "1")
	b.Post("/auth/register", ann)
	c := b.Clone()
	if c.Session() == "" || c.Session() != b.Session() || c.IP != b.IP || c.Header.Get("X-Test") != "1" {
		t.Fatalf("clone: session %q of %q, %s, %v", c.Session(), b.Session(), c.IP, c.Header)
	}
	c.Header.Set("X-Test", "2")
	c.SetCookie("theme", "dark")
	c.Post("/auth/login", ann) // ends the session that both had
	if b.Header.Get("X-Test") != "1" || b.Cookie("theme") != "" || b.Session() == c.Session() {
		t.Error("what the clone did has changed the original")
	}
	if r := b.Get("/auth/user"); r.Status != http.StatusUnauthorized || b.Session() != "" {
		t.Errorf("the original's ended session: %v, cookie %q; want 401 and none", r, b.Session())
	}
}

func TestAppHasNoCookies(t *testing.T) {
	site := authtest.New(t, auth.Config{Providers: passwords()})
	app := site.App()
	r := app.Post("/auth/register", ann)
	if r.Status != http.StatusCreated || len(r.Token()) != 43 || len(r.Cookies) != 0 || app.Session() != "" {
		t.Fatalf("register: %v, cookies %v", r, r.Cookies)
	}
	if r := app.Get("/auth/user"); r.Status != http.StatusUnauthorized {
		t.Errorf("without the token: %v", r)
	}
	app.Header.Set("Authorization", "Bearer "+r.Token())
	if r := app.Get("/auth/user"); r.Status != http.StatusOK {
		t.Errorf("with the token: %v", r)
	}
}

func TestClock(t *testing.T) {
	c := authtest.NewClock()
	if got := c.Now(); !got.Equal(authtest.Start) || got != c.Now() {
		t.Errorf("a new clock shows %v, want %v, standing still", got, authtest.Start)
	}
	done := make(chan struct{})
	for range 10 {
		go func() { c.Advance(time.Second); done <- struct{}{} }()
	}
	for range 10 {
		<-done
	}
	c.Advance(-4 * time.Second)
	if got, want := c.Now(), authtest.Start.Add(6*time.Second); !got.Equal(want) {
		t.Errorf("after ten seconds forth and four back: %v, want %v", got, want)
	}
}
