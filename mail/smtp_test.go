package mail_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/mail"
)

func sample() mail.Message {
	return mail.Message{
		From:    mail.Address{Name: "Example", Address: "no-reply@example.com"},
		To:      mail.Address{Address: "ann@example.org"},
		Subject: "Sign in", Text: "Sign in:\n\n    https://example.com/?token=SECRET\n", HTML: "<p>Sign in</p>",
		Locale: "en", ID: "mail_1",
	}
}

func TestSMTPDelivers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server *server
		change func(*mail.SMTPConfig)
		want   []string // commands in their order
	}{
		{"by STARTTLS", &server{}, nil, []string{"EHLO client.example", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA", "QUIT"}},
		{"by TLS", &server{implicit: true}, func(c *mail.SMTPConfig) { c.Mode = mail.TLS }, []string{"EHLO", "MAIL", "QUIT"}},
		{"in the clear, when told to", &server{noTLS: true}, func(c *mail.SMTPConfig) { c.Mode = mail.InsecurePlaintext }, []string{"EHLO", "MAIL", "QUIT"}},
		{"signed in by PLAIN", &server{user: "ann\x00correct horse"}, signIn, []string{"STARTTLS", "AUTH PLAIN", "MAIL"}},
		{"signed in by LOGIN", &server{user: "ann\x00correct horse", mechs: "LOGIN CRAM-MD5"}, signIn, []string{"STARTTLS", "AUTH LOGIN", "MAIL"}},
		{"signed in over TLS", &server{implicit: true, user: "ann\x00correct horse"},
			func(c *mail.SMTPConfig) { signIn(c); c.Mode = mail.TLS }, []string{"AUTH PLAIN", "MAIL"}},
		{"signed in on loopback, when told to", &server{noTLS: true, user: "ann\x00correct horse"},
			func(c *mail.SMTPConfig) { signIn(c); c.Mode = mail.InsecurePlaintext }, []string{"AUTH PLAIN", "MAIL"}},
		{"when the farewell fails", &server{answers: map[string]string{"QUIT": "554 no"}}, nil, []string{"QUIT"}},
		{"when there is no farewell", &server{hang: "QUIT"}, nil, []string{"QUIT"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.server.start(t)
			start := time.Now()
			if err := s.sender(t, tt.change).Send(t.Context(), sample()); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("took %s", d)
			}
			got := s.received()
			if len(got) != 1 || got[0].from != "FROM:<no-reply@example.com>" || got[0].to != "TO:<ann@example.org>" {
				t.Fatalf("received %+v", got)
			}
			for _, want := range []string{"Message-ID: <mail_1@example.com>\r\n", "Subject: Sign in\r\n"} {
				if !strings.Contains(got[0].data, want) {
					t.Errorf("no %q in\n%s", want, got[0].data)
				}
			}
			rest := s.commands()
			for _, want := range tt.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %s, in its place, in\n%s", want, s.commands())
				}
				rest = after
			}
		})
	}
}

func signIn(c *mail.SMTPConfig) { c.Username, c.Password = "ann", "correct horse" }

