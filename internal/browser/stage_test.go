package browser_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/torii-go/torii/internal/browser"
)

// phrase is everybody's password.
const phrase = "a long and lovely password"

// stage is the site beside a certified provider, which the site calls Work, and a browser.
type stage struct {
	*browser.Site
	chromium *browser.Chromium
}

func newStage(t *testing.T) stage {
	t.Helper()
	chromium := browser.Start(t)
	idp := browser.StartOpenID(t)
	site := browser.StartSite(t, "-demo-idp=false", "-oidc", "work="+idp.Issuer+","+idp.ClientID+","+idp.ClientSecret)
	idp.Register(site.URL("/auth/oauth/work/callback"))
	return stage{site, chromium}
}

// sayWho signs in at the provider, which has not seen this browser before.
func sayWho(tab *browser.Tab, login string) {
	tab.Sees("[ Cancel ]")
	tab.Type("login", login)
	tab.Type("password", "whatever")
	tab.Press("Sign-in")
}

// come signs somebody in to the site by the provider, up to the account's page.
func (s stage) come(tab *browser.Tab, login string) {
	tab.Open(s.URL("/login"))
	tab.Press("Continue with Work")
	sayWho(tab, login)
	tab.Press("Continue") // the consent
	tab.At(s.URL("/account"))
}

// register makes an account with a password.
func (s stage) register(tab *browser.Tab, email string) {
	tab.Open(s.URL("/register"))
	tab.Type("email", email)
	tab.Type("password", phrase)
	tab.Press("Create account")
	tab.At(s.URL("/account"))
}

// whoIs is the id of who is signed in.
func (s stage) whoIs(t *testing.T, tab *browser.Tab) string {
	t.Helper()
	tab.Open(s.URL("/me"))
	tab.Sees("A protected page")
	_, text, _ := strings.Cut(tab.Text(), "{")
	text = text[:strings.LastIndex(text, "}")+1]
	var me struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	if err := json.Unmarshal([]byte("{"+text), &me); err != nil || me.User.ID == "" {
		t.Fatalf("/me says %q: %v", text, err)
	}
	return me.User.ID
}

var provenAt = regexp.MustCompile(`@\d+`)

// later makes it long ago that a user has shown who they are: in the database, since the
// site has the time of the machine.
func (s stage) later(t *testing.T, user string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.Database+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stored := map[string]string{}
	rows, err := db.QueryContext(t.Context(), "SELECT id, factors FROM auth_sessions WHERE user_id = ?", user)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, factors string
		if err := rows.Scan(&id, &factors); err != nil {
			t.Fatal(err)
		}
		stored[id] = factors
	}
	if err := rows.Err(); err != nil || len(stored) == 0 {
		t.Fatalf("%d sessions, %v", len(stored), err)
	}
	for id, factors := range stored {
		if _, err := db.ExecContext(t.Context(), "UPDATE auth_sessions SET factors = ? WHERE id = ?", provenAt.ReplaceAllString(factors, "@1"), id); err != nil {
			t.Fatal(err)
		}
	}
}

// mailed waits for a mail to somebody that has a word in it.
func (s stage) mailed(t *testing.T, to, word string) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(s.Mail, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), to) && strings.Contains(string(text), word) {
				return
			}
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("no mail to %s with %q among %q", to, word, files)
		}
	}
}
