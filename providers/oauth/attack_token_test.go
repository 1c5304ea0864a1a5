package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent/oauthaccount"
	"github.com/torii-go/torii/providers/oauth"
)

// A sealed token opens in its own row and column, and nowhere else.
func TestAttackTokensAreMovedAbout(t *testing.T) {
	s := newSite(t, authtest.Database(t), keeps)
	ctx := t.Context()
	mallory := s.come(t, s.Browser(), person("mallory"), map[string]any{}).UserID()
	victim := s.come(t, s.Browser(), person("victim"), map[string]any{}).UserID()
	theirs := s.Client.OAuthAccount.Query().Where(oauthaccount.UserID(victim)).OnlyX(ctx)
	secret, err := s.oauth.Token(ctx, victim, "demo")
	if err != nil {
		t.Fatal(err)
	}
	mine := s.Client.OAuthAccount.Query().Where(oauthaccount.UserID(mallory)).OnlyX(ctx)
	for name, access := range map[string]string{
		"another row's": theirs.AccessToken, "another column's": mine.RefreshToken, "clear": secret, "as JSON": `"` + secret + `"`,
		"cut off": mine.AccessToken[:len(mine.AccessToken)-2], "of a key that is gone": "v1.0000000000000000." + strings.SplitN(mine.AccessToken, ".", 3)[2],
	} {
		s.Client.OAuthAccount.UpdateOneID(mine.ID).SetAccessToken(access).ExecX(ctx)
		if got, err := s.oauth.Token(ctx, mallory, "demo"); err == nil || got != "" || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	// A refresh token that has been moved is not sent either.
	s.Client.OAuthAccount.UpdateOneID(mine.ID).SetAccessToken(mine.AccessToken).SetRefreshToken(theirs.RefreshToken).ExecX(ctx)
	s.Clock.Advance(2 * time.Hour)
	n := s.idp.TokenRequests()
	if got, err := s.oauth.Token(ctx, mallory, "demo"); err == nil || got != "" || s.idp.TokenRequests() != n {
		t.Errorf("a moved refresh token: %q, %v, sent %d times", got, err, s.idp.TokenRequests()-n)
	}
}

// Tokens print as nothing, however somebody prints what holds them.
func TestAttackTokensArePrinted(t *testing.T) {
	tokens := auth.ProviderTokens{Access: "acc-secret", Refresh: "ref-secret", Expires: time.Now()}
	i := auth.Identity{Provider: "demo", Subject: "1", Tokens: &tokens}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%f", "%T%v", "%o", "%c", "%U", "%e", "%b"} {
		for _, v := range []any{tokens, &tokens, i, &i, []auth.ProviderTokens{tokens}, map[string]auth.ProviderTokens{"a": tokens}, struct{ T auth.ProviderTokens }{tokens}} {
			text := fmt.Sprintf(verb, v)
			if hex := fmt.Sprintf("%x", "secret"); strings.Contains(text, "secret") || strings.Contains(strings.ToLower(text), hex) {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
	var log bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewJSONHandler(&log, nil)), slog.New(slog.NewTextHandler(&log, nil))} {
		l.Info("x", "tokens", tokens, "pointer", &tokens)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("logged: %s", log.String())
	}
	row := func() string {
		s := newSite(t, authtest.Database(t), keeps)
		s.come(t, s.Browser(), person("ada"), map[string]any{})
		row := s.Client.OAuthAccount.Query().OnlyX(t.Context())
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprintf("%v %s", row, text)
		for _, sealed := range []string{row.AccessToken, row.RefreshToken} {
			if strings.Contains(all, sealed) {
				t.Error("a row prints what is sealed in it")
			}
		}
		return all
	}()
	if !strings.Contains(row, "demo") {
		t.Errorf("nothing is printed: %s", row)
	}
}

// Nothing that is secret on the way is in the log, in an event, in a table, or in an answer.
func TestAttackSecretsOnTheWay(t *testing.T) {
	seen := map[string]string{}
	s := newSite(t, authtest.Database(t), func(idp *oauth.IDP) {
		keeps(idp)
		next := idp.Transport
		idp.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				if err := r.ParseForm(); err != nil {
					return nil, err
				}
				seen["verifier"], seen["code"] = r.PostForm.Get("code_verifier"), r.PostForm.Get("code")
				r.Body = http.NoBody
				return nil, errors.New("nobody answers")
			}
			return next.RoundTrip(r)
		})
	})
	b := s.Browser()
	to, first := begin(b, map[string]any{"return_to": "/secret-place"})
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state", "nonce"} {
		seen[name] = u.Query().Get(name)
	}
	seen["flow"] = b.Cookie("__Host-torii_flow")
	dump := fmt.Sprint(s.Client.Challenge.Query().AllX(t.Context()))
	for _, row := range s.Client.Challenge.Query().AllX(t.Context()) {
		dump += row.Data + string(row.FlowHash)
	}
	callback := s.visit(t, to, person("ada"))
	r := b.Get(pathOf(callback) + "&error_description=" + url.QueryEscape("<script>") + "&id_token=x")
	if r.Header.Get("Location") != "/auth/error?code=oauth_failed" || seen["code"] == "" || len(seen["verifier"]) < 43 {
		t.Fatal(r, seen)
	}
	events := fmt.Sprint(s.Client.AuthEvent.Query().AllX(t.Context()))
	for name, secret := range seen {
		for where, text := range map[string]string{"the log": s.Log(), "an event": events, "a table": dump, "the answer": r.String() + fmt.Sprint(r.Header)} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s is in %s", name, where)
			}
		}
	}
	if strings.Contains(first.String()+to, seen["verifier"]) || strings.Contains(s.Log(), "s3cret of the client") {
		t.Error("the verifier or the client's secret is told")
	}
}

