package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

var errNoMechanism = errors.New("the server offers no way to sign in that is known: SCRAM-SHA-256, PLAIN, LOGIN")

// smtpSender delivers to one server. The password is in auth alone, a function, so that
// nothing that prints values can reach it.
type smtpSender struct {
	host, address, helo string
	mode                Mode
	timeout             time.Duration
	tls                 *tls.Config
	auth                func(offered string) (smtp.Auth, error) // nil: none
}

func (s *smtpSender) Send(ctx context.Context, m Message) error {
	var data bytes.Buffer
	if _, err := m.WriteTo(&data); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("mail: smtp: %w", err)
	}
	// Whatever waits for the server ends with the context.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() { stop(); _ = conn.Close() }()
	stage, err := s.deliver(ctx, conn, m, data.Bytes())
	switch {
	case err == nil || IsPermanent(err):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("mail: smtp: %s: %w", stage, ctx.Err())
	}
	return explain(stage, err)
}

// deliver speaks SMTP. It returns how far it came.
func (s *smtpSender) deliver(ctx context.Context, conn net.Conn, m Message, data []byte) (stage string, err error) {
	if s.mode == TLS {
		encrypted := tls.Client(conn, s.tls)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return "TLS", err
		}
		conn = encrypted
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return "greeting", err
	}
	if err := c.Hello(s.helo); err != nil {
		return "EHLO", err
	}
	if s.mode == STARTTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return "STARTTLS", errors.New("the server does not offer it, and without it the mail would go in the clear")
		}
		if err := c.StartTLS(s.tls); err != nil {
			return "STARTTLS", err
		}
	}
	if s.auth != nil {
		_, offered := c.Extension("AUTH")
		auth, err := s.auth(offered)
		if err != nil {
			return "AUTH", err
		}
		if err := c.Auth(auth); err != nil {
			return "AUTH", withoutText(err)
		}
	}
	return transfer(c, m, data)
}

// transfer hands over one message to a server that knows us.
func transfer(c *smtp.Client, m Message, data []byte) (stage string, err error) {
	international := !isASCII(m.From.Address) || !isASCII(m.To.Address)
	if ok, _ := c.Extension("SMTPUTF8"); international && !ok {
		return "MAIL", Permanent(errors.New("mail: smtp: the server does not offer SMTPUTF8, which the address needs"))
	}
	// Asked for without need, it keeps a mail from servers further on that lack it.
	c.SkipSMTPUTF8(!international)
	if err := c.Mail("<" + m.From.Address + ">"); err != nil {
		return "MAIL", err
	}
	if err := c.Rcpt("<" + m.To.Address + ">"); err != nil {
		return "RCPT", err
	}
	w, err := c.Data()
	if err != nil {
		return "DATA", err
	}
	if _, err := w.Write(data); err != nil {
		return "DATA", err // without Close, which would send the half as the whole
	}
	if err := w.Close(); err != nil {
		return "DATA", err
	}
	// It is the server's now. How the farewell goes matters to nobody: an error here
	// would make the caller send it twice.
	_ = c.UpdateDeadline(time.Second)
	_ = c.Quit()
	return "", nil
}

// withoutText keeps what a server says about a sign-in out of the logs: it may repeat
// what it was sent.
func withoutText(err error) error {
	var network net.Error
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		return &textproto.Error{Code: answer.Code, Msg: "the server refuses the user name or the password"}
	case errors.As(err, &network):
		return network
	}
	return errors.New("signing in failed")
}

// explain turns a server's answer into an error that may be logged, and judges it.
func explain(stage string, err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("mail: smtp: %s: %w", stage, err)
	}
	err = fmt.Errorf("mail: smtp: %s: %d %s", stage, answer.Code, redact(answer.Msg))
	switch answer.Code {
	case 530, 534, 535, 538: // authentication (RFC 4954): the next try may have a better password
		return err
	}
	if aboutMessage := stage == "MAIL" || stage == "RCPT" || stage == "DATA"; aboutMessage && answer.Code >= 500 {
		return Permanent(err)
	}
	return err
}

// redact takes out what servers like to repeat, addresses and links with their secrets,
// and cuts to what fits a log.
func redact(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || isControl(r) })
	for i, word := range words {
		if strings.ContainsAny(word, "@/=") {
			words[i] = "[redacted]"
		}
	}
	text = strings.ToValidUTF8(strings.Join(words, " "), "?")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	return text
}
