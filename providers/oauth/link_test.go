package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/torii-go/torii/authtest"
)

type linked struct {
	Accounts []struct {
		ID, Provider, Name string
		Email              *string
		CreatedAt          string  `json:"created_at"`
		LastUsedAt         *string `json:"last_used_at"`
	}
}

func accounts(t testing.TB, b *authtest.Browser) linked {
	t.Helper()
	var list linked
	if r := b.Get("/auth/oauth/accounts"); r.Status != http.StatusOK || r.JSON(&list) != nil {
		t.Fatalf("accounts: %v", r)
	}
	return list
}

var linkIt = map[string]any{"link": true, "return_to": "/account"}

func TestLinkAndUnlink(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b, userID := s.register(t, "ann@example.net")
		session := b.Session()
		r := s.come(t, b, person("ann"), linkIt)
		if r.Status != http.StatusOK || r.UserID() != userID || b.Session() != session {
			t.Fatalf("link: %v, another session %t", r, b.Session() != session)
		}
		list := accounts(t, b)
		if len(list.Accounts) != 1 || list.Accounts[0].Provider != "demo" || list.Accounts[0].Name != "The demo" || *list.Accounts[0].Email != "ann@example.org" || list.Accounts[0].LastUsedAt == nil {
			t.Fatalf("%+v", list)
		}
		if m := s.Mail(t, "ann@example.net"); !strings.Contains(m.Text, "The demo") {
			t.Errorf("the owner is told %q", m.Text)
		}
		// Signing in by it leads to the account, whatever address it tells.
		if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.UserID() != userID || s.users(t) != 1 {
			t.Errorf("sign-in: %v", r)
		}
		other, _ := s.register(t, "bob@example.net")
		if r := other.Delete("/auth/oauth/accounts/" + list.Accounts[0].ID); r.Status != http.StatusNotFound {
			t.Errorf("somebody else unlinks: %v", r)
		}
		for _, id := range []string{"oac_none", "%00", strings.Repeat("a", 100)} {
			if r := b.Delete("/auth/oauth/accounts/" + id); r.Status != http.StatusNotFound {
				t.Errorf("unlink %q: %v", id, r)
			}
		}
		if r := b.Delete("/auth/oauth/accounts/" + list.Accounts[0].ID); r.Status != http.StatusNoContent || len(accounts(t, b).Accounts) != 0 {
			t.Errorf("unlink: %v", r)
		}
		if live, err := s.Auth.Sessions(t.Context(), userID); err != nil || len(live) != 1 {
			t.Errorf("%d sessions are left, %v", len(live), err)
		}
	})
}
