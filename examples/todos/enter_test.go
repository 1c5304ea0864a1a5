package main

import (
	"net/http"
	"strings"
	"testing"
)

// What is wrong is said beside the field, with the address that was typed but no
// password.
func TestRefusedEntrance(t *testing.T) {
	t.Parallel()
	base := start(t, "-dsn", "file:"+t.TempDir()+"/x.db?"+strings.SplitN(defaultDSN, "?", 2)[1])
	signUp(t, base, "ada@example.org")
	const typed = "typed-secret-word"
	for _, row := range []struct {
		name, path, email, password string
		status                      int
		says                        string
	}{
		{"taken address", "/register", "Ada@example.org", typed, 409, "an account with this address already"},
		{"no address", "/register", "nonsense", typed, 422, "like name@example.org"},
		{"short password", "/register", "bob@example.org", "short", 422, "at least 8 characters"},
		{"long password", "/register", "bob@example.org", strings.Repeat("long ", 30), 422, "at most 128"},
		{"common password", "/register", "bob@example.org", "password1", 422, "tried first"},
		{"the address as password", "/register", "bob@example.org", "bob@example.org", 422, "easily guessed"},
		{"password that is no text", "/register", "bob@example.org", "\xff\xfe\xff\xfe\xff\xfe\xff\xfe", 422, "cannot be used"},
		{"wrong password", "/login", "ada@example.org", typed, 401, "address or password is wrong"},
		{"unknown address", "/login", "who@example.org", typed, 401, "address or password is wrong"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBrowser(t, base)
			got := b.post(row.path, "email", row.email, "password", row.password)
			want(t, row.name, got, row.status, row.says, "<title>Error: ", `value="`+row.email+`"`)
			if strings.Contains(got.body, typed) {
				t.Error("the password is in the page")
			}
			wantRedirect(t, "the list", b.get("/"), "/login?return_to=%2F")
		})
	}
}

func TestTooManyTries(t *testing.T) {
	t.Parallel()
	b := newBrowser(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db?"+strings.SplitN(defaultDSN, "?", 2)[1]))
	for range 5 {
		want(t, "a wrong password", b.post("/login", "email", "ada@example.org", "password", "wrong password"), http.StatusUnauthorized)
	}
	got := b.post("/login", "email", "ada@example.org", "password", "wrong password")
	want(t, "one too many", got, http.StatusTooManyRequests, "too many tries")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	b := signUp(t, start(t, "-dsn", "file:"+t.TempDir()+"/x.db?"+strings.SplitN(defaultDSN, "?", 2)[1]), "ada@example.org")
	for path, status := range map[string]int{"/": 200, "/nowhere": 404, "/static/style.css": 200} {
		got := b.get(path)
		want(t, path, got, status)
		if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("GET %s: Content-Security-Policy %q", path, csp)
		}
		if cache := got.header.Get("Cache-Control"); !strings.HasPrefix(path, "/static/") && cache != "no-store" {
			t.Errorf("GET %s: Cache-Control %q, want no-store", path, cache)
		}
	}
}
