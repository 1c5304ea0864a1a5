package auth_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/providers/password"
	"github.com/torii-go/torii/sessions"
)

var secret = []byte("0123456789abcdefghijklmnopqrstuv")

// production is the least that New accepts for a real site.
func production() auth.Config {
	return auth.Config{
		BaseURL: "https://app.example", Secrets: [][]byte{secret}, SkipEmailVerification: true,
		Providers: []auth.Provider{password.New(password.Config{})},
		Logger:    slog.New(slog.DiscardHandler),
	}
}

func TestNewAcceptsTheLeastConfigurationOfAProductionSite(t *testing.T) {
	a, err := auth.New(&ent.Client{}, production())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewNamesTheFieldAndTheCure(t *testing.T) {
	t.Setenv("TORII_SECRET", "")
	tests := []struct {
		name   string
		change func(*auth.Config)
		want   []string // all in the error; none: accepted
	}{
		{"no base URL", func(c *auth.Config) { c.BaseURL = "" }, []string{"BaseURL", "https://app.example"}},
		{"a base URL with a path", func(c *auth.Config) { c.BaseURL += "/app" }, []string{"BaseURL", "origin alone"}},
		{"plain http on a host of the network", func(c *auth.Config) { c.BaseURL = "http://app.example" }, []string{"BaseURL", "https", "InsecureHTTP"}},
		{"plain http on a host whose name begins like localhost", func(c *auth.Config) { c.BaseURL = "http://localhost.evil.example" }, []string{"BaseURL", "InsecureHTTP"}},
		{"plain http that was asked for", func(c *auth.Config) { c.BaseURL, c.InsecureHTTP = "http://app.example", true }, nil},
		{"plain http on loopback", func(c *auth.Config) { c.BaseURL = "http://127.0.0.1:8080" }, nil},
		{"no secret", func(c *auth.Config) { c.Secrets = nil }, []string{"Secrets", "32 random bytes", "TORII_SECRET", "openssl rand"}},
		{"no secret in development", func(c *auth.Config) { c.Secrets, c.BaseURL = nil, "http://localhost:8080" }, nil},
		{"no secret over plain http on the network", func(c *auth.Config) { c.Secrets, c.BaseURL, c.InsecureHTTP = nil, "http://10.0.0.1", true }, []string{"Secrets"}},
		{"a short secret", func(c *auth.Config) { c.Secrets = [][]byte{secret[:31]} }, []string{"secret 0", "31 bytes", "at least 32"}},
		{"a short secret in development", func(c *auth.Config) { c.Secrets, c.BaseURL = [][]byte{secret[:31]}, "http://localhost" }, []string{"secret 0"}},
		{"a short second secret", func(c *auth.Config) { c.Secrets = [][]byte{secret, nil} }, []string{"secret 1", "0 bytes"}},
		{"a secret that is not random", func(c *auth.Config) { c.Secrets = [][]byte{make([]byte, 32)} }, []string{"secret 0", "not random"}},
		{"no mailer and no word about it", func(c *auth.Config) { c.SkipEmailVerification = false }, []string{"mailer", "SkipEmailVerification"}},
		{"a negative step-up time", func(c *auth.Config) { c.StepUpWithin = -time.Second }, []string{"StepUpWithin", "zero for 10 minutes"}},
		{"two providers of one name", func(c *auth.Config) { c.Providers = append(c.Providers, password.New(password.Config{})) }, []string{"Providers", `"password"`, "twice"}},
		{"a provider that is nil", func(c *auth.Config) { c.Providers = append(c.Providers, nil) }, []string{"Providers[1]", "nil"}},
		{"a hook that is nil", func(c *auth.Config) { c.Hooks = []auth.Hook{nil} }, []string{"Hooks[0]", "nil"}},
		{"a password policy below the least", func(c *auth.Config) { c.Providers = []auth.Provider{password.New(password.Config{MinLength: 4})} }, []string{"password", "MinLength 4"}},
		{"the root as path", func(c *auth.Config) { c.Path = "/" }, []string{"Path", "/auth"}},
		{"a path without a slash", func(c *auth.Config) { c.Path = "auth" }, []string{"Path", `"auth"`}},
		{"a path with a slash at its end", func(c *auth.Config) { c.Path = "/auth/" }, []string{"Path"}},
		{"a path with a wildcard", func(c *auth.Config) { c.Path = "/{x}" }, []string{"Path"}},
		{"a path with dots", func(c *auth.Config) { c.Path = "/a/../b" }, []string{"Path"}},
		{"a longer path", func(c *auth.Config) { c.Path = "/api/v1/auth" }, nil},
		{"a login page elsewhere", func(c *auth.Config) { c.LoginURL = "//evil.example" }, []string{"LoginURL", "path of this site"}},
		{"a login page with a scheme", func(c *auth.Config) { c.LoginURL = "https://evil.example" }, []string{"LoginURL"}},
		{"a login page with a backslash", func(c *auth.Config) { c.LoginURL = `/\evil.example` }, []string{"LoginURL"}},
		{"a login page with a query", func(c *auth.Config) { c.LoginURL = "/login?x=1" }, []string{"LoginURL", "without a query"}},
		{"a trusted origin with a path", func(c *auth.Config) { c.TrustedOrigins = []string{"https://a.example/"} }, []string{"TrustedOrigins"}},
		{"a trusted origin with a wildcard", func(c *auth.Config) { c.TrustedOrigins = []string{"https://*.example"} }, []string{"TrustedOrigins"}},
		{"the trusted origin null", func(c *auth.Config) { c.TrustedOrigins = []string{"null"} }, []string{"TrustedOrigins"}},
		{"a negative lifetime", func(c *auth.Config) { c.Sessions.Lifetime = -1 }, []string{"Sessions.Lifetime", "30 days"}},
		{"a negative idle timeout", func(c *auth.Config) { c.Sessions.IdleTimeout = -time.Second }, []string{"Sessions.IdleTimeout", "zero"}},
		{"a negative number of sessions", func(c *auth.Config) { c.Sessions.MaxPerUser = -1 }, []string{"Sessions.MaxPerUser", "100"}},
		{"a cookie that other hosts of the site can plant", func(c *auth.Config) { c.Sessions.CookieName = "session" }, []string{"Sessions.CookieName", "__Host-", "InsecureCookieName"}},
		{"the same, asked for", func(c *auth.Config) { c.Sessions.CookieName, c.Sessions.InsecureCookieName = "session", true }, nil},
		{"a cookie that browsers refuse over http", func(c *auth.Config) { c.BaseURL, c.Sessions.CookieName = "http://localhost", "__Host-x" }, []string{"Sessions.CookieName", "drop it"}},
		{"a cookie name with a semicolon", func(c *auth.Config) { c.Sessions.CookieName = "__Host-a;b" }, []string{"Sessions.CookieName", "RFC 6265"}},
		{"a hash below OWASP's minimum", func(c *auth.Config) { c.Hash.MemoryKiB = 1024 }, []string{"Memory", "InsecureParams"}},
		{"a cheap hash that was asked for", func(c *auth.Config) { c.Hash = auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true} }, nil},
	}
	for _, tt := range tests {
		cfg := production()
		tt.change(&cfg)
		a, err := auth.New(&ent.Client{}, cfg)
		if (err == nil) != (tt.want == nil) || (a == nil) != (err != nil) {
			t.Errorf("%s: New = %v, error %v, want accepted %t", tt.name, a != nil, err, tt.want == nil)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q, want %q in it", tt.name, err, want)
			}
		}
	}
}

