package password_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
)

// traces are the forms in which a password must be nowhere.
func traces(secret string) []string {
	list := []string{secret, strings.ToUpper(secret), hex.EncodeToString([]byte(secret)), url.QueryEscape(secret)}
	for shift := range 3 { // base64 of it, wherever it begins in a longer text
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		list = append(list, text[4:len(text)-4])
	}
	return list
}

// Registered, signed in, changed, flagged and replaced behind a second factor: the
// password itself is in no table, no cookie, no answer and no log.
func TestPasswordIsNowhere(t *testing.T) {
	db := testdb.New(t, "sqlite3")
	client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, client, auth.Config{})
	email, b := person(), s.Browser()
	secrets := []string{"the very first phrase?", "the second one, better", "the third, and the last"}
	var seen bytes.Buffer
	post := func(path string, want int, members ...string) {
		t.Helper()
		body := map[string]string{}
		for i := 0; i < len(members); i += 2 {
			body[members[i]] = members[i+1]
		}
		r := b.Post(path, body)
		if r.Status != want {
			t.Fatalf("%s: %v, want %d", path, r, want)
		}
		seen.Write(r.Body)
		if err := r.Header.Write(&seen); err != nil {
			t.Fatal(err)
		}
	}
	post("/auth/register", http.StatusCreated, "email", email, "password", secrets[0])
	post("/auth/login", http.StatusUnauthorized, "email", email, "password", secrets[1])
	post("/auth/login", http.StatusUnauthorized, "email", secrets[1], "password", secrets[1])
	post("/auth/login", http.StatusOK, "email", email, "password", secrets[0])
	post("/auth/step-up", http.StatusOK, "password", secrets[0])
	post("/auth/password", http.StatusOK, "current_password", secrets[0], "new_password", secrets[1])
	u, err := s.Auth.UserByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.factor.Enrol(t.Context(), u.ID, "271828"); err != nil {
		t.Fatal(err)
	}
	if err := s.pw.RequireChange(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	post("/auth/login", http.StatusUnauthorized, "email", email, "password", secrets[1], "new_password", secrets[2])
	if s.Client.Challenge.Query().CountX(t.Context()) != 1 {
		t.Fatal("no sign-in waits for its second factor")
	}

	seen.WriteString(s.Log())
	files, err := filepath.Glob(filepath.Join(filepath.Dir(strings.TrimPrefix(db.DSN, "file:")), "x.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("database files %q, %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(data)
	}
	if !bytes.Contains(seen.Bytes(), []byte(email)) || !bytes.Contains(seen.Bytes(), []byte("$argon2id$")) {
		t.Fatal("the address and the hash were not found either: nothing was searched")
	}
	for _, secret := range secrets {
		for _, trace := range traces(secret) {
			if bytes.Contains(seen.Bytes(), []byte(trace)) {
				t.Errorf("%q was left behind, of %q", trace, secret)
			}
		}
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