// At the same moment: whatever happens to an account while its owner comes back, nobody is
// in who may not be, and nothing is left of what has gone.
func TestAttackRaces(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for name, end := range map[string]func(userID string) error{
			"disable": func(id string) error { return s.Auth.DisableUser(t.Context(), id) },
			"delete":  func(id string) error { return s.Auth.DeleteUser(t.Context(), id) },
			"sign out": func(id string) error {
				_, err := s.Auth.EndSessions(t.Context(), id)
				return err
			},
		} {
			who := person(strings.ReplaceAll(name, " ", ""))
			userID := s.come(t, s.Browser(), who, map[string]any{}).UserID()
			const n = 8
			browsers, callbacks := make([]*authtest.Browser, n), make([]string, n)
			for i := range n {
				browsers[i] = s.Browser()
				to, _ := begin(browsers[i], map[string]any{})
				callbacks[i] = s.visit(t, to, who)
			}
			got := authtest.InParallel(n+1, func(i int) string {
				if i == n {
					if err := end(userID); err != nil {
						t.Error(name, err)
					}
					return "end"
				}
				r := back(browsers[i], callbacks[i])
				if r.Status >= 500 {
					t.Errorf("%s: %v\n%s", name, r, s.Log())
				}
				return fmt.Sprint(r.Status)
			})
			live, err := s.Auth.Sessions(t.Context(), userID)
			if err != nil {
				t.Fatal(err)
			}
			if name != "sign out" && len(live) != 0 {
				t.Errorf("%s: %d sessions of the account are left (%v)", name, len(live), got)
			}
			rows := s.Client.OAuthAccount.Query().Where(oauthaccount.Subject(who.Subject)).AllX(t.Context())
			for _, row := range rows {
				if _, err := s.Auth.User(t.Context(), row.UserID); err != nil {
					t.Errorf("%s: an identity of nobody: %v", name, err)
				}
			}
			if len(rows) > 1 {
				t.Errorf("%s: %d identities", name, len(rows))
			}
		}
	})
}

// One native flow opens one session, and fifty links of one identity to fifty accounts are
// one link.
func TestAttackRacesOfOne(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const n = 10
		browsers, callbacks := make([]*authtest.Browser, n), make([]string, n)
		for i := range n {
			browsers[i], _ = s.register(t, fmt.Sprint("u", i, "@example.net"))
			to, _ := begin(browsers[i], linkIt)
			callbacks[i] = s.visit(t, to, person("mallory"))
		}
		got := authtest.InParallel(n, func(i int) string {
			r := back(browsers[i], callbacks[i])
			return fmt.Sprint(r.Status, r.Code())
		})
		if got["200"] != 1 || got["409identity_taken"] != n-1 || s.links(t) != 1 {
			t.Errorf("%v, %d links", got, s.links(t))
		}
	})
}
