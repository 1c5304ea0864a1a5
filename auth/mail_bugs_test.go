package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/authtest"
	"github.com/torii-go/torii/ent"
	"github.com/torii-go/torii/ent/magictoken"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/ent/user"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// sender is a function as a Sender.
type sender func(ctx context.Context, m mail.Message) error

func (f sender) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }

// ask asks for a link, and leaves it to others to deliver it.
func ask(t testing.TB, s *authtest.Site, email string) {
	t.Helper()
	if r := elsewhere(s).Post("/auth/password/reset/request", map[string]string{"email": email}); r.Status != http.StatusAccepted {
		t.Fatalf("request: %v", r)
	}
}

// What ends the links of a user ends the one that is about to be mailed, too.
func TestALinkThatIsBeingMadeEnds(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var between atomic.Pointer[func()]
		client.Outbox.Use(func(next ent.Mutator) ent.Mutator {
			return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
				v, err := next.Mutate(ctx, m)
				if m.Op().Is(ent.OpUpdate) {
					if f := between.Swap(nil); f != nil {
						(*f)() // it is claimed
					}
				}
				return v, err
			})
		})
		ctx := t.Context()
		for name, end := range map[string]func(a *authtest.Site, pw *password.Provider, id string) error{
			"a new password": func(_ *authtest.Site, pw *password.Provider, id string) error {
				return pw.Set(ctx, id, "a host's own phrase")
			},
			"disabling": func(a *authtest.Site, _ *password.Provider, id string) error {
				return errors.Join(a.Auth.DisableUser(ctx, id), a.Auth.EnableUser(ctx, id))
			},
			"deleting": func(a *authtest.Site, _ *password.Provider, id string) error { return a.Auth.DeleteUser(ctx, id) },
		} {
			pw := password.New(password.Config{})
			s := newSite(t, client, auth.Config{Providers: []auth.Provider{pw}})
			email, id, _ := verified(t, s)
			between.Store(nil)
			f := func() {
				if err := end(s, pw, id); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			between.Store(&f)
			ask(t, s, email)
			if err := s.Auth.Deliver(ctx); err != nil {
				t.Fatal(err)
			}
			if between.Load() != nil {
				t.Fatalf("%s: nothing was claimed", name)
			}
			if m, ok := s.Outbox.Last(email); ok {
				if r := setByLink(elsewhere(s), secretIn(t, m), "the thief's own phrase"); r.Status != http.StatusBadRequest {
					t.Errorf("the link that was asked for before %s: %v, want 400", name, r)
				}
			}
			if n := client.Outbox.Query().Where(outbox.UserID(id)).CountX(ctx); n != 0 {
				t.Errorf("%s: %d mails wait", name, n)
			}
		}
	})
}

// A lock that is not to be had for a while is no reason to call a link used.
func TestALinkWaitsForALock(t *testing.T) {
	t.Parallel()
	for _, name := range testdb.Names() {
		if !strings.HasPrefix(name, "mysql") {
			continue // the others' locks have no limit of time
		}
		t.Run(name, func(t *testing.T) {
			db := testdb.New(t, name)
			mark := "?"
			if strings.Contains(db.DSN, "?") {
				mark = "&"
			}
			db.DSN += mark + "innodb_lock_wait_timeout=1"
			client := open(t, db)
			if client.Driver().Dialect() != dialect.MySQL {
				t.Fatal(client.Driver().Dialect())
			}
			s := newSite(t, client, auth.Config{})
			email, id, _ := verified(t, s)
			link := resetLink(t, s, email)
			tx, err := client.Tx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.User.Query().Where(user.ID(id)).ForUpdate().Only(t.Context()); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			time.AfterFunc(1500*time.Millisecond, func() { defer close(done); _ = tx.Rollback() })
			if r := setByLink(elsewhere(s), link, "the new phrase of hers"); r.Status != http.StatusNoContent {
				t.Errorf("a link, while somebody else held the user for 1.5 s: %v, want 204", r)
			}
			<-done
		})
	}
}

// A Sender that panics is one that fails.
func TestASenderThatPanics(t *testing.T) {
	s := newSite(t, authtest.Database(t), auth.Config{Mail: auth.MailConfig{Sender: sender(func(context.Context, mail.Message) error { panic("no") })}})
	email, _, _ := verified(t, s)
	ask(t, s, email)
	if err := s.Auth.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if row := s.Client.Outbox.Query().OnlyX(t.Context()); row.Attempts != 1 {
		t.Errorf("%d attempts, want one, and another later", row.Attempts)
	}
}

