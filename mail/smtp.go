package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Mode is how a connection to the mail server is protected.
type Mode int

const (
	// STARTTLS begins in the clear and goes on encrypted, before anything is said. A
	// server that does not offer it is refused. The default.
	STARTTLS Mode = iota
	// TLS is encrypted from the first byte.
	TLS
	// InsecurePlaintext is never encrypted: whoever carries the packets can sign in with
	// the links. For a catcher of mails on the developer's machine.
	InsecurePlaintext
)

// SMTPConfig says how to reach the mail server. Only Host is required.
type SMTPConfig struct {
	// Host is the server's name, which its certificate must be for, or its IP address.
	Host string
	// Port is the server's. The default is 587 for STARTTLS, 465 for TLS and 25 for
	// InsecurePlaintext.
	Port int
	// Username and Password are used together, by SCRAM-SHA-256, PLAIN or LOGIN, whatever
	// the server offers first in that order. The default is to send without signing in.
	Username string
	// Password is the secret beside Username. It is printed by no verb of fmt and no
	// handler of slog.
	Password string `json:"-"`
	// Mode is how the connection is protected. The default requires STARTTLS.
	// InsecurePlaintext with a Username works with a loopback host only.
	Mode Mode
	// Timeout bounds a whole delivery, from the look-up of the host to the server's last
	// answer. The default is 10 s; the context may end it earlier.
	Timeout time.Duration
	// HELO is the name by which the client introduces itself. The default is the
	// machine's host name, or "localhost" if it has none that is valid.
	HELO string
	// RootCAs are the authorities that the server's certificate may come from. The
	// default is the system's; set it for a server with a private authority.
	RootCAs *x509.CertPool
}

const defaultTimeout = 10 * time.Second

// Format prints the configuration without the password, for every verb.
func (c SMTPConfig) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, c.describe()) }

// LogValue gives package slog the configuration without the password.
func (c SMTPConfig) LogValue() slog.Value { return slog.StringValue(c.describe()) }

func (c SMTPConfig) describe() string {
	return fmt.Sprintf("SMTP server %s, port %d, mode %d, user %t", c.Host, c.Port, int(c.Mode), c.Username != "")
}

// SMTP makes a Sender that delivers to one mail server, over a connection of its own for
// each message. TLS is 1.2 or later and the server's certificate is verified. It connects
// for the first time when it sends. Errors wrap [ErrInvalidConfig] and name every field
// that is wrong.
//
// Send's errors are permanent if the server answered 5xx to this message or its
// recipient. That it refuses the sign-in, or cannot be reached, is not the message's
// fault and worth another try.
func SMTP(c SMTPConfig) (Sender, error) {
	ports := map[Mode]int{STARTTLS: 587, TLS: 465, InsecurePlaintext: 25}
	var problems []error
	problem := func(text string) { problems = append(problems, fmt.Errorf("%w: %s", ErrInvalidConfig, text)) }
	if !isDomain(c.Host) && net.ParseIP(c.Host) == nil {
		problem("Host: set the server's name or IP address, without a port")
	}
	if _, ok := ports[c.Mode]; !ok {
		problem("Mode: use STARTTLS, TLS or InsecurePlaintext")
	}
	if c.Port == 0 {
		c.Port = ports[c.Mode]
	}
	if c.Port < 0 || c.Port > 65535 {
		problem("Port: use 1 to 65535, or 0 for the mode's own")
	}
	if (c.Username == "") != (c.Password == "") {
		problem("Username and Password: set both or neither")
	}
	if c.Mode == InsecurePlaintext && c.Username != "" && !isLoopback(c.Host) {
		problem("Mode: InsecurePlaintext would send the password in the clear; use STARTTLS or TLS")
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Timeout < 0 {
		problem("Timeout: use a positive duration, or 0 for 10 s")
	}
	if c.HELO == "" {
		c.HELO = helo()
	}
	if !isDomain(c.HELO) {
		problem("HELO: use a host name")
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	s := &smtpSender{
		host: c.Host, address: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), helo: c.HELO, mode: c.Mode, timeout: c.Timeout,
		tls: &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
	}
	if c.Username != "" {
		s.auth = func(offered string) (smtp.Auth, error) { return authentication(c, strings.Fields(offered)) }
	}
	return s, nil
}

// authentication chooses among the mechanisms that the server offers.
func authentication(c SMTPConfig, offered []string) (smtp.Auth, error) {
	local := c.Mode == InsecurePlaintext // and loopback, which SMTP has seen to
	switch {
	case slices.Contains(offered, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(c.Username, c.Password), nil
	case slices.Contains(offered, "PLAIN"):
		return smtp.PlainAuth("", c.Username, c.Password, c.Host, local), nil
	case slices.Contains(offered, "LOGIN"):
		return smtp.LoginAuth(c.Username, c.Password, c.Host, local), nil
	}
	return nil, errNoMechanism
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func helo() string {
	name, err := os.Hostname()
	if err != nil || !isDomain(name) {
		return "localhost"
	}
	return name
}
