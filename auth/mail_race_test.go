package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// What the stories about mailed secrets share.

var houses atomic.Uint64

// elsewhere is a browser whose address no limit has seen.
func elsewhere(s *authtest.Site) *authtest.Browser {
	n := houses.Add(1)
	b := s.Browser()
	b.IP = fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
	return b
}

// resetLink asks for a link for an address and returns its secret.
func resetLink(t testing.TB, s *authtest.Site, email string) string {
	t.Helper()
	if r := elsewhere(s).Post("/auth/password/reset/request", map[string]string{"email": email}); r.Status != http.StatusAccepted {
		t.Fatalf("request: %v", r)
	}
	return secretIn(t, s.Mail(t, email))
}

func secretIn(t testing.TB, m mail.Message) string {
	t.Helper()
	for _, link := range m.Links() {
		if u, err := url.Parse(link); err == nil && u.Query().Get("token") != "" {
			return u.Query().Get("token")
		}
	}
	t.Fatalf("no link in %q", m.Text)
	return ""
}

func setByLink(b *authtest.Browser, secret, phrase string) *authtest.Reply {
	return b.Post("/auth/password/reset/confirm", map[string]string{"token": secret, "new_password": phrase})
}

// verified is an account whose address is proven, and a browser signed in to it.
func verified(t testing.TB, s *authtest.Site) (email, id string, b *authtest.Browser) {
	t.Helper()
	email, b = person(), elsewhere(s)
	id = register(t, b, email)
	s.Client.User.Update().Where(user.ID(id)).SetEmailVerifiedAt(s.Clock.Now()).ExecX(t.Context())
	return email, id, b
}

// opens tells which of the phrases opens an account.
func opens(s *authtest.Site, email string, phrases ...string) (list []string) {
	for _, p := range phrases {
		if elsewhere(s).Post("/auth/login", credentials(email, p)).Status == http.StatusOK {
			list = append(list, p)
		}
	}
	return list
}

// Fifty presses on two links of one user set one password.
func TestOfTwoLinksAtOnceOneIsUsed(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for _, proven := range []bool{true, false} {
			email, id, _ := verified(t, s)
			if !proven {
				client.User.Update().Where(user.ID(id)).ClearEmailVerifiedAt().ExecX(t.Context())
			}
			links := []string{resetLink(t, s, email), resetLink(t, s, email)}
			var winner atomic.Int64
			got := authtest.InParallel(50, func(i int) int {
				status := setByLink(elsewhere(s), links[i%2], fmt.Sprint("a long new phrase ", i)).Status
				if status == http.StatusNoContent {
					winner.Store(int64(i))
				}
				return status
			})
			if got[http.StatusNoContent] != 1 || got[http.StatusBadRequest] != 49 {
				t.Errorf("proven %t: 50 confirmations: %v, want one 204 and 49 times 400", proven, got)
			}
			won := fmt.Sprint("a long new phrase ", winner.Load())
			if list := opens(s, email, phrase, won); len(list) != 1 || list[0] != won {
				t.Errorf("proven %t: %q open the account, want the winner's %q", proven, list, won)
			}
			if n := client.MagicToken.Query().Where(magictoken.UserID(id), magictoken.UsedAtIsNil()).CountX(t.Context()); n != 0 {
				t.Errorf("proven %t: %d links are left", proven, n)
			}
		}
	})
}

// A link and a change by the owner of a session end each other: one of fifty succeeds.
func TestALinkAndAChangeEndEachOther(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for round := range 4 {
			email, _, b := verified(t, s)
			link := resetLink(t, s, email)
			var done atomic.Int64
			got := authtest.InParallel(50, func(i int) string {
				phrase := fmt.Sprint("a long new phrase ", i)
				var r *authtest.Reply
				if i%2 == 0 {
					r = setByLink(elsewhere(s), link, phrase)
				} else {
					r = b.Clone().Post("/auth/password", map[string]string{"current_password": "a long pass phrase", "new_password": phrase})
				}
				if r.Status < 300 {
					done.Store(int64(i))
					return "done"
				}
				if r.Status >= 500 {
					t.Errorf("%v", r)
				}
				return "refused"
			})
			won := fmt.Sprint("a long new phrase ", done.Load())
			if list := opens(s, email, phrase, won); got["done"] != 1 || len(list) != 1 || list[0] != won {
				t.Errorf("round %d: %v, %q open the account; want one done, and %q", round, got, list, won)
			}
		}
	})
}

