package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/torii-go/torii/mail"
)

// server is a small SMTP server on loopback.
type server struct {
	// What it does. Set before start.
	implicit bool              // TLS from the first byte
	noTLS    bool              // STARTTLS is not offered
	maxTLS   uint16            // the newest version of TLS it speaks
	user     string            // "user\x00password"; without it AUTH is not offered
	mechs    string            // offered for AUTH, "PLAIN" if empty
	utf8     bool              // SMTPUTF8 is offered
	answers  map[string]string // instead of its own, by command; "." is the end of DATA
	hang     string            // the command after which it says nothing; "greeting" is before all

	port  int
	roots *x509.CertPool
	cert  tls.Certificate

	mu    sync.Mutex
	mails []received // guarded by mu
	log   []string   // guarded by mu: commands, with those of AUTH
}

type received struct{ from, to, data string }

func (s *server) start(t *testing.T) *server {
	t.Helper()
	s.certify(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				over := make(chan struct{})
				go func() {
					select {
					case <-done:
					case <-over:
					}
					conn.Close()
				}()
				s.serve(conn)
				close(over)
			})
		}
	})
	t.Cleanup(func() { close(done); l.Close(); all.Wait() })
	return s
}

// certify makes a certificate for 127.0.0.1 that signs itself.
func (s *server) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(leaf)
}

// sender connects to the server, with what change makes of the configuration.
func (s *server) sender(t *testing.T, change func(*mail.SMTPConfig)) mail.Sender {
	t.Helper()
	c := mail.SMTPConfig{Host: "127.0.0.1", Port: s.port, RootCAs: s.roots, Timeout: 5 * time.Second, HELO: "client.example"}
	if change != nil {
		change(&c)
	}
	sender, err := mail.SMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func (s *server) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

// commands joins what clients have said, a line each.
func (s *server) commands() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "\n")
}

func (s *server) serve(conn net.Conn) {
	config := &tls.Config{Certificates: []tls.Certificate{s.cert}, MinVersion: tls.VersionTLS10, MaxVersion: s.maxTLS} // #nosec G402
	encrypted := s.implicit
	if s.implicit {
		conn = tls.Server(conn, config)
	}
	in := bufio.NewReader(conn)
	if s.hang == "greeting" {
		_, _ = in.ReadString('\n')
		return
	}
	say := func(verb, usual string) {
		if answer, ok := s.answers[verb]; ok {
			usual = answer
		}
		fmt.Fprintf(conn, "%s\r\n", usual)
	}
	say("greeting", "220 sink ESMTP")
	var m received
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.log = append(s.log, line)
		s.mu.Unlock()
		verb, rest, _ := strings.Cut(line, " ")
		if verb == s.hang {
			_, _ = in.ReadString('\n')
			return
		}
		switch verb {
		case "EHLO":
			say(verb, s.ehlo(encrypted))
		case "STARTTLS":
			say(verb, "220 go on")
			conn = tls.Server(conn, config)
			in, encrypted = bufio.NewReader(conn), true
		case "AUTH":
			if s.signedIn(conn, in, rest) {
				say(verb, "235 welcome")
			} else {
				say(verb, "535 5.7.8 no such user or password "+rest)
			}
		case "MAIL":
			m = received{from: rest}
			say(verb, "250 ok")
		case "RCPT":
			m.to = rest
			say(verb, "250 ok")
		case "DATA":
			say(verb, "354 go on")
			if s.answers[verb] != "" {
				continue
			}
			for line != ".\r\n" {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				m.data += strings.TrimPrefix(line, ".")
			}
			if s.hang == "." {
				_, _ = in.ReadString('\n')
				return
			}
			if s.answers["."] == "" {
				s.mu.Lock()
				s.mails = append(s.mails, m)
				s.mu.Unlock()
			}
			say(".", "250 taken")
		case "QUIT":
			say(verb, "221 bye")
			return
		default:
			say(verb, "500 what?")
		}
	}
}

func (s *server) ehlo(encrypted bool) string {
	lines := []string{"sink"}
	if !s.noTLS && !encrypted {
		lines = append(lines, "STARTTLS")
	}
	if s.user != "" {
		mechs := s.mechs
		if mechs == "" {
			mechs = "PLAIN"
		}
		lines = append(lines, "AUTH "+mechs)
	}
	if s.utf8 {
		lines = append(lines, "SMTPUTF8")
	}
	for i, line := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = strconv.Itoa(250) + sep + line
	}
	return strings.Join(lines, "\r\n")
}

// signedIn runs PLAIN and LOGIN.
func (s *server) signedIn(conn net.Conn, in *bufio.Reader, rest string) bool {
	decode := func(text string) string {
		raw, _ := base64.StdEncoding.DecodeString(strings.TrimRight(text, "\r\n"))
		return string(raw)
	}
	ask := func(question string) string {
		fmt.Fprintf(conn, "334 %s\r\n", base64.StdEncoding.EncodeToString([]byte(question)))
		line, _ := in.ReadString('\n')
		return decode(line)
	}
	mech, first, _ := strings.Cut(rest, " ")
	if mech == "LOGIN" {
		return ask("Username:")+"\x00"+ask("Password:") == s.user
	}
	return decode(first) == "\x00"+s.user
}
