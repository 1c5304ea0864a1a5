package auth_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the child processes, wherever the tests run

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/migrate"
	"github.com/torii-go/torii/sessions"
)

func TestASessionEndsWhenItsTimeIsOver(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{Sessions: sessions.Config{Lifetime: time.Hour}})
		res := newSession(t, s.Auth, newUser(t, s.Auth).ID)
		look := func() error { _, _, err := s.Auth.Session(t.Context(), res.Token.Reveal()); return err }
		s.Clock.Advance(time.Hour - time.Microsecond)
		if err := look(); err != nil {
			t.Errorf("a microsecond before its end: %v", err)
		}
		s.Clock.Advance(time.Microsecond)
		if list, err := s.Auth.Sessions(t.Context(), res.User.ID); err != nil || len(list) != 0 {
			t.Errorf("Sessions lists an expired one: %v, %v", list, err)
		}
		if err := look(); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("at its end: %v, want ErrUnauthenticated", err)
		}
		if n := client.Session.Query().CountX(t.Context()); n != 0 {
			t.Errorf("a session seen expired is still stored")
		}
	})
}

func TestIdleTimeout(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{Sessions: sessions.Config{Lifetime: time.Hour, IdleTimeout: 10 * time.Minute}})
		used, idle := s.Browser(), s.Browser()
		register(t, used, person())
		register(t, idle, person())
		for range 5 {
			s.Clock.Advance(9 * time.Minute)
			if r := used.Get("/auth/session"); r.Status != 200 {
				t.Fatalf("a session used every 9 minutes, at %v: %v", s.Clock.Now().Sub(authtest.Start), r)
			}
		}
		if r := idle.Get("/auth/session"); r.Status != 401 {
			t.Errorf("a session idle for 45 minutes: %v", r)
		}
		s.Clock.Advance(9 * time.Minute) // 54 minutes
		var body struct {
			Session struct {
				ExpiresAt time.Time `json:"expires_at"`
			}
		}
		if err := used.Get("/auth/session").JSON(&body); err != nil || !body.Session.ExpiresAt.Equal(authtest.Start.Add(time.Hour)) {
			t.Errorf("use moved the end to %v, %v, want the absolute end %v", body.Session.ExpiresAt, err, authtest.Start.Add(time.Hour))
		}
		s.Clock.Advance(6 * time.Minute)
		if r := used.Get("/auth/session"); r.Status != 401 || used.Session() != "" {
			t.Errorf("use carried a session past its absolute end: %v, cookie left %t", r, used.Session() != "")
		}
	})
}

func TestAnIdleSessionEndsOnTime(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{Sessions: sessions.Config{IdleTimeout: 10 * time.Minute}})
		u := newUser(t, s.Auth)
		early, late := newSession(t, s.Auth, u.ID), newSession(t, s.Auth, u.ID)
		s.Clock.Advance(10*time.Minute - time.Second)
		if _, _, err := s.Auth.Session(t.Context(), early.Token.Reveal()); err != nil {
			t.Errorf("a second before: %v", err)
		}
		s.Clock.Advance(time.Second)
		if _, _, err := s.Auth.Session(t.Context(), late.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("at the idle timeout: %v, want ErrUnauthenticated", err)
		}
	})
}

func TestAClockThatRunsBehindOpensNothing(t *testing.T) {
	tests := []struct {
		name   string
		behind time.Duration
		ok     bool
	}{
		{"a clock a minute behind is another instance's", time.Minute, true},
		{"a clock a second more behind cannot be trusted", 61 * time.Second, false},
		{"a clock an hour behind cannot be trusted", time.Hour, false},
	}
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for _, tt := range tests {
			res := newSession(t, s.Auth, newUser(t, s.Auth).ID)
			s.Clock.Advance(-tt.behind)
			if _, _, err := s.Auth.Session(t.Context(), res.Token.Reveal()); (err == nil) != tt.ok || err != nil && !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("%s: %v, want accepted %t", tt.name, err, tt.ok)
			}
			s.Clock.Advance(tt.behind)
			if _, _, err := s.Auth.Session(t.Context(), res.Token.Reveal()); err != nil {
				t.Errorf("%s: the session did not survive: %v", tt.name, err)
			}
		}
	})
}

// The variables that make this test binary the child of the test below.
const (
	expireDriver = "AUTH_TEST_EXPIRE_DRIVER"
	expireDSN    = "AUTH_TEST_EXPIRE_DSN"
)

// SQLite compares times as text and drivers convert them, so a process in another time
// zone could keep an expired session for hours, or end a live one. The zone is fixed
// when a process starts: hence the children.
func TestASessionExpiresOnTimeInEveryTimeZone(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		for _, zone := range []string{"Etc/GMT+8", "Pacific/Auckland"} {
			child := exec.CommandContext(t.Context(), self)
			child.Env = append(os.Environ(), "TZ="+zone, expireDriver+"="+db.Driver, expireDSN+"="+db.DSN)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("in %s: %v\n%s", zone, err, out)
			}
		}
	})
}

// expireHere is the child: it lets sessions expire in this process's time zone.
func expireHere(driver, dsn string) int {
	if _, offset := authtest.Start.In(time.Local).Zone(); offset == 0 {
		fmt.Println("the time zone is UTC")
		return 1
	}
	if err := expire(context.Background(), driver, dsn); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func expire(ctx context.Context, driver, dsn string) error {
	client, err := migrate.Open(ctx, driver, dsn)
	if err != nil {
		return err
	}
	defer client.Close()
	var elapsed atomic.Int64
	cfg := production()
	cfg.Sessions = sessions.Config{Lifetime: time.Hour}
	cfg.Now = func() time.Time { return authtest.Start.In(time.Local).Add(time.Duration(elapsed.Load())) }
	a, err := auth.New(client, cfg)
	if err != nil {
		return err
	}
	defer a.Close(ctx)
	u, err := a.CreateUser(ctx, auth.NewUser{Email: fmt.Sprintf("zone%d@people.example", os.Getpid())})
	if err != nil {
		return err
	}
	var seen, swept auth.Result
	for _, res := range []*auth.Result{&seen, &swept} {
		if *res, err = a.CreateSession(ctx, u.ID, auth.Client{}); err != nil {
			return err
		}
	}
	elapsed.Store(int64(time.Hour - time.Second))
	if _, _, err := a.Session(ctx, seen.Token.Reveal()); err != nil {
		return fmt.Errorf("a second before its end: %w", err)
	}
	if n, err := a.CleanUp(ctx); n != 0 || err != nil {
		return fmt.Errorf("clean-up a second before the end deleted %d, %v", n, err)
	}
	if list, err := a.Sessions(ctx, u.ID); len(list) != 2 || err != nil {
		return fmt.Errorf("a second before their end %d of 2 sessions are listed, %v", len(list), err)
	}
	elapsed.Store(int64(time.Hour))
	if _, _, err := a.Session(ctx, seen.Token.Reveal()); !errors.Is(err, auth.ErrUnauthenticated) {
		return fmt.Errorf("at its end: %v", err)
	}
	elapsed.Add(int64(time.Second))
	if n, err := a.CleanUp(ctx); n != 1 || err != nil {
		return fmt.Errorf("clean-up a second after the end deleted %d of 1, %v", n, err)
	}
	if seen.Session.ExpiresAt.Location() != time.UTC {
		return fmt.Errorf("a session's time is in %v", seen.Session.ExpiresAt.Location())
	}
	return client.User.DeleteOneID(u.ID).Exec(ctx)
}
