package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
)

func TestUseIsRecordedOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		w := &gate{Driver: client.Driver(), table: "auth_sessions"}
		s := newSite(t, ent.NewClient(ent.Driver(w)), auth.Config{})
		b := s.Browser()
		register(t, b, person())
		opened := s.Clock.Now()
		use := func(i int) int {
			c := b.Clone()
			c.Header.Set("User-Agent", fmt.Sprint("tab ", i))
			return c.Get("/auth/session").Status
		}
		s.Clock.Advance(59 * time.Second)
		for i := range 5 {
			use(i)
		}
		row := client.Session.Query().OnlyX(t.Context())
		if !row.LastSeenAt.Equal(opened) || row.UserAgent != "authtest" || w.written.Load() != 0 {
			t.Errorf("requests within a minute wrote %d times: last seen %v by %q", w.written.Load(), row.LastSeenAt, row.UserAgent)
		}
		s.Clock.Advance(time.Second)
		w.hold(20) // until all have seen that the last use was a minute ago
		if got := authtest.InParallel(20, use); got[http.StatusOK] != 20 {
			t.Errorf("answers %v, want 20 times 200", got)
		}
		row = client.Session.Query().OnlyX(t.Context())
		if !row.LastSeenAt.Equal(s.Clock.Now()) || !strings.HasPrefix(row.UserAgent, "tab ") || w.written.Load() != 1 {
			t.Errorf("20 requests after a minute wrote %d times, want 1: last seen %v by %q", w.written.Load(), row.LastSeenAt, row.UserAgent)
		}
	})
}

func TestASlowRequestDoesNotBringASessionBack(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		began, finish := make(chan struct{}), make(chan struct{})
		s.Mux.Handle("GET /slow", s.Auth.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began <- struct{}{}
			<-finish
			if _, ok := auth.SessionFrom(r.Context()); !ok {
				t.Error("the request lost its session")
			}
		})))
		b := s.Browser()
		register(t, b, person())
		s.Clock.Advance(2 * time.Minute)
		slow, after := b.Clone(), b.Clone()
		done := make(chan int)
		go func() { done <- slow.Get("/slow").Status }()
		<-began
		b.Post("/auth/logout", nil)
		close(finish)
		if status := <-done; status != http.StatusOK {
			t.Errorf("the slow request: %d", status)
		}
		if r := after.Get("/auth/session"); r.Status != http.StatusUnauthorized {
			t.Errorf("the ended session answers: %v", r)
		}
		if n := client.Session.Query().CountX(t.Context()); n != 0 {
			t.Errorf("the slow request wrote the session back")
		}
	})
}

func TestSigningOutWinsAgainstUse(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		b := s.Browser()
		register(t, b, person())
		s.Clock.Advance(2 * time.Minute) // so that every request writes
		got := authtest.InParallel(20, func(i int) int {
			c := b.Clone()
			if i == 10 {
				return c.Post("/auth/logout", nil).Status
			}
			return c.Get("/auth/session").Status
		})
		if got[http.StatusNoContent] != 1 || got[http.StatusOK]+got[http.StatusUnauthorized] != 19 {
			t.Errorf("answers %v, want one 204, 200 before it and 401 after it", got)
		}
		if n := client.Session.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d sessions after signing out", n)
		}
	})
}
