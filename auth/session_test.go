package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/session"
	"github.com/torii-go/torii/sessions"
)

func TestTheLifeOfASession(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		a, ctx := s.Auth, t.Context()
		u := newUser(t, a)
		first, second, third := newSession(t, a, u.ID), newSession(t, a, u.ID), newSession(t, a, u.ID)
		got, owner, err := a.Session(ctx, first.Token.Reveal())
		if err != nil || got.ID != first.Session.ID || owner.ID != u.ID || owner.Email != u.Email {
			t.Fatalf("Session = %v, %v, %v, want %s of %s", got, owner, err, first.Session.ID, u.ID)
		}
		if !got.ExpiresAt.Equal(authtest.Start.Add(30*24*time.Hour)) || !got.AbsoluteExpiresAt.Equal(got.ExpiresAt) {
			t.Errorf("expires %v and %v, want 30 days after %v", got.ExpiresAt, got.AbsoluteExpiresAt, authtest.Start)
		}
		if _, err := first.User.QuerySessions().Count(ctx); err != nil {
			t.Errorf("the user of a result cannot be asked for edges: %v", err)
		}
		if list, err := a.Sessions(ctx, u.ID); err != nil || len(list) != 3 {
			t.Errorf("Sessions = %d, %v, want 3", len(list), err)
		}
		if err := a.EndSession(ctx, u.ID, first.Session.ID); err != nil {
			t.Fatal(err)
		}
		if err := a.EndSession(ctx, u.ID, first.Session.ID); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("EndSession a second time = %v, want ErrNotFound", err)
		}
		if n, err := a.EndSessions(ctx, u.ID, second.Session.ID); n != 1 || err != nil {
			t.Errorf("EndSessions but the second = %d, %v, want 1", n, err)
		}
		for name, tt := range map[string]struct {
			res  auth.Result
			live bool
		}{"ended by itself": {first, false}, "kept": {second, true}, "ended with the others": {third, false}} {
			if _, _, err := a.Session(ctx, tt.res.Token.Reveal()); (err == nil) != tt.live || err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("a session %s: %v", name, err)
			}
		}
		if err := a.SignOut(ctx, auth.Client{Sessions: []string{second.Token.Reveal(), "nonsense", first.Token.Reveal()}}); err != nil {
			t.Fatal(err)
		}
		want := []string{
			auth.EventUserCreated, auth.EventSignedIn, auth.EventSignedIn, auth.EventSignedIn, auth.EventSessionRevoked,
			auth.EventOperationRefused, auth.EventSessionsRevoked, auth.EventSignedOut,
		}
		if got := events(t, client, u.ID); !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("events %q, want %q", got, want)
		}
		if n := client.Session.Query().CountX(ctx); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func TestOneCannotEndTheSessionOfAnother(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a := newSite(t, client, auth.Config{}).Auth
		ann, mallory := newUser(t, a), newUser(t, a)
		res := newSession(t, a, ann.ID)
		if err := a.EndSession(t.Context(), mallory.ID, res.Session.ID); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("EndSession of somebody else's = %v, want ErrNotFound", err)
		}
		if n, err := a.EndSessions(t.Context(), mallory.ID); n != 0 || err != nil {
			t.Errorf("EndSessions of one who has none = %d, %v, want 0", n, err)
		}
		if _, _, err := a.Session(t.Context(), res.Token.Reveal()); err != nil {
			t.Errorf("the session of the other: %v", err)
		}
	})
}

func TestOnlyTheWholeTokenOpensASession(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a := newSite(t, client, auth.Config{}).Auth
		res := newSession(t, a, newUser(t, a).ID)
		token := res.Token.Reveal()
		if len(token) != 43 {
			t.Fatalf("token of %d characters, want 43", len(token))
		}
		wrong := []string{
			" " + token, token + " ", token + "\n", token + "=", token + "A", "A" + token, token + token, token + "\x00", `"` + token + `"`,
			strings.ToLower(token), strings.ToUpper(token), token[:42] + "é", strings.Repeat("A", 43), "0", "null",
			res.Session.ID, res.User.ID,
		}
		for i := range len(token) {
			wrong = append(wrong, token[:i], token[i+1:])
		}
		for _, secret := range wrong {
			if secret == token {
				continue
			}
			if _, _, err := a.Session(t.Context(), secret); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("Session(%q) = %v, want ErrUnauthenticated", secret, err)
			}
		}
		if _, _, err := a.Session(t.Context(), token); err != nil {
			t.Errorf("the token itself: %v", err)
		}
	})
}

func TestOneSessionTooManyEndsTheOneUsedLongestAgo(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		const most = 5
		s := newSite(t, client, auth.Config{Sessions: sessions.Config{MaxPerUser: most}})
		u, other := newUser(t, s.Auth), newUser(t, s.Auth)
		kept := newSession(t, s.Auth, other.ID)
		oldest := newSession(t, s.Auth, u.ID)
		for range most {
			s.Clock.Advance(time.Minute)
			newSession(t, s.Auth, u.ID)
		}
		if _, _, err := s.Auth.Session(t.Context(), oldest.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("the oldest of %d: %v, want ErrUnauthenticated", most+1, err)
		}
		got := authtest.InParallel(20, func(int) bool {
			_, err := s.Auth.CreateSession(t.Context(), u.ID, auth.Client{})
			return err == nil
		})
		if n := client.Session.Query().Where(session.UserID(u.ID)).CountX(t.Context()); n != most || got[true] != 20 {
			t.Errorf("after 20 sign-ins at once: %d sessions, want %d; sign-ins %v", n, most, got)
		}
		if _, _, err := s.Auth.Session(t.Context(), kept.Token.Reveal()); err != nil {
			t.Errorf("the session of another user: %v", err)
		}
	})
}

func TestNoSessionIsOpenedAfterTheUserIsDisabled(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		a := newSite(t, client, auth.Config{}).Auth
		for _, end := range []func(string) error{
			func(id string) error { return a.DisableUser(t.Context(), id) },
			func(id string) error { return a.DeleteUser(t.Context(), id) },
		} {
			u := newUser(t, a)
			got := authtest.InParallel(20, func(i int) error {
				if i == 10 {
					return end(u.ID)
				}
				_, err := a.CreateSession(t.Context(), u.ID, auth.Client{})
				if errors.Is(err, auth.ErrInvalidCredentials) {
					err = auth.ErrInvalidCredentials
				}
				return err
			})
			if got[nil]+got[auth.ErrInvalidCredentials] != 20 {
				t.Errorf("answers %v, want sessions or ErrInvalidCredentials", got)
			}
			if n := client.Session.Query().Where(session.UserID(u.ID)).CountX(t.Context()); n != 0 {
				t.Errorf("%d sessions of a user who may not enter", n)
			}
		}
	})
}

func TestASessionRecordsWhoAsked(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b := s.Browser()
		b.IP = "::ffff:198.51.100.7"
		b.Header.Set("User-Agent", "Evil\x1b[31m \u202e"+strings.Repeat("漢", 300))
		register(t, b, person())
		row := client.Session.Query().OnlyX(t.Context())
		if row.IP != "198.51.100.7" || !strings.HasPrefix(row.UserAgent, "Evil[31m 漢") || len(row.UserAgent) > 512 {
			t.Errorf("recorded address %q and user agent %q", row.IP, row.UserAgent)
		}
		event := client.AuthEvent.Query().FirstX(t.Context())
		if event.IP != row.IP || event.UserAgent != row.UserAgent {
			t.Errorf("event from %q by %q, want %q and %q", event.IP, event.UserAgent, row.IP, row.UserAgent)
		}
	})
}