// One recipient whose mail hangs, and a Sender that does not listen to its context: the
// others have theirs, requests are answered, and Close returns.
func TestASenderThatHangs(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		var out mail.Outbox
		hang := make(chan struct{})
		s := newSite(t, client, auth.Config{Mail: auth.MailConfig{Sender: sender(func(ctx context.Context, m mail.Message) error {
			if strings.HasPrefix(m.To.Address, "slow") {
				<-hang
				return nil
			}
			return out.Send(ctx, m)
		})}})
		t.Cleanup(func() { close(hang) }) // before the site is closed
		register(t, elsewhere(s), "slow@people.example")
		ask(t, s, "slow@people.example")
		time.Sleep(300 * time.Millisecond) // it hangs
		email := person()
		register(t, elsewhere(s), email)
		start := time.Now()
		ask(t, s, email)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("a request took %v", took)
		}
		for until := time.Now().Add(4 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if _, ok := out.Last(email); ok {
				break
			}
			if time.Now().After(until) {
				t.Error("somebody else's mail hangs with it")
				break
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Auth.Deliver(ctx); !errors.Is(err, context.DeadlineExceeded) && err != nil || ctx.Err() != nil && time.Since(start) > 10*time.Second {
			t.Errorf("Deliver for a second: %v", err)
		}
		closing, cancel2 := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel2()
		if err := s.Auth.Close(closing); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
}

// A mail that was handed over while the instance was told to stop is not sent again.
func TestAMailThatWasSentAtTheEndIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		var n atomic.Int64
		s := newSite(t, client, auth.Config{Mail: auth.MailConfig{Sender: sender(func(context.Context, mail.Message) error {
			cancel() // as Close does, or SIGTERM
			n.Add(1)
			return nil
		})}})
		if err := s.Auth.Close(t.Context()); err != nil { // no worker beside
			t.Fatal(err)
		}
		other := newSite(t, client, auth.Config{Now: s.Clock.Now, Mail: auth.MailConfig{Sender: sender(func(context.Context, mail.Message) error { n.Add(1); return nil })}})
		email, id, _ := verified(t, other)
		client.Outbox.Create().SetPurpose(string(mail.PasswordResetDone)).SetEmail(email).SetUserID(id).SetLocale("en").
			SetNextAttemptAt(s.Clock.Now()).SetExpiresAt(s.Clock.Now().Add(time.Hour)).SetCreatedAt(s.Clock.Now()).ExecX(t.Context())
		_ = s.Auth.Deliver(ctx)
		for range 100 { // it may return before what it sent is crossed out
			if client.Outbox.Query().CountX(t.Context()) == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		s.Clock.Advance(3 * time.Minute)
		if err := other.Auth.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n.Load() != 1 {
			t.Errorf("the Sender took it %d times, want once", n.Load())
		}
	})
}

// A database that reads and does not write is no reason to ask it without a pause.
func TestDeliverDoesNotSpin(t *testing.T) {
	client := authtest.Database(t)
	s := newSite(t, client, auth.Config{})
	email, _, _ := verified(t, s)
	if err := s.Auth.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := s.Clock.Now()
	client.Outbox.Create().SetPurpose("reset").SetEmail(email).SetUserID("").SetLocale("en").
		SetNextAttemptAt(now).SetExpiresAt(now.Add(time.Hour)).SetCreatedAt(now).ExecX(t.Context())
	var tries atomic.Int64
	client.Outbox.Use(func(ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(context.Context, ent.Mutation) (ent.Value, error) {
			tries.Add(1)
			return nil, errors.New("attempt to write a readonly database")
		})
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := s.Auth.Deliver(ctx)
	if tries.Load() > 3 || err == nil || ctx.Err() != nil {
		t.Errorf("Deliver = %v after %d tries to claim one mail in a second", err, tries.Load())
	}
}

// Without a Sender a reset is refused in words, not by a panic.
func TestAResetWithoutASender(t *testing.T) {
	pw := password.New(password.Config{})
	cfg := production()
	cfg.Providers = []auth.Provider{pw}
	if _, err := auth.New(authtest.Database(t), cfg); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if v := recover(); v != nil {
			t.Errorf("a panic: %v", v)
		}
	}()
	if err := pw.RequestReset(t.Context(), "ada@example.org", auth.Client{}); err == nil {
		t.Error("no error, and no mail")
	}
}

// What no mail can be made of is told at the start.
func TestAMailThatCannotBeMadeIsToldAtTheStart(t *testing.T) {
	for name, spoil := range map[string]func(c *auth.Config){
		"a long AppName":          func(c *auth.Config) { c.AppName = strings.Repeat("x", 101) },
		"a line break in AppName": func(c *auth.Config) { c.AppName = "App\r\nBcc: thief@evil.example" },
		"a line break in From":    func(c *auth.Config) { c.Mail.From.Name = "App\r\nBcc: thief@evil.example" },
		"a LoginURL beyond ASCII": func(c *auth.Config) { c.LoginURL = "/einloggen-für-alle" },
		"a Path with odd letters": func(c *auth.Config) { c.Path = "/aüth" },
	} {
		cfg := production()
		cfg.Providers = []auth.Provider{password.New(password.Config{})}
		cfg.Mail = auth.MailConfig{Sender: &mail.Outbox{}, From: mail.Address{Address: "app@app.example"}}
		spoil(&cfg)
		if _, err := auth.New(authtest.Database(t), cfg); err == nil {
			t.Errorf("New with %s says nothing", name)
		}
	}
}

// What is no address is answered like one, on every database.
func TestAskingForALinkWithWhatIsNoAddress(t *testing.T) {
	each(t, func(t *testing.T, client *ent.Client) {
		s := newSite(t, client, auth.Config{})
		for _, email := range []string{"a\x00@x.example", "\x00", strings.Repeat("x", 60_000), "a@" + strings.Repeat("x", 300), "Ada <ada@x.example>", "a@x.example\r\nBcc: b@x.example", "\u202e", "ａ@x.example"} {
			if r := elsewhere(s).Post("/auth/password/reset/request", map[string]string{"email": email}); r.Status != http.StatusAccepted {
				t.Errorf("%.20q: %v, want 202", email, r)
			}
		}
		if err := s.Auth.Deliver(t.Context()); err != nil || len(s.Outbox.Messages()) != 0 || client.MagicToken.Query().Where(magictoken.IDNEQ("")).CountX(t.Context()) != 0 {
			t.Errorf("%d mails, %v", len(s.Outbox.Messages()), err)
		}
	})
}
