package mail

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// Outbox is a Sender for tests that keeps what it is given. The zero value is ready and
// empty. It must not be copied after its first use.
type Outbox struct {
	mu       sync.Mutex
	messages []Message // guarded by mu
	err      error     // guarded by mu
}

// Send keeps the message, or returns what Fail was given. Like the senders that deliver,
// it refuses invalid messages and a context that has ended.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return o.err
	}
	o.messages = append(o.messages, m)
	return nil
}

// Fail makes every Send from now on return err and keep nothing; nil ends that.
func (o *Outbox) Fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

// Messages returns all messages, the oldest first.
func (o *Outbox) Messages() []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.messages)
}

// Last returns the latest message to an address, and whether there is one. The empty
// address stands for any.
func (o *Outbox) Last(address string) (Message, bool) {
	for _, m := range slices.Backward(o.Messages()) {
		if address == "" || m.To.Address == address {
			return m, true
		}
	}
	return Message{}, false
}

// Clear forgets all messages.
func (o *Outbox) Clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = nil
}

var (
	anyLink = regexp.MustCompile(`https?://[^\s<>"]+`)
	anyCode = regexp.MustCompile(`(?m)^ {4}([0-9A-Za-z-]+)\r?$`)
)

// Links returns the addresses of the web in the text, in their order.
func (m Message) Links() []string { return anyLink.FindAllString(m.Text, -1) }

// Code returns the code in the text, where the layout of [DefaultCatalogue] puts it: on a
// line of its own that begins with four spaces. It is "" if there is none.
func (m Message) Code() string {
	if found := anyCode.FindStringSubmatch(m.Text); found != nil {
		return found[1]
	}
	return ""
}