func TestNewReportsEveryProblemAtOnce(t *testing.T) {
	t.Setenv("TORII_SECRET", "short")
	_, err := auth.New(nil, auth.Config{
		BaseURL: "http://app.example", Path: "auth", LoginURL: "login", TrustedOrigins: []string{"a.example"},
		StepUpWithin: -1, Providers: []auth.Provider{nil}, Hooks: []auth.Hook{nil}, Hash: auth.HashConfig{MemoryKiB: 1},
		Sessions: sessions.Config{Lifetime: -1, IdleTimeout: -1, MaxPerUser: -1, CookieName: " "},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, field := range []string{
		"BaseURL", "Path", "LoginURL", "TrustedOrigins", "SkipEmailVerification", "StepUpWithin", "Providers[0]", "Hooks[0]", "Memory",
		"Sessions.Lifetime", "Sessions.IdleTimeout", "Sessions.MaxPerUser", "Sessions.CookieName", "client is nil", "secret 0",
	} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("error does not name %s:\n%v", field, err)
		}
	}
	if strings.Contains(err.Error(), "short") {
		t.Errorf("error shows the secret: %v", err)
	}
}

func TestTheSecretComesFromTheEnvironment(t *testing.T) {
	client := authtest.Database(t)
	build := func(env string, secrets ...[]byte) *auth.Auth {
		t.Setenv("TORII_SECRET", env)
		cfg := production()
		cfg.Secrets = secrets
		a, err := auth.New(client, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close(context.Background()) })
		return a
	}
	const other = "vutsrqponmlkjihgfedcba9876543210"
	fromEnv, fromField, ruled := build(string(secret)), build("", secret), build(other, secret)
	u := newUser(t, fromEnv)
	device := newSession(t, fromEnv, u.ID).Device
	for name, a := range map[string]*auth.Auth{"the field": fromField, "the field beside another in the environment": ruled} {
		res, err := a.CreateSession(t.Context(), u.ID, auth.Client{Device: device})
		if err != nil || res.Device != "" {
			t.Errorf("a device cookie signed by the environment's secret is not known to %s: %v", name, err)
		}
	}
}

func TestARandomSecretIsAFinding(t *testing.T) {
	t.Setenv("TORII_SECRET", "")
	var log bytes.Buffer
	cfg := auth.Config{BaseURL: "http://localhost:8080", Logger: slog.New(slog.NewTextHandler(&log, nil))}
	a, err := auth.New(&ent.Client{}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range a.Findings() {
		codes = append(codes, f.Code)
		if n := strings.Count(log.String(), "code="+f.Code+" "); n != 1 || f.Text == "" {
			t.Errorf("finding %s with text %q was logged %d times, want 1:\n%s", f.Code, f.Text, n, &log)
		}
	}
	if want := []string{"random_secret", "no_provider"}; !slices.Equal(codes, want) {
		t.Errorf("findings %q, want %q", codes, want)
	}
}

func TestFindingsNameWhatIsWeak(t *testing.T) {
	cfg := production()
	cfg.BaseURL, cfg.InsecureHTTP = "http://app.example", true
	cfg.Hash = auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true}
	a, err := auth.New(authtest.Database(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, "http://app.example/auth/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	for range 3 {
		a.Client(r)
	}
	var codes []string
	for _, f := range a.Findings() {
		codes = append(codes, f.Code)
	}
	if want := []string{"plain_http", "unverified_email", "cheap_hash", "undeclared_proxy"}; !slices.Equal(codes, want) {
		t.Errorf("findings %q, want %q", codes, want)
	}
}
