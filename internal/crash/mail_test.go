package crash_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/ent/outbox"
	"github.com/torii-go/torii/internal/testdb"
	"github.com/torii-go/torii/mail"
	"github.com/torii-go/torii/providers/password"
)

// mails is how many people ask for a link in each round.
const mails = 40

func init() { works["forget"] = forget }

// hesitant is a Sender that takes a moment before and after, so that a kill meets mails
// that wait, that are being sent, and that are sent and not yet crossed out.
type hesitant struct{ mail.Sender }

func (h hesitant) Send(ctx context.Context, m mail.Message) error {
	time.Sleep(10 * time.Millisecond)
	err := h.Sender.Send(ctx, m)
	time.Sleep(10 * time.Millisecond)
	return err
}

// mailing is an instance that writes mails to a directory, on a site's database.
func mailing(s *site, dir string, now func() time.Time) (*site, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	m := &site{client: s.client, pw: password.New(password.Config{})}
	var err error
	m.auth, err = auth.New(s.client, auth.Config{
		BaseURL:               "https://app.example",
		Secrets:               [][]byte{secret},
		Providers:             []auth.Provider{m.pw},
		Hash:                  auth.HashConfig{MemoryKiB: 8, Passes: 1, InsecureParams: true},
		Logger:                slog.New(slog.DiscardHandler),
		Mail:                  auth.MailConfig{Sender: hesitant{mail.Dir(dir)}, From: mail.Address{Address: "app@app.example"}},
		Now:                   now,
		SkipEmailVerification: true,
	})
	return m, err
}

// forget asks for links, with an instance's worker beside it that mails them to the
// directory that stands in place of the person's token.
func forget(ctx context.Context, s *site, people []person, mine []int, done func(ack)) error {
	m, err := mailing(s, people[0].Token, time.Now)
	if err != nil {
		return err
	}
	m.auth.Start()
	for _, i := range mine {
		if err := m.pw.RequestReset(ctx, people[i].Email, auth.Client{}); err != nil {
			return fmt.Errorf("request: %w", err)
		}
		done(ack{Person: i})
	}
	return nil
}

// Killed between a commit and the delivery of a mail: it comes after the restart, when
// the lease of who was killed has ended, and its link works. What was delivered before
// comes twice at most.
func TestMailsOutliveAKill(t *testing.T) {
	eachRound(t, func(t *testing.T, db testdb.DB, round int) {
		dir := t.TempDir()
		ctx := t.Context()
		j := job{Work: "forget", Driver: db.Driver, DSN: db.DSN}
		s := again(t, db)
		for i := range mails {
			p := person{Email: fmt.Sprintf("m%d-%d@example.com", round, i), Token: dir}
			j.People = append(j.People, p)
			if _, err := s.register(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		s.client.Close()
		acks := kill(t, j, mails*3/4)
		s = afterKill(t, db)
		before := delivered(t, dir)
		// The lease of who was killed is two minutes.
		s, err := mailing(s, dir, func() time.Time { return time.Now().Add(3 * time.Minute) })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.auth.Close(context.Background()) }) // before its database
		waiting, err := s.client.Outbox.Query().Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d requests were acknowledged, %d mails delivered, %d wait", len(acks), count(before), waiting)
		if err := s.auth.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err := s.client.Outbox.Query().Where(outbox.Purpose(string(mail.Reset))).Count(ctx); err != nil || left != 0 {
			t.Errorf("%d links wait after a delivery, %v", left, err)
		}
		after := delivered(t, dir)
		twice := 0
		for _, a := range acks {
			email := j.People[a.Person].Email
			list := after[email]
			switch {
			case len(list) == 0:
				t.Errorf("%s asked for a link, and none came", email)
				continue
			case len(list) > 2 || len(list) == 2 && len(before[email]) == 0:
				t.Errorf("%s has %d mails, %d of them from before the kill", email, len(list), len(before[email]))
			case len(list) == 2:
				twice++
			}
			if err := s.pw.ConfirmReset(ctx, list[len(list)-1], "the phrase after the kill", auth.Client{}); err != nil {
				t.Errorf("%s, the link: %v", email, err)
			}
		}
		if most := workers * 8; twice > most {
			t.Errorf("%d mails came twice, more than the %d that were under way", twice, most)
		}
	})
}

func count(m map[string][]string) (n int) {
	for _, list := range m {
		n += len(list)
	}
	return n
}

// delivered are the secrets that were mailed, by recipient, in order.
func delivered(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, name := range files {
		if strings.HasPrefix(filepath.Base(name), ".") {
			continue // the half that the kill left
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		to, err := netmail.ParseAddress(m.Header.Get("To"))
		if err != nil {
			t.Fatal(err)
		}
		// Quoted-printable breaks lines and writes = as =3D.
		plain := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(text))
		_, rest, ok := strings.Cut(plain, "?token=")
		if !ok {
			continue // a notice of the round before
		}
		got[to.Address] = append(got[to.Address], rest[:43])
	}
	return got
}
