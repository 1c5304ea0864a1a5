package mail

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a message, in bytes.
const (
	maxSubject = 500
	maxBody    = 1 << 20
	maxID      = 128
	maxLocale  = 35
)

// Message is one mail to one recipient. There are no free headers: what is not a field
// cannot be set.
type Message struct {
	// From is who sends. Required.
	From Address
	// To is who receives. Required, exactly one.
	To Address
	// Subject is one line, at most 500 bytes. Required.
	Subject string
	// Text is the mail as plain text, at most 1 MiB. Required.
	Text string
	// HTML is the mail as HTML. Optional; the default is a mail of text alone.
	HTML string
	// Locale is the language of the words, such as "de" or "pt-BR", for the header
	// Content-Language. Optional.
	Locale string
	// ID makes tries of one mail recognisable as such: the header Message-ID becomes
	// <ID@domain of From>. ASCII letters, digits, hyphens, dots and underscores, at most
	// 128. The default is a random one for every try. It is seen by the recipient: no secret.
	ID string
	// Date is the header Date. The default is the time of sending.
	Date time.Time
}

// Format prints the message without its content and its recipient, for every verb: a
// link in a log is a key in a log. Read the fields to see them.
func (m Message) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "mail %q [redacted]", m.ID) }

// LogValue gives package slog what Format prints.
func (m Message) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }

// Validate tells whether the message can be sent: everything required is there, nothing
// is too long, and no field has a control character, which in a header would begin
// another header. Line breaks and tabs are allowed in Text and HTML. Every Sender of this
// package asks it first. Errors wrap [ErrInvalidMessage] and name the field.
func (m Message) Validate() error {
	if err := m.From.validate("From"); err != nil {
		return err
	}
	if err := m.To.validate("To"); err != nil {
		return err
	}
	if err := validateLine("Subject", m.Subject, maxSubject); err != nil {
		return err
	}
	if strings.TrimSpace(m.Subject) == "" {
		return invalid("Subject", "is missing")
	}
	if strings.TrimSpace(m.Text) == "" {
		return invalid("Text", "is missing")
	}
	if err := validateBody("Text", m.Text); err != nil {
		return err
	}
	if err := validateBody("HTML", m.HTML); err != nil {
		return err
	}
	if len(m.Locale) > maxLocale || strings.ContainsFunc(m.Locale, func(r rune) bool { return !isAlphanumeric(r) && r != '-' }) {
		return invalid("Locale", "is not a language tag")
	}
	if len(m.ID) > maxID || m.ID != "" && (!isDotAtom(m.ID) || strings.ContainsFunc(m.ID, isForeignToID)) {
		return invalid("ID", "has other characters than letters, digits, hyphens, dots and underscores, or too many")
	}
	return nil
}

func isForeignToID(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("-._", r) }

// validateLine checks what becomes part of a header or of a line of text.
func validateLine(field, s string, limit int) error {
	switch {
	case len(s) > limit:
		return invalid(field, "is too long")
	case !utf8.ValidString(s):
		return invalid(field, "is not UTF-8")
	case strings.ContainsFunc(s, isControl):
		return invalid(field, "has a line break or a control character")
	}
	return nil
}

func validateBody(field, s string) error {
	switch {
	case len(s) > maxBody:
		return invalid(field, "is longer than 1 MiB")
	case !utf8.ValidString(s):
		return invalid(field, "is not UTF-8")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\r\n\t", r) }):
		return invalid(field, "has a control character")
	}
	return nil
}

// isControl covers control characters, Unicode's own line breaks, and what turns the
// direction of writing, with which a line can be made to read as another.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || isDirection(r)
}

func isDirection(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