// While a user is disabled or deleted, links are pressed: none works afterwards, and
// none brings anything back.
func TestNoLinkOutlivesDisablingOrDeleting(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		ctx := t.Context()
		for name, end := range map[string]func(id string) error{
			"disabled": func(id string) error { return s.Auth.DisableUser(ctx, id) },
			"deleted":  func(id string) error { return s.Auth.DeleteUser(ctx, id) },
		} {
			email, id, _ := verified(t, s)
			link := resetLink(t, s, email)
			got := authtest.InParallel(50, func(i int) int {
				if i == 25 {
					if err := end(id); err != nil {
						t.Error(err)
					}
					return 0
				}
				return setByLink(elsewhere(s), link, fmt.Sprint("a long new phrase ", i)).Status
			})
			if got[http.StatusNoContent] > 1 || got[http.StatusNoContent]+got[http.StatusBadRequest] != 49 {
				t.Errorf("%s: %v, want 204 once at most and 400 otherwise", name, got)
			}
			if name == "disabled" {
				if err := s.Auth.EnableUser(ctx, id); err != nil {
					t.Fatal(err)
				}
			} else if n := client.Credential.Query().CountX(ctx); name == "deleted" && n > 1 {
				t.Errorf("%d credentials after the user was deleted", n)
			}
			if r := setByLink(elsewhere(s), link, "yet another phrase"); r.Status != http.StatusBadRequest {
				t.Errorf("%s: the link afterwards: %v, want 400", name, r)
			}
		}
	})
}

// With a second factor, fifty presses park one reset, which one of fifty completes; of two
// parked ones the second to be completed is void.
func TestAParkedResetIsCompletedOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		factor := &authtest.SecondFactor{}
		s := newSite(t, client, auth.Config{Providers: []auth.Provider{password.New(password.Config{}), factor}})
		email, id, _ := verified(t, s)
		if err := factor.Enrol(t.Context(), id, "314159"); err != nil {
			t.Fatal(err)
		}
		complete := func(b *authtest.Browser) int {
			return b.Post("/auth/test-factor", map[string]string{"code": "314159"}).Status
		}
		link := resetLink(t, s, email)
		browsers := make([]*authtest.Browser, 50)
		got := authtest.InParallel(50, func(i int) string {
			browsers[i] = elsewhere(s)
			return setByLink(browsers[i], link, fmt.Sprint("a long new phrase ", i)).Code()
		})
		if got["second_factor_required"] != 1 || got["invalid_token"] != 49 {
			t.Fatalf("50 confirmations: %v", got)
		}
		var won string
		for i, b := range browsers {
			if b.Cookie(flowCookie) == "" {
				continue
			}
			won = fmt.Sprint("a long new phrase ", i)
			statuses := authtest.InParallel(50, func(int) int { return complete(b.Clone()) })
			if statuses[http.StatusOK] != 1 {
				t.Errorf("50 completions: %v, want one 200", statuses)
			}
		}
		isIt := func(phrase string) bool {
			return elsewhere(s).Post("/auth/login", credentials(email, phrase)).Code() == "second_factor_required"
		}
		s.Clock.Advance(16 * time.Minute) // of the limit
		if won == "" || !isIt(won) || isIt(phrase) {
			t.Errorf("%q is the password: %t; the old one: %t", won, isIt(won), isIt(phrase))
		}
		parked := []*authtest.Browser{elsewhere(s), elsewhere(s)}
		for i, b := range parked {
			if r := setByLink(b, resetLink(t, s, email), fmt.Sprint("a parked phrase ", i)); r.Code() != "second_factor_required" {
				t.Fatalf("parking: %v", r)
			}
		}
		statuses := authtest.InParallel(2, func(i int) int { return complete(parked[i]) })
		if statuses[http.StatusOK] != 1 {
			t.Errorf("two parked resets: %v, want one 200", statuses)
		}
	})
}

