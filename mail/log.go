package mail

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// logSender writes mails for a person to read.
type logSender struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

// Log makes a Sender that writes the text of each mail to w, for a developer who reads
// along in a terminal. It must not be used in production: whoever reads the log can sign
// in with the links. Each mail is one Write; characters that steer a terminal are
// replaced.
func Log(w io.Writer) Sender { return &logSender{w: w} }

func (l *logSender) Send(ctx context.Context, m Message) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mail: log: %w", err)
	}
	const rule = "----------------------------------------------------------------------"
	// Names stand decoded here; only the address is sure to be what it looks like.
	text := fmt.Sprintf("%s\nTo: %s\nSubject: %s\n\n%s\n%s\n", rule, m.To.Address, m.Subject, strings.TrimSpace(m.Text), rule)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.w, harmless(text)); err != nil {
		return fmt.Errorf("mail: log: %w", err)
	}
	return nil
}

// harmless replaces what a terminal would obey rather than show.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || isDirection(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