func TestSMTPRefusals(t *testing.T) {
	answers := func(verb, text string) *server { return &server{answers: map[string]string{verb: text}} }
	for _, tt := range []struct {
		name      string
		server    *server
		change    func(*mail.SMTPConfig)
		message   func(*mail.Message)
		permanent bool
		want      string
	}{
		{name: "unknown recipient is permanent", server: answers("RCPT", "550 5.1.1 <ann@example.org> unknown"), permanent: true, want: "RCPT: 550 5.1.1 [redacted] unknown"},
		{name: "full mailbox is tried again", server: answers("RCPT", "452 4.2.2 full"), want: "RCPT: 452 4.2.2 full"},
		{name: "refused sender is permanent", server: answers("MAIL", "553 no"), permanent: true, want: "MAIL: 553"},
		{name: "sign-in demanded is tried again", server: answers("MAIL", "530 5.7.0 who are you"), want: "MAIL: 530"},
		{name: "refused content is permanent", server: answers(".", "554 spam: https://example.com/?token=SECRET"), permanent: true, want: "DATA: 554 spam: [redacted]"},
		{name: "content for later is tried again", server: answers(".", "451 later"), want: "DATA: 451 later"},
		{name: "no DATA is permanent", server: answers("DATA", "503 no"), permanent: true, want: "DATA: 503"},
		{name: "a server that is closed is tried again", server: answers("greeting", "554 closed"), want: "greeting: 554 closed"},
		{name: "wrong password is tried again", server: &server{user: "ann\x00other"}, change: signIn, want: "AUTH: 535 the server refuses"},
		{name: "wrong password by LOGIN", server: &server{user: "ann\x00other", mechs: "LOGIN"}, change: signIn, want: "AUTH: 535 the server refuses"},
		{name: "no mechanism in common", server: &server{user: "ann\x00correct horse", mechs: "CRAM-MD5"}, change: signIn, want: "no way to sign in"},
		{name: "no sign-in offered", server: &server{}, change: signIn, want: "no way to sign in"},
		{name: "no STARTTLS offered", server: &server{noTLS: true}, want: "STARTTLS: the server does not offer it"},
		{name: "STARTTLS refused", server: answers("STARTTLS", "454 not now"), want: "STARTTLS: 454 not now"},
		{name: "unknown authority", server: &server{}, change: func(c *mail.SMTPConfig) { c.RootCAs = nil }, want: "certificate"},
		{name: "unknown authority by TLS", server: &server{implicit: true},
			change: func(c *mail.SMTPConfig) { c.RootCAs, c.Mode = nil, mail.TLS }, want: "certificate"},
		{name: "certificate of another", server: &server{}, change: func(c *mail.SMTPConfig) { c.Host = "localhost" }, want: "certificate"},
		{name: "old TLS", server: &server{maxTLS: tls.VersionTLS11}, want: "protocol version"},
		{name: "no TLS where it is expected", server: &server{}, change: func(c *mail.SMTPConfig) { c.Mode = mail.TLS }, want: "TLS: "},
		{name: "international local part", server: &server{}, message: func(m *mail.Message) { m.To.Address = "jörg@example.org" }, permanent: true, want: "SMTPUTF8"},
		{name: "invalid message", server: &server{}, message: func(m *mail.Message) { m.Subject = "a\r\nBcc: x@y.z" }, permanent: true, want: "Subject"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.server.start(t)
			m := sample()
			if tt.message != nil {
				tt.message(&m)
			}
			err := s.sender(t, tt.change).Send(t.Context(), m)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if got := mail.IsPermanent(err); got != tt.permanent {
				t.Errorf("permanent is %t of %v", got, err)
			}
			for _, secret := range []string{"correct horse", "Y29ycmVj", "AGFubgBj", "@example.org", "SECRET"} {
				if strings.Contains(fmt.Sprintf("%+v %#v", err, err), secret) {
					t.Errorf("%q stands in %v", secret, err)
				}
			}
			if n := len(s.received()); n > 0 {
				t.Errorf("%d mails were taken all the same", n)
			}
			if c := s.commands(); strings.Contains(c, "AUTH") && !strings.Contains(c, "STARTTLS") {
				t.Errorf("the password went in the clear:\n%s", c)
			}
		})
	}
}

func TestSMTPInternationalAddress(t *testing.T) {
	s := (&server{utf8: true}).start(t)
	m := sample()
	sender := s.sender(t, nil)
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.To.Address = "jörg@example.org"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.received()
	if strings.Contains(got[0].from, "SMTPUTF8") || !strings.HasSuffix(got[1].from, " SMTPUTF8") {
		t.Errorf("SMTPUTF8 is to be asked for when it is needed: %q", got)
	}
	if got[1].to != "TO:<jörg@example.org>" || !strings.Contains(got[1].data, "To: <jörg@example.org>\r\n") {
		t.Errorf("received %+v", got[1])
	}
}

