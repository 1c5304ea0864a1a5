package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/torii-go/torii/mail"
)

func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "mail")
	sender := mail.Dir(dir)
	for i := range 3 {
		m := sample()
		m.ID = fmt.Sprint(i)
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil || len(entries) != 3 {
		t.Fatalf("%v, %v", entries, err)
	}
	for i, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode() != 0o600 || filepath.Ext(entry.Name()) != ".eml" {
			t.Errorf("%s has mode %v, %v", entry.Name(), info.Mode(), err)
		}
		file, err := os.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		got, err := netmail.ReadMessage(file)
		if err != nil || got.Header.Get("Message-Id") != fmt.Sprintf("<%d@example.com>", i) {
			t.Errorf("file %d is %v, %v", i, got.Header, err)
		}
	}
	for _, name := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
}

// Whoever looks while mails are written sees only whole ones.
func TestDirShowsWholeMails(t *testing.T) {
	dir := t.TempDir()
	sender := mail.Dir(dir)
	m := sample()
	m.Text = strings.Repeat("line\n", 20000) + "the end\n"
	m.HTML = ""
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() {
			if err := sender.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	whole := func() int {
		names, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("the end")) {
				t.Fatalf("%s has %d bytes, %v", name, len(data), err)
			}
		}
		return len(names)
	}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		whole()
	}
	if n := whole(); n != 20 {
		t.Errorf("%d of 20 mails", n)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*.eml")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestDirFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mail.Dir(file).Send(t.Context(), sample()); err == nil || mail.IsPermanent(err) {
		t.Errorf("got %v", err)
	}
}

func TestLog(t *testing.T) {
	var b bytes.Buffer
	sender := mail.Log(&b)
	m := sample()
	m.Text = "Grüße\r\n\u202eevil\tx\n"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	rule := strings.Repeat("-", 70)
	want := rule + "\nTo: ann@example.org\nSubject: Sign in\n\nGrüße\n\ufffdevil\tx\n" + rule + "\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
	b.Reset()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { _ = sender.Send(t.Context(), m) })
	}
	all.Wait()
	if b.String() != strings.Repeat(want, 50) {
		t.Error("mails stand within each other")
	}
	if err := mail.Log(broken{}).Send(t.Context(), m); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestOutbox(t *testing.T) {
	var o mail.Outbox
	if _, ok := o.Last(""); ok {
		t.Error("an empty outbox has a message")
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			m := sample()
			m.To.Address = fmt.Sprintf("u%d@example.org", i)
			if err := o.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(o.Messages()); n != 50 {
		t.Errorf("%d of 50 messages", n)
	}
	m := sample()
	m.To.Address = "u7@example.org"
	m.Text = "Follow https://a.example/x?y=1&z=2\nor <http://b.example> or\n\n    ABCD-1234\n\n  not-this\n"
	if err := o.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, ok := o.Last("u7@example.org")
	if !ok || got.Text != m.Text {
		t.Errorf("the last is %q", got.Text)
	}
	if links := got.Links(); !slices.Equal(links, []string{"https://a.example/x?y=1&z=2", "http://b.example"}) {
		t.Errorf("links %q", links)
	}
	if got.Code() != "ABCD-1234" || sample().Code() != "" {
		t.Errorf("code %q", got.Code())
	}
	if got, ok := o.Last(""); !ok || got.Text != m.Text {
		t.Errorf("the last of all is %q", got.Text)
	}
	if _, ok := o.Last("nobody@example.org"); ok {
		t.Error("nobody has a message")
	}
	o.Fail(errBroken)
	if err := o.Send(t.Context(), m); !errors.Is(err, errBroken) || len(o.Messages()) != 51 {
		t.Errorf("got %v", err)
	}
	o.Fail(nil)
	o.Clear()
	if err := o.Send(t.Context(), m); err != nil || len(o.Messages()) != 1 {
		t.Errorf("after clearing: %v", err)
	}
}

// A host that tries its mails in development learns there what production refuses.
func TestAllSendersAgree(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, sender := range map[string]mail.Sender{"Dir": mail.Dir(t.TempDir()), "Log": mail.Log(&bytes.Buffer{}), "Outbox": &mail.Outbox{}} {
		m := sample()
		if err := sender.Send(ended, m); !errors.Is(err, context.Canceled) || mail.IsPermanent(err) {
			t.Errorf("%s with a context that has ended: %v", name, err)
		}
		m.Subject = "a\nb"
		if err := sender.Send(t.Context(), m); !errors.Is(err, mail.ErrInvalidMessage) {
			t.Errorf("%s with a broken message: %v", name, err)
		}
	}
}