// A refusal after the link was taken uses it up (no second try with it); what is not the
// client's doing gives it back, and a deadlock is not even noticed.
func TestWhatBecomesOfALinkWhenItsUseFails(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var answer func(context.Context) error
		hook := func(ctx context.Context, _ *auth.Tx, e auth.Event) error {
			if (e.Kind == auth.EventCredentialChanged || e.Kind == auth.EventCredentialAdded) && answer != nil {
				return answer(ctx)
			}
			return nil
		}
		s := newSite(t, client, auth.Config{Hooks: []auth.Hook{hook}})
		calls := 0
		for _, row := range []struct {
			name          string
			answer        func(context.Context) error
			first, second int
		}{
			{"a refusal", func(context.Context) error { return auth.ErrRefused }, http.StatusForbidden, http.StatusBadRequest},
			{"an internal error", func(context.Context) error { return errors.New("no") }, http.StatusInternalServerError, http.StatusNoContent},
			{"a panic", func(context.Context) error { panic("no") }, http.StatusInternalServerError, http.StatusNoContent},
			{"a deadlock every time", func(context.Context) error { return stateError("40P01") }, http.StatusInternalServerError, http.StatusNoContent},
			{"one deadlock", func(context.Context) error {
				if calls++; calls == 1 {
					return stateError("40P01")
				}
				return nil
			}, http.StatusNoContent, http.StatusBadRequest},
		} {
			for _, proven := range []bool{true, false} {
				email, id, b := verified(t, s)
				if !proven {
					client.User.Update().Where(user.ID(id)).ClearEmailVerifiedAt().ExecX(t.Context())
				}
				link := resetLink(t, s, email)
				calls, answer = 0, row.answer
				first := setByLink(elsewhere(s), link, "the first new phrase")
				answer = nil
				if first.Status >= 300 {
					if list := opens(s, email, phrase); len(list) != 1 {
						t.Errorf("%s: the old password does not open the account", row.name)
					}
					if r := b.Get("/auth/user"); r.Status != http.StatusOK || strings.Contains(r.String(), `"email_verified_at":null`) == proven {
						t.Errorf("%s, proven %t: the session from before: %v", row.name, proven, r)
					}
				}
				second := setByLink(elsewhere(s), link, "the second new phrase")
				if first.Status != row.first || second.Status != row.second {
					t.Errorf("%s, proven %t: %v, then %v; want %d, then %d", row.name, proven, first, second, row.first, row.second)
				}
			}
		}
	})
}

// A secret of one kind opens nothing of another's, and nobody else's account.
func TestASecretIsOfOneKind(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		email, id, _ := verified(t, s)
		link := resetLink(t, s, email)
		for _, kind := range mail.Kinds() {
			if kind == mail.Reset {
				continue
			}
			foreign := resetLink(t, s, email)
			// As if it had been mailed for the other purpose: the newest row is its.
			row := client.MagicToken.Query().Where(magictoken.UserID(id)).Order(ent.Desc(magictoken.FieldID)).FirstX(t.Context())
			client.MagicToken.DeleteOne(row).ExecX(t.Context())
			client.MagicToken.Create().SetUserID(id).SetPurpose(string(kind)).SetEmail(row.Email).SetTokenHash(row.TokenHash).
				SetExpiresAt(row.ExpiresAt).ExecX(t.Context())
			if r := setByLink(elsewhere(s), foreign, "yet another phrase"); r.Status != http.StatusBadRequest {
				t.Errorf("a secret for %s resets a password: %v", kind, r)
			}
			s.Clock.Advance(16 * time.Minute)
			if s.Clock.Now().Sub(authtest.Start) > 45*time.Minute {
				link = resetLink(t, s, email)
				client.MagicToken.Delete().Where(magictoken.UserID(id), magictoken.PurposeNEQ(string(mail.Reset))).ExecX(t.Context())
			}
		}
		for _, spelling := range []string{"", link + "=", link + "\n", " " + link, link[:len(link)-1], link + "\x00", strings.ToLower(link), strings.ToUpper(link)} {
			if r := setByLink(elsewhere(s), spelling, "yet another phrase"); r.Status != http.StatusBadRequest {
				t.Errorf("%q is taken for the secret: %v", spelling, r)
			}
		}
		for _, body := range []string{`{"new_password":"yet another phrase"}`, `{"token":null,"new_password":"yet another phrase"}`, `{"token":["` + link + `"],"new_password":"yet another phrase"}`} {
			if r := elsewhere(s).Post("/auth/password/reset/confirm", body); r.Status != http.StatusBadRequest {
				t.Errorf("%s: %v, want 400", body, r)
			}
		}
		if r := setByLink(elsewhere(s), link, "yet another phrase"); r.Status != http.StatusNoContent {
			t.Errorf("the secret itself, after all that: %v", r)
		}
	})
}
