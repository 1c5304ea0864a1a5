package auth

import (
	"context"
	"time"

	"github.com/torii-go/torii/ent"
)

// The kinds of event. New ones may be added.
const (
	EventUserCreated        = "user.created"
	EventUserUpdated        = "user.updated"
	EventUserDisabled       = "user.disabled"
	EventUserEnabled        = "user.enabled"
	EventUserDeleted        = "user.deleted"
	EventAccountReclaimed   = "account.reclaimed"
	EventEmailVerified      = "email.verified"
	EventEmailChangeAsked   = "email.change_requested"
	EventEmailChanged       = "email.changed"
	EventEmailChangeUndone  = "email.change_undone"
	EventSignedIn           = "sign_in.succeeded"
	EventSignInFailed       = "sign_in.failed"
	EventSignUpPending      = "sign_up.pending"
	EventSignInPending      = "sign_in.pending"
	EventLimited            = "sign_in.limited"
	EventSignedOut          = "session.ended"
	EventSessionRevoked     = "session.revoked"
	EventSessionsRevoked    = "sessions.revoked"
	EventSteppedUp          = "step_up.succeeded"
	EventStepUpFailed       = "step_up.failed"
	EventIdentityLinked     = "identity.linked"
	EventIdentityUnlinked   = "identity.unlinked"
	EventCredentialAdded    = "credential.added"
	EventCredentialChanged  = "credential.changed"
	EventCredentialRenamed  = "credential.renamed"
	EventCredentialRemoved  = "credential.removed"
	EventCredentialFlagged  = "credential.change_required"
	EventCounterBackwards   = "credential.counter_backwards"
	EventBackupChanged      = "credential.backup_changed"
	EventMailFailed         = "mail.failed"
	EventOperationRefused   = "operation.refused"
	failureEventGracePeriod = 5 * time.Second
)

// Event is something that happened to an account: a line of the audit log, and what
// hooks are told. Events of changes are written in the transaction of the change,
// events of refusals by themselves, so that they outlive what was rolled back.
type Event struct {
	Kind string
	// At is the time of the transaction, UTC.
	At        time.Time
	UserID    string
	SessionID string
	// Provider is the name of the provider that proved or tried to prove somebody.
	Provider string
	// Code is the public code of a refusal.
	Code string
	// Subject stands for an identifier that belongs to no account: an HMAC of it, since
	// people type passwords there.
	Subject string
	// IP and UserAgent are the client's, if the call came with one.
	IP        string
	UserAgent string
}

// Hook is called in the transaction of every change, with its event. Whatever it
// writes through tx lives and dies with the change. An error stops the change: wrap
// [ErrRefused] (or another [Error]) to refuse it in words a client may see; any other
// is an internal error. A hook may run again if the transaction is repeated, so it has
// no effects but through tx.
type Hook func(ctx context.Context, tx *Tx, e Event) error

// by fills in who is asking.
func (e Event) by(c Client) Event {
	e.IP, e.UserAgent = c.ip(), c.UserAgent
	return e
}

// write appends the event to the log. An id that a caller made up is left out: it names
// nobody.
func (e Event) write(ctx context.Context, c *ent.Client) error {
	if !isID(e.UserID) {
		e.UserID = ""
	}
	if !isID(e.SessionID) {
		e.SessionID = ""
	}
	return c.AuthEvent.Create().
		SetKind(e.Kind).
		SetUserID(e.UserID).
		SetSessionID(e.SessionID).
		SetProvider(e.Provider).
		SetCode(e.Code).
		SetSubject(e.Subject).
		SetIP(e.IP).
		SetUserAgent(e.UserAgent).
		SetCreatedAt(e.At).
		Exec(ctx)
}

// writeFailure appends the event of a refusal by itself, and outlives the request: a
// client that hangs up does not erase what it tried.
func (a *Auth) writeFailure(ctx context.Context, e Event) {
	if e.Kind == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureEventGracePeriod)
	defer cancel()
	e.At = a.now()
	if err := e.write(ctx, a.client); err != nil {
		a.log.ErrorContext(ctx, "auth: event lost", "kind", e.Kind, "error", err)
	}
}
