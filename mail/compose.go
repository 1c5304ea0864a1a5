package mail

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// WriteTo writes the message as it travels: headers, then the text and the HTML as
// alternatives (RFC 5322, RFC 2045). It is for senders of a host's own that take a whole
// mail. Errors wrap [ErrInvalidMessage] or are the writer's.
//
// The mail asks machines not to answer: Auto-Submitted (RFC 3834) for those that follow
// the standard, X-Auto-Response-Suppress for Exchange.
func (m Message) WriteTo(w io.Writer) (int64, error) {
	if err := m.Validate(); err != nil {
		return 0, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	// These take parsed addresses. The ones that take strings put them together first
	// and read them again.
	msg.FromMailAddress(m.From.std())
	msg.ToMailAddress(m.To.std())
	msg.Subject(strings.Join(strings.Fields(m.Subject), " "))
	date, id := m.Date, m.ID
	if date.IsZero() {
		date = time.Now()
	}
	if id == "" {
		id = rand.Text()
	}
	msg.SetDateWithValue(date.UTC())
	msg.SetMessageIDWithValue(id + "@" + m.From.domain())
	if m.Locale != "" {
		msg.SetGenHeader("Content-Language", m.Locale)
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	n, err := msg.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("mail: writing the message: %w", err)
	}
	return n, nil
}
