package oauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
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

// Nothing is linked for whoever is not the one who began, in the session that began.
func TestLinkIsBoundToItsSession(t *testing.T) {
	s := lite(t)
	if _, r := begin(s.Browser(), linkIt); r.Code() != auth.ErrUnauthenticated.Code {
		t.Errorf("nobody: %v", r)
	}
	for name, meanwhile := range map[string]func(b *authtest.Browser){
		"signed out": func(b *authtest.Browser) { b.Post("/auth/logout", nil) },
		"signed in as Mallory": func(b *authtest.Browser) {
			b.Post("/auth/login", map[string]string{"email": "mallory@example.net", "password": phrase})
		},
		"signed in anew": func(b *authtest.Browser) {
			b.Post("/auth/login", map[string]string{"email": "ann@example.net", "password": phrase})
		},
	} {
		s := lite(t)
		s.register(t, "mallory@example.net")
		b, _ := s.register(t, "ann@example.net")
		to, r := begin(b, linkIt)
		if r.Status != http.StatusOK {
			t.Fatal(r)
		}
		callback := s.visit(t, to, person("ann"))
		meanwhile(b)
		if r := back(b, callback); r.Code() != auth.ErrUnauthenticated.Code || s.links(t) != 0 || s.idp.TokenRequests() != 0 {
			t.Errorf("%s: %v, %d links, %d requests", name, r, s.links(t), s.idp.TokenRequests())
		}
	}
	b, _ := s.register(t, "ann@example.net")
	s.Clock.Advance(time.Hour)
	if _, r := begin(b, linkIt); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("an old session: %v", r)
	}
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	if _, r := begin(b, linkIt); r.Code() != auth.ErrForbiddenOrigin.Code {
		t.Errorf("another site: %v", r)
	}
}

// An identity that is somebody's stays theirs.
func TestForeignIdentityIsNotMoved(t *testing.T) {
	s := lite(t)
	owner := s.come(t, s.Browser(), person("ann"), map[string]any{}).UserID()
	b, _ := s.register(t, "mallory@example.net")
	if r := s.come(t, b, person("ann"), linkIt); r.Status != http.StatusConflict || r.Code() != "identity_taken" {
		t.Errorf("%v", r)
	}
	to, _ := begin(b, linkIt)
	if r := b.Get(pathOf(s.visit(t, to, person("ann")))); r.Header.Get("Location") != "/auth/error?code=identity_taken" {
		t.Errorf("in a browser: %v", r)
	}
	if r := s.come(t, s.Browser(), person("ann"), map[string]any{}); r.UserID() != owner || s.links(t) != 1 {
		t.Errorf("its owner: %v", r)
	}
}

// The last way to sign in stays, and only a proof that the provider has just asked for
// makes a session recent.
func TestLastWayStays(t *testing.T) {
	s := newSite(t, authtest.Database(t), nil)
	b := s.Browser()
	who := person("ann")
	who.Email, who.EmailVerified = "ann@example.net", nil
	s.come(t, b, who, map[string]any{})
	id := accounts(t, b).Accounts[0].ID
	if r := b.Delete("/auth/oauth/accounts/" + id); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("in a session that nobody can call recent: %v", r)
	}
	if r := s.come(t, b, who, map[string]any{"fresh": true}); r.Status != http.StatusOK {
		t.Fatalf("fresh: %v\n%s", r, s.Log())
	}
	if r := b.Delete("/auth/oauth/accounts/" + id); r.Code() != auth.ErrLastSignInMethod.Code || s.links(t) != 1 {
		t.Errorf("the last way: %v", r)
	}
	s.Clock.Advance(time.Hour)
	if r := b.Delete("/auth/oauth/accounts/" + id); r.Code() != auth.ErrStepUpRequired.Code {
		t.Errorf("an hour later: %v", r)
	}
}