func TestSMTPEnds(t *testing.T) {
	for _, hang := range []string{"greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "."} {
		t.Run("by its time-out, hanging at "+hang, func(t *testing.T) {
			s := (&server{hang: hang, user: "ann\x00correct horse"}).start(t)
			sender := s.sender(t, func(c *mail.SMTPConfig) { signIn(c); c.Timeout = 300 * time.Millisecond })
			start := time.Now()
			err := sender.Send(t.Context(), sample())
			if !errors.Is(err, context.DeadlineExceeded) || mail.IsPermanent(err) {
				t.Errorf("got %v, want a time-out to try again after", err)
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("took %s", d)
			}
		})
	}
	t.Run("by its context", func(t *testing.T) {
		s := (&server{hang: "MAIL"}).start(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := s.sender(t, nil).Send(ctx, sample()); !errors.Is(err, context.Canceled) || mail.IsPermanent(err) {
			t.Errorf("got %v", err)
		}
		if err := s.sender(t, nil).Send(ctx, sample()); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
	t.Run("when nobody listens", func(t *testing.T) {
		s := (&server{}).start(t)
		sender := s.sender(t, func(c *mail.SMTPConfig) { c.Port = 1 })
		if err := sender.Send(t.Context(), sample()); err == nil || mail.IsPermanent(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSMTPIsConcurrent(t *testing.T) {
	s := (&server{user: "ann\x00correct horse"}).start(t)
	sender := s.sender(t, signIn)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			m := sample()
			m.ID = fmt.Sprintf("mail_%d", i)
			m.To.Address = fmt.Sprintf("u%d@example.org", i)
			if err := sender.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, r := range s.received() {
		var i int
		if _, err := fmt.Sscanf(r.to, "TO:<u%d@example.org>", &i); err != nil || !strings.Contains(r.data, fmt.Sprintf("<mail_%d@", i)) {
			t.Errorf("%s got another's mail", r.to)
		}
		seen[r.to] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d of 50 arrived", len(seen))
	}
}

func TestSMTPConfig(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    mail.SMTPConfig
		want string // "" is fine
	}{
		{"a host is enough", mail.SMTPConfig{Host: "smtp.example.com"}, ""},
		{"an address of IPv6", mail.SMTPConfig{Host: "::1"}, ""},
		{"no host", mail.SMTPConfig{}, "Host"},
		{"a host with a port", mail.SMTPConfig{Host: "smtp.example.com:25"}, "Host"},
		{"a host with a line break", mail.SMTPConfig{Host: "a\r\nb"}, "Host"},
		{"a port too high", mail.SMTPConfig{Host: "a", Port: 65536}, "Port"},
		{"an unknown mode", mail.SMTPConfig{Host: "a", Mode: 7}, "Mode"},
		{"a user without a password", mail.SMTPConfig{Host: "a", Username: "u"}, "Password"},
		{"a password without a user", mail.SMTPConfig{Host: "a", Password: "p"}, "Password"},
		{"a password in the clear", mail.SMTPConfig{Host: "a", Username: "u", Password: "p", Mode: mail.InsecurePlaintext}, "InsecurePlaintext"},
		{"a password in the clear at home", mail.SMTPConfig{Host: "127.0.0.1", Username: "u", Password: "p", Mode: mail.InsecurePlaintext}, ""},
		{"a password in the clear at home, by name", mail.SMTPConfig{Host: "localhost", Username: "u", Password: "p", Mode: mail.InsecurePlaintext}, ""},
		{"a negative time-out", mail.SMTPConfig{Host: "a", Timeout: -1}, "Timeout"},
		{"a HELO with a line break", mail.SMTPConfig{Host: "a", HELO: "x\r\nMAIL"}, "HELO"},
	} {
		_, err := mail.SMTP(tt.c)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, mail.ErrInvalidConfig) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	_, err := mail.SMTP(mail.SMTPConfig{Port: -1, Timeout: -1})
	for _, want := range []string{"Host", "Port", "Timeout"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestSMTPHidesThePassword(t *testing.T) {
	c := mail.SMTPConfig{Host: "smtp.example.com", Username: "ann", Password: "correct horse"}
	sender, err := mail.SMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&logged, nil)), slog.New(slog.NewJSONHandler(&logged, nil))} {
		log.Info("x", "c", c, "p", &c, "s", sender, "in", struct{ C mail.SMTPConfig }{c})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{c, &c, sender, struct{ C mail.SMTPConfig }{c}, []any{c, sender}} {
			fmt.Fprintf(&logged, verb+"\n", v)
		}
	}
	for _, secret := range []string{"correct horse", "636f727265637420686f727365"} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("printed the password:\n%s", &logged)
		}
	}
}
