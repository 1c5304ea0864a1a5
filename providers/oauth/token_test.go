package oauth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/providers/oauth"
)

func keeps(idp *oauth.IDP) {
	idp.KeepTokens = true
	idp.Scopes = []string{"openid", "email", "profile", "offline_access"}
}

// A token is refreshed when it has expired: once, however many ask at the same moment.
func TestTokenIsRefreshedOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		client, err := migrate.Open(t.Context(), db.Driver, db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		s := newSite(t, client, keeps)
		userID := s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
		first, err := s.oauth.Token(t.Context(), userID, "demo")
		if err != nil || first == "" || s.idp.TokenRequests() != 1 {
			t.Fatalf("%q, %v, %d requests", first, err, s.idp.TokenRequests())
		}
		for round := range 2 {
			s.Clock.Advance(2 * time.Hour)
			tokens := authtest.InParallel(50, func(int) string {
				token, err := s.oauth.Token(t.Context(), userID, "demo")
				if err != nil {
					t.Error(err)
				}
				return token
			})
			if len(tokens) != 1 || tokens[first] != 0 || s.idp.TokenRequests() != 2+round {
				t.Errorf("round %d: %d tokens, %d requests", round, len(tokens), s.idp.TokenRequests())
			}
		}
		notClear(t, s, client, first)
	})
}

// notClear looks for a token where none may be.
func notClear(t *testing.T, s *site, client *ent.Client, token string) {
	t.Helper()
	row := client.OAuthAccount.Query().OnlyX(t.Context())
	if row.AccessToken == "" || row.RefreshToken == "" || strings.Contains(row.AccessToken, token) {
		t.Errorf("stored: %q, %q", row.AccessToken, row.RefreshToken)
	}
	if strings.Contains(s.Log(), token) {
		t.Error("the token is in the log")
	}
}

func TestWithoutAToken(t *testing.T) {
	s := newSite(t, authtest.Database(t), keeps)
	b := s.Browser()
	r := s.come(t, b, person("ada"), map[string]any{})
	userID := r.UserID()
	if token, err := s.oauth.Token(t.Context(), userID, "demo"); err != nil || strings.Contains(string(r.Body), token) {
		t.Fatalf("the browser is told the token, or there is none: %v", err)
	}
	if _, err := s.oauth.Token(t.Context(), "usr_nobody", "demo"); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := s.oauth.Token(t.Context(), userID, "other"); !errors.Is(err, oauth.ErrUnknownProvider) {
		t.Errorf("an unknown provider: %v", err)
	}
	// A provider in trouble is asked again later; one that has taken the grant back is not.
	s.Clock.Advance(2 * time.Hour)
	s.idp.Lie(authtest.LieTokenStatus500)
	if _, err := s.oauth.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrFailed) {
		t.Errorf("a provider in trouble: %v", err)
	}
	s.idp.Lie()
	s.Clock.Advance(time.Minute)
	if token, err := s.oauth.Token(t.Context(), userID, "demo"); err != nil || token == "" {
		t.Errorf("a provider that is back: %q, %v", token, err)
	}
	s.Clock.Advance(365 * 24 * time.Hour)
	n := s.idp.TokenRequests()
	for range 2 {
		if _, err := s.oauth.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("a grant that is over: %v", err)
		}
	}
	if got := s.idp.TokenRequests() - n; got != 1 {
		t.Errorf("a grant that is over was tried %d times", got)
	}
	// Signing in brings new ones.
	if r := s.come(t, s.Browser(), person("ada"), map[string]any{}); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	if token, err := s.oauth.Token(t.Context(), userID, "demo"); err != nil || token == "" {
		t.Errorf("after a sign-in: %q, %v", token, err)
	}
	if err := s.Auth.DeleteUser(t.Context(), userID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.oauth.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("a user who is gone: %v", err)
	}
}

// Nothing is kept that was not asked for.
func TestTokensAreNotKept(t *testing.T) {
	s := lite(t)
	userID := s.come(t, s.Browser(), person("ada"), map[string]any{}).UserID()
	if _, err := s.oauth.Token(t.Context(), userID, "demo"); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("%v", err)
	}
	if row := s.Client.OAuthAccount.Query().OnlyX(t.Context()); row.AccessToken != "" || row.RefreshToken != "" {
		t.Errorf("stored: %q", row.AccessToken)
	}
	if _, err := oauth.New().Token(t.Context(), userID, "demo"); !errors.Is(err, auth.ErrNotMounted) {
		t.Errorf("a provider of no Auth: %v", err)
	}
}
