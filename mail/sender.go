package mail

import "context"

// Sender carries a message to its recipient, or to whoever will carry it on. It is safe
// for concurrent use.
//
// Send returns nil when the message has been taken over, and then never reports it as
// failed. After an error it may, seldom, have been taken over all the same: its answer
// was lost. A caller that tries again does so with the same [Message.ID].
//
// A Sender of a host's own, for a provider's API, begins with [Message.Validate], wraps
// with [Permanent] what another try cannot cure, and puts no address and no content into
// its errors: they are logged.
type Sender interface {
	Send(ctx context.Context, m Message) error
}
